use std::time::Duration;

use bus::{Bus, Decision};
use contracts::messages::v1::{Event, TrackingChanged, event::Payload};
use db::outbox::{NewEvent, Relay, Schema, append, log};
use db::{SystemTx, TenantTx};
use prost::Message;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::database;

fn event(tenant: Uuid, number: i64) -> NewEvent {
    let tracking = TrackingChanged {
        tracking_id: number.to_string(),
        listing_id: number,
        live: true,
        ..Default::default()
    };
    NewEvent {
        tenant_id: Some(tenant),
        kind: "tracking.created",
        subject: number.to_string(),
        version: 1,
        message: Some(Payload::TrackingChanged(tracking)),
        data: Some(json!({ "number": number })),
    }
}

#[tokio::test]
async fn appended_events_are_published_in_order_and_can_be_read_back_by_their_tenant() {
    let database = database().await;
    let bus = Bus::connect(&database.env.amqp_url, &database.env.amqp_prefix, []).expect("a bus");
    let stop = CancellationToken::new();
    let (sender, mut received) = mpsc::unbounded_channel();
    let consumer = tokio::spawn({
        let (bus, stop) = (bus.clone(), stop.clone());
        async move {
            let queue = bus.topology().events_queue("crawler");
            let handler = move |message: bus::Incoming| {
                let sender = sender.clone();
                async move {
                    sender
                        .send((
                            message.routing_key,
                            Event::decode(message.body).expect("decodes"),
                        ))
                        .expect("open");
                    Decision::Done
                }
            };
            bus.consume(&queue, 1, stop, handler).await
        }
    });
    bus.connected().await;
    let relay = Relay::new(
        Schema::Catalog,
        database.pools.system.clone(),
        bus.publisher(),
        bus.topology().clone(),
    );
    let relay = tokio::spawn(relay.run(stop.clone()));

    // A row that nobody can read does not hold up the others.
    let unreadable = "insert into catalog.outbox (id, kind, subject, version, message)
                      values (gen_random_uuid(), 'tracking.created', '', 1, '\\xff')";
    let tx = SystemTx::begin(&database.pools.system)
        .await
        .expect("begins");
    tx.execute_unprepared(unreadable).await.expect("inserts");
    tx.commit().await.expect("commits");

    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    for number in 0..3 {
        let tx = TenantTx::begin(&database.pools.api, first)
            .await
            .expect("begins");
        append(
            &mut *tx.sqlx().await,
            Schema::Catalog,
            vec![event(first, number)],
        )
        .await
        .expect("appends");
        tx.commit().await.expect("commits");
    }
    let undone = TenantTx::begin(&database.pools.api, first)
        .await
        .expect("begins");
    append(
        &mut *undone.sqlx().await,
        Schema::Catalog,
        vec![event(first, 99)],
    )
    .await
    .expect("appends");
    drop(undone);

    let mut last = 0;
    for number in 0..3 {
        let next = tokio::time::timeout(Duration::from_secs(20), received.recv()).await;
        let (key, event) = next.expect("within the limit").expect("open");
        assert_eq!(
            (key.as_str(), event.subject.as_str()),
            ("catalog.tracking.created", number.to_string().as_str())
        );
        assert!(event.sequence > last, "sequences grow");
        last = event.sequence;
    }
    // Published and marked are one transaction, which may end a moment after the message arrives.
    let tx = loop {
        let tx = SystemTx::begin(&database.pools.system)
            .await
            .expect("begins");
        if log::newest(&tx, Schema::Catalog).await.expect("reads") >= last {
            break tx;
        }
    };
    assert_eq!(
        log::read_after(&tx, Schema::Catalog, 0, 10)
            .await
            .expect("reads")
            .len(),
        3,
        "what was undone is not there"
    );
    drop(tx);
    for (tenant, expected) in [(first, 3), (second, 0)] {
        let tx = TenantTx::begin(&database.pools.api, tenant)
            .await
            .expect("begins");
        let events = log::read_after(&tx, Schema::Catalog, 0, 10)
            .await
            .expect("reads");
        assert_eq!(events.len(), expected);
    }
    stop.cancel();
    relay.await.expect("no panic").expect("ends well");
    consumer.await.expect("no panic").expect("ends well");
}

#[tokio::test]
async fn a_day_with_unpublished_events_is_kept() {
    let database = database().await;
    let days = async |change: &str| {
        let tx = SystemTx::begin(&database.pools.system)
            .await
            .expect("begins");
        tx.execute_unprepared(change).await.expect("changes");
        let statement = Statement::from_string(
            DbBackend::Postgres,
            "select bw.drop_outbox_days('catalog', current_date - 3) as dropped".to_owned(),
        );
        let row = tx.query_one_raw(statement).await.expect("drops");
        tx.commit().await.expect("commits");
        row.expect("a row")
            .try_get::<i32>("", "dropped")
            .expect("a number")
    };
    let append = "select bw.ensure_outbox_days('catalog', current_date - 6, current_date - 5);
                  insert into catalog.outbox (created_at, id, kind, subject, version)
                  values ((current_date - 6)::timestamp at time zone 'UTC', gen_random_uuid(), 'test', '', 1)";
    assert_eq!(days(append).await, 1, "the empty day only");
    assert_eq!(
        days("update catalog.outbox set sequence = 1 where kind = 'test'").await,
        1
    );
}

#[tokio::test]
async fn days_are_kept_without_stopping_anybody_while_a_dump_reads_the_log() {
    let database = database().await;
    let bus = Bus::connect(&database.env.amqp_url, &database.env.amqp_prefix, []).expect("a bus");
    bus.connected().await;
    // A day to drop, and one to make.
    let tx = SystemTx::begin(&database.pools.system)
        .await
        .expect("begins");
    tx.execute_unprepared(
        "select bw.ensure_outbox_days('catalog', current_date - 6, current_date - 5)",
    )
    .await
    .expect("makes");
    tx.commit().await.expect("commits");
    let dump = SystemTx::begin(&database.pools.system)
        .await
        .expect("begins");
    dump.execute_unprepared("select count(*) from catalog.outbox")
        .await
        .expect("reads");
    let tx = SystemTx::begin(&database.pools.system)
        .await
        .expect("begins");
    tx.execute_unprepared(
        "set local lock_timeout = '1s';
         select bw.ensure_outbox_days('catalog', current_date + 8, current_date + 9)",
    )
    .await
    .expect("days are made beside a reader");
    tx.commit().await.expect("commits");

    // The relay cannot drop the old day, and publishes all the same: it keeps house before it does anything else.
    let stop = CancellationToken::new();
    let relay = Relay::new(
        Schema::Catalog,
        database.pools.system.clone(),
        bus.publisher(),
        bus.topology().clone(),
    );
    let relay = tokio::spawn(relay.run(stop.clone()));
    let tenant = Uuid::now_v7();
    let tx = TenantTx::begin(&database.pools.api, tenant)
        .await
        .expect("begins");
    append(
        &mut *tx.sqlx().await,
        Schema::Catalog,
        vec![event(tenant, 1)],
    )
    .await
    .expect("appends");
    tx.commit().await.expect("commits");
    let published = async {
        loop {
            let tx = SystemTx::begin(&database.pools.system)
                .await
                .expect("begins");
            if log::newest(&tx, Schema::Catalog).await.expect("reads") > 0 {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), published)
        .await
        .expect("published beside the reader");
    dump.rollback().await.expect("ends");
    stop.cancel();
    relay.await.expect("no panic").expect("ends well");
}
