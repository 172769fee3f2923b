//! Fetches a day and spend a month, as plans allow them.

use bus::Bus;
use chrono::{DateTime, Datelike, NaiveTime, Utc};
use connectors::{amazon, popmart};
use contracts::crawl::v1::GetUsageRequest;
use contracts::crawl::v1::RecordCostRequest;
use contracts::crawl::v1::usage_client::UsageClient;
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, QuotaWarned, TenantRegistered};
use domain::source::Source;
use futures::future::join_all;
use http::StatusCode;
use prost::Message;
use sea_orm::sqlx;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::{Stage, Tracking, is_now};

/// Tells the crawler of a tenant's plan, as user-service's event does.
pub(super) async fn plan(stage: &Stage, tenant: Uuid, plan: &str, version: i64) {
    let event = Event {
        id: Uuid::now_v7().to_string(),
        kind: "tenant.registered".to_owned(),
        subject: tenant.to_string(),
        version,
        tenant_id: Some(tenant.to_string()),
        payload: Some(Payload::TenantRegistered(TenantRegistered {
            slug: "acme".to_owned(),
            plan: plan.to_owned(),
        })),
        ..Event::default()
    };
    stage
        .trackings()
        .apply(&event.encode_to_vec(), None, Utc::now())
        .await
        .expect("applied");
}

pub(super) async fn dispatch(stage: &Stage, source: Source) -> u32 {
    let bus: &Bus = &stage.state.bus;
    let dispatcher = stage.dispatcher_of(source, bus.topology().clone());
    dispatcher.pass().await.expect("dispatched").claimed.total()
}

/// What is counted for a tenant today, and how many rounds were charged for at all.
async fn counted(stage: &Stage, tenant: Uuid) -> (i64, i64) {
    stage
        .one(&format!(
            "select coalesce((select crawls from crawl.day_use where tenant_id = '{tenant}'), 0),
                    (select count(*) from crawl.target where charged_round = round)"
        ))
        .await
}

async fn waiting(stage: &Stage) -> Vec<(i64, String, DateTime<Utc>)> {
    let sql = "select id, waits_for, next_due_at from crawl.target where waits_for is not null order by id";
    sqlx::query_as(sql)
        .fetch_all(stage.state.pools.system.sqlx())
        .await
        .expect("rows")
}

async fn warnings(stage: &Stage) -> Vec<QuotaWarned> {
    let sql = "select message from crawl.outbox where kind = 'quota.warning' order by id";
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(sql)
        .fetch_all(stage.state.pools.system.sqlx())
        .await
        .expect("rows");
    let warned = |(message,): (Vec<u8>,)| match Event::decode(&*message).expect("an event").payload
    {
        Some(Payload::QuotaWarned(warned)) => warned,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(warned).collect()
}

/// As if all had been fetched, and were due in a day.
pub(super) async fn nothing_is_due(stage: &Stage) {
    stage
        .execute(
            "update crawl.target set next_due_at = now() + interval '1 day', last_crawl_at = now()",
        )
        .await;
}

fn begins_a_day(at: DateTime<Utc>) -> bool {
    at.time() == NaiveTime::MIN && at > Utc::now()
}

#[tokio::test]
async fn what_comes_by_a_schedule_waits_for_the_next_day_and_a_larger_plan_lets_it_go() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(3);
    plan(&stage, stage.tenant, "pro", 1).await;
    stage.track(1, 5).await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 3);
    assert_eq!(counted(&stage, stage.tenant).await, (3, 3));
    let held = waiting(&stage).await;
    assert_eq!(held.len(), 2, "{held:?}");
    assert!(
        held.iter()
            .all(|(_, why, at)| why == "crawls_per_day" && begins_a_day(*at)),
        "{held:?}"
    );
    assert_eq!(
        dispatch(&stage, amazon::SOURCE).await,
        0,
        "they are not looked at again and again"
    );
    let told: Vec<_> = warnings(&stage)
        .await
        .into_iter()
        .map(|warned| (warned.used, warned.percent))
        .collect();
    assert_eq!(told, [(3, 100)]);

    // Who is held back has nothing left for what is asked by hand, either.
    let refused = stage
        .client("bw_mine")
        .post("/api/v1/crawl/manual", json!({"product_ids": [held[0].0]}))
        .await;
    let problem = refused.expect(StatusCode::FORBIDDEN);
    assert_eq!(problem["type"], "/api/docs/errors#quota-exceeded");
    assert_eq!(
        [
            &problem["limit"],
            &problem["used"],
            &problem["allowed"],
            &problem["plan"]
        ],
        [
            &json!("crawls_per_day"),
            &json!(3),
            &json!(3),
            &json!("pro")
        ]
    );
    let resets: DateTime<Utc> = problem["resets_at"]
        .as_str()
        .expect("a text")
        .parse()
        .expect("a time");
    assert!(begins_a_day(resets), "{problem}");

    plan(&stage, stage.tenant, "enterprise", 2).await;
    assert!(is_now(stage.target(held[0].0).await.next_due_at));
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 2);
    assert_eq!(waiting(&stage).await, []);
    assert_eq!(counted(&stage, stage.tenant).await, (5, 5));
}

