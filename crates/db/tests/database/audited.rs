use std::sync::Arc;

use audit::{Act, Actor, Entry, Outcome, Recorder, Subject};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{AuditRecorded, Event};
use db::audited::Outbox;
use db::outbox::Schema;
use db::{Pools, TenantTx};
use prost::Message;
use sea_orm::sqlx::{self, Connection, PgConnection};
use uuid::Uuid;

use crate::{Database, database};

/// The lines that wait in the outbox, with their tenants.
async fn lines(database: &Database) -> Vec<(Option<Uuid>, AuditRecorded)> {
    let mut owner = PgConnection::connect(&database.env.database_url)
        .await
        .expect("the owner");
    let rows: Vec<(Option<Uuid>, Vec<u8>)> = sqlx::query_as(
        "select tenant_id, message from catalog.outbox where kind = 'audit.recorded' order by created_at, id",
    )
    .fetch_all(&mut owner)
    .await
    .expect("rows");
    let read = |message: Vec<u8>| match Event::decode(&*message).expect("an event").payload {
        Some(Payload::AuditRecorded(recorded)) => recorded,
        other => panic!("{other:?}"),
    };
    rows.into_iter()
        .map(|(tenant, message)| (tenant, read(message)))
        .collect()
}

/// Changes something; what does not matter.
async fn change(tx: &TenantTx) {
    sqlx::query(
        "insert into catalog.idempotency_key (tenant_id, operation, key, request_sha256) values ($1, 'test', $2, '')",
    )
    .bind(tx.tenant_id())
    .bind(Uuid::now_v7().to_string())
    .execute(&mut *tx.sqlx().await)
    .await
    .expect("a row");
}

fn act() -> Arc<Act> {
    let act = Act::new("create_tracking", Subject::new("tracking", ""));
    Arc::new(act.from("203.0.113.9".to_owned(), "a test", String::new()))
}

fn audited(pools: &Pools) -> Pools {
    pools.clone().audited(Schema::Catalog)
}

#[tokio::test]
async fn a_request_that_changes_something_commits_one_line_with_its_first_change() {
    let database = database().await;
    let pools = audited(&database.pools);
    let (tenant, person) = (Uuid::now_v7(), Uuid::now_v7());
    let begin = async || TenantTx::begin(&pools.api, tenant).await.expect("begins");
    let act = act();
    audit::scope(Arc::clone(&act), async {
        audit::identified(tenant, Actor::user(person), None);
        // Looking changes nothing.
        begin().await.commit().await.expect("read");
        assert!(!act.is_kept());
        // What Bellwether notes for itself is no act either.
        let aside = begin().await;
        change(&aside).await;
        aside.commit_aside().await.expect("noted");
        // What is undone was not done.
        let undone = begin().await;
        change(&undone).await;
        drop(undone);
        assert!(!act.is_kept());
        for id in ["first", "second"] {
            let tx = begin().await;
            change(&tx).await;
            audit::about("tracking", id);
            tx.commit().await.expect("changed");
            assert!(act.is_kept());
        }
    })
    .await;
    // Outside of requests nobody acts.
    let tx = begin().await;
    change(&tx).await;
    tx.commit().await.expect("changed");
    let lines = lines(&database).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (whose, line) = &lines[0];
    assert_eq!(*whose, Some(tenant));
    assert_eq!(line.actor_id, Some(person.to_string()));
    assert_eq!(
        (line.action.as_str(), line.outcome.as_str()),
        ("create_tracking", "done")
    );
    assert_eq!(line.subject_id, "first");
    assert_eq!(
        (line.address.as_str(), line.user_agent.as_str()),
        ("203.0.113.9", "a test")
    );
}

#[tokio::test]
async fn what_no_transaction_kept_goes_the_same_way() {
    let database = database().await;
    let pools = audited(&database.pools);
    let refused = Entry {
        outcome: Outcome::Refused(401),
        ..Entry::by(Actor::ANONYMOUS, "login", None, Subject::new("auth", ""))
    };
    let recorder = Outbox::new(pools.system, Schema::Catalog);
    recorder.record(vec![refused]).await.expect("kept");
    let lines = lines(&database).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].0, None);
    assert_eq!(lines[0].1.status, Some(401));
}