#[tokio::test]
async fn of_many_who_ask_at_once_exactly_as_many_are_admitted_as_are_left() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(4);
    stage.track(1, 10).await;
    nothing_is_due(&stage).await;
    let client = stage.client("bw_mine");
    let ask = |id: i64| {
        let client = client.clone();
        async move {
            client
                .post("/api/v1/crawl/manual", json!({"product_ids": [id]}))
                .await
                .status
        }
    };
    let answers = join_all((1..=10).map(ask)).await;
    let of = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!(
        (of(StatusCode::ACCEPTED), of(StatusCode::FORBIDDEN)),
        (4, 6),
        "{answers:?}"
    );
    assert_eq!(counted(&stage, stage.tenant).await, (4, 4));
    // Only what was admitted is due, and costs nothing more when it is fetched, however often that is tried.
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 4);
    stage
        .execute("update crawl.target set task_id = null where task_id is not null")
        .await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 4);
    assert_eq!(counted(&stage, stage.tenant).await, (4, 4));
    let crawls: (i64,) = stage.one("select count(*) from crawl.crawl").await;
    assert_eq!(crawls.0, 4, "a refused crawl leaves nothing");

    // A whole round is admitted as a whole or not at all.
    let round = client
        .post("/api/v1/crawl/manual", json!({"keywords": []}))
        .await;
    assert_eq!(
        round.expect(StatusCode::FORBIDDEN)["limit"],
        "crawls_per_day"
    );
}

#[tokio::test]
async fn dispatchers_of_several_sources_share_one_count() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(30);
    plan(&stage, stage.tenant, "pro", 1).await;
    for listing in 1..=20 {
        stage.tell(&Tracking::of(stage.tenant, listing)).await;
        let other = Tracking {
            source: "popmart",
            ..Tracking::of(stage.tenant, 100 + listing)
        };
        stage.tell(&other).await;
    }
    let (a, b) = tokio::join!(
        dispatch(&stage, amazon::SOURCE),
        dispatch(&stage, popmart::SOURCE)
    );
    assert_eq!(a + b, 30);
    assert_eq!(counted(&stage, stage.tenant).await, (30, 30));
    assert_eq!(waiting(&stage).await.len(), 10);
}

#[tokio::test]
async fn what_others_track_too_is_paid_by_who_has_something_left() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(1);
    plan(&stage, stage.tenant, "pro", 1).await;
    plan(&stage, stage.other_tenant, "enterprise", 1).await;
    stage.track(1, 3).await;
    for shared in [2, 3] {
        stage.tell(&Tracking::of(stage.other_tenant, shared)).await;
    }
    stage
        .execute(&format!(
            "update crawl.target set payer_id = '{}'",
            stage.tenant
        ))
        .await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 3);
    assert_eq!(counted(&stage, stage.tenant).await, (1, 3));
    assert_eq!(counted(&stage, stage.other_tenant).await, (2, 3));
    assert_eq!(waiting(&stage).await, []);
}

#[tokio::test]
async fn when_the_months_spend_is_used_up_what_costs_waits_or_is_refused() {
    let stage = Stage::new().await;
    stage.peers.script().spend_cents = Some(100);
    plan(&stage, stage.tenant, "pro", 1).await;
    stage.track(1, 1).await;
    let task = stage.dispatch_one().await;
    let (mut work, _) = stage.clients();
    let mut cost = async |run: &str, micro_usd| {
        let request = RecordCostRequest {
            task_id: task.to_string(),
            run: run.to_owned(),
            micro_usd,
            results: None,
        };
        work.record_cost(request).await.expect("recorded");
    };
    cost("run-1", 850_000).await;
    cost("run-1", 850_000).await;
    cost("run-2", 200_000).await;
    let told: Vec<_> = warnings(&stage)
        .await
        .into_iter()
        .filter(|warned| warned.name == "source_spend_cents_per_month")
        .map(|warned| (warned.used, warned.allowed, warned.percent))
        .collect();
    assert_eq!(told, [(85, 100, 80), (105, 100, 100)], "a run counts once");

    // By the schedule: it waits, and says until when.
    stage.track(2, 1).await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 0);
    let held = waiting(&stage).await;
    let [(2, why, until)] = &held[..] else {
        panic!("{held:?}")
    };
    assert_eq!(why, "source_spend_cents_per_month");
    assert!(begins_a_day(*until) && until.day() == 1, "{until}");
    // A standing search is not begun.
    let writes = stage.client("bw_mine_write");
    let monitor = json!({"source": "amazon", "kind": "keyword", "term": "ear buds"});
    writes
        .post("/api/v1/monitors", monitor)
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 0);
    // By hand and at once: refused.
    let refused = |problem: Value| {
        assert_eq!(
            [&problem["limit"], &problem["used"], &problem["allowed"]],
            [
                &json!("source_spend_cents_per_month"),
                &json!(105),
                &json!(100)
            ]
        );
    };
    let mine = stage.client("bw_mine");
    let asked = mine
        .post("/api/v1/crawl/manual", json!({"product_ids": [2]}))
        .await;
    refused(asked.expect(StatusCode::FORBIDDEN));
    let search = writes.get("/api/v1/sources/amazon/search?q=ear+buds").await;
    refused(search.expect(StatusCode::FORBIDDEN));
    assert_eq!(stage.peers.script().searches.len(), 0, "nobody was asked");
    // What costs nothing goes on.
    let free = Tracking {
        source: "popmart",
        ..Tracking::of(stage.tenant, 3)
    };
    stage.tell(&free).await;
    assert_eq!(dispatch(&stage, popmart::SOURCE).await, 1);
    writes.get("/api/v1/sources/popmart/search?q=labubu").await;
    assert_eq!(stage.peers.script().searches.len(), 1);
}

#[tokio::test]
async fn whoever_comes_with_something_left_need_not_wait_for_who_was_there() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(1);
    plan(&stage, stage.tenant, "pro", 1).await;
    plan(&stage, stage.other_tenant, "enterprise", 1).await;
    stage.track(1, 3).await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 1);
    let held = waiting(&stage).await;
    assert_eq!(held.len(), 2, "{held:?}");

    let came = Tracking {
        interval_seconds: 7_200,
        ..Tracking::of(stage.other_tenant, held[0].0)
    };
    stage.tell(&came).await;
    assert!(is_now(stage.target(held[0].0).await.next_due_at));
    assert_eq!(waiting(&stage).await, held[1..], "nobody came for that one");
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 1);
    assert_eq!(counted(&stage, stage.tenant).await, (1, 2));
    assert_eq!(counted(&stage, stage.other_tenant).await, (1, 2));

    // Who comes without anything left waits as the others do.
    plan(&stage, stage.other_tenant, "pro", 2).await;
    stage
        .tell(&Tracking::of(stage.other_tenant, held[1].0))
        .await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 0);
    assert_eq!(waiting(&stage).await, held[1..]);
}

#[tokio::test]
async fn what_stopped_while_it_waited_stays_stopped_whatever_the_plan() {
    let stage = Stage::new().await;
    stage.peers.script().crawls_per_day = Some(0);
    plan(&stage, stage.tenant, "pro", 1).await;
    let paused = Tracking::of(stage.tenant, 1);
    stage.tell(&paused).await;
    stage.track(2, 1).await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 0);
    assert_eq!(waiting(&stage).await.len(), 2);
    let paused = Tracking {
        version: 2,
        live: false,
        ..paused
    };
    stage.tell(&paused).await;
    let held = waiting(&stage).await;
    assert_eq!(held.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [2]);

    // As a version before this one left it.
    stage
        .execute("update crawl.target set waits_for = 'crawls_per_day' where id = 1")
        .await;
    plan(&stage, stage.tenant, "enterprise", 2).await;
    assert_eq!(stage.target(1).await.next_due_at, None);
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 1);
    assert_eq!(counted(&stage, stage.tenant).await.0, 1);
}

#[tokio::test]
async fn while_plans_are_not_known_what_is_due_is_fetched_and_counted() {
    let stage = Stage::new().await;
    plan(&stage, stage.tenant, "pro", 1).await;
    stage.peers.script().user_away = true;
    stage.track(1, 2).await;
    assert_eq!(dispatch(&stage, amazon::SOURCE).await, 2);
    assert_eq!(counted(&stage, stage.tenant).await, (2, 2));
    let asked = stage
        .client("bw_mine")
        .post("/api/v1/crawl/manual", json!({"product_ids": [1]}))
        .await;
    asked.expect(StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn user_service_is_told_what_is_used_and_no_worker() {
    let stage = Stage::new().await;
    plan(&stage, stage.tenant, "pro", 1).await;
    stage.track(1, 2).await;
    dispatch(&stage, amazon::SOURCE).await;
    stage
        .execute(&format!(
            "insert into crawl.spend values ('{0}', 'amazon', current_date, 1234), ('{0}', 'amazon', '2020-01-01', 9)",
            stage.tenant
        ))
        .await;
    let (worker, core) = stage.channels();
    let request = || GetUsageRequest {
        tenant_id: stage.tenant.to_string(),
    };
    for channel in [worker, core] {
        let refused = UsageClient::new(channel).get_usage(request()).await;
        assert_eq!(refused.expect_err("refused").code(), Code::PermissionDenied);
    }
    let told = UsageClient::new(stage.channel_of_user())
        .get_usage(request())
        .await;
    let told = told.expect("told").into_inner();
    assert_eq!((told.crawls, told.spend_micro_usd), (2, 1_234));
}
