//! Crawls, over gRPC and HTTP, and who may see them.

use axum::Router;
use axum::body::{Body, to_bytes};
use contracts::crawl::v1::crawl_client::CrawlClient;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{
    GetTrackingStatesRequest, OpenTaskRequest, Priority, StartCrawlRequest, Trigger,
};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{CrawlFinished, Event};
use http::{Request, StatusCode};
use prost::Message;
use sea_orm::sqlx::{self, Connection, PgConnection};
use serde_json::{Value, json};
use tonic::Code;
use tower::ServiceExt;
use uuid::Uuid;

use super::work::{outcome, report};
use super::{Stage, Tracking, key_text};

type Core = CrawlClient<rpc::Channel>;

fn request(tenant: Uuid, listings: &[i64]) -> StartCrawlRequest {
    StartCrawlRequest {
        tenant_id: tenant.to_string(),
        listing_ids: listings.to_vec(),
        trigger: Trigger::Manual.into(),
        priority: Priority::High.into(),
    }
}

pub(super) async fn start(core: &mut Core, tenant: Uuid, listings: &[i64]) -> Uuid {
    let started = core
        .start_crawl(request(tenant, listings))
        .await
        .expect("started")
        .into_inner();
    assert_eq!(started.accepted as usize, listings.len());
    started.crawl_id.parse().expect("an id")
}

async fn call(
    app: &Router,
    key: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    keyed(app, key, method, path, body, None).await
}

async fn keyed(
    app: &Router,
    key: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
    idempotency: Option<&str>,
) -> (StatusCode, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-api-key", key_text(key));
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    if let Some(idempotency) = idempotency {
        request = request.header("idempotency-key", idempotency);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = app
        .clone()
        .oneshot(request.body(body).expect("a request"))
        .await
        .expect("answered");
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX)
        .await
        .expect("whole");
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

fn app(stage: &Stage) -> Router {
    crate::router(stage.state.clone()).split_for_parts().0
}

#[tokio::test]
async fn a_manual_crawl_can_be_followed_to_its_end() {
    let stage = Stage::new().await;
    let app = app(&stage);
    stage.track(1, 3).await;
    stage
        .execute("update crawl.target set next_due_at = now() + interval '1 hour', priority = 3")
        .await;
    let body = json!({"product_ids": [1, 2, "B000000003", 2], "priority": "high"});
    let (status, crawl) = keyed(
        &app,
        "bw_mine",
        "POST",
        "/api/v1/crawl/manual",
        Some(body.clone()),
        Some("k1"),
    )
    .await;
    assert_eq!(status, StatusCode::ACCEPTED, "{crawl}");
    assert_eq!(crawl["crawl_id"], crawl["id"]);
    assert_eq!(
        (&crawl["status"], &crawl["total"], &crawl["percentage"]),
        (&json!("idle"), &json!(3), &json!(0))
    );
    assert_eq!(
        (&crawl["message"], &crawl["sources"]),
        (&json!("3 waiting to be fetched"), &json!(["amazon"]))
    );
    assert_eq!(
        crawl["targets"]["items"].as_array().expect("a list").len(),
        3
    );
    let (_, again) = keyed(
        &app,
        "bw_mine",
        "POST",
        "/api/v1/crawl/manual",
        Some(body),
        Some("k1"),
    )
    .await;
    assert_eq!(
        again["crawl_id"], crawl["crawl_id"],
        "the same key is the same crawl"
    );

    let (mut work, _) = stage.clients();
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    let outcomes = ["ok", "not_found", "malformed"];
    let told = items
        .iter()
        .zip(outcomes)
        .map(|(item, word)| outcome(item, word))
        .collect();
    assert_eq!(report(&mut work, task, told).await, 3);

    let path = format!("/api/v1/crawls/{}", crawl["id"].as_str().expect("an id"));
    let (status, crawl) = call(&app, "bw_mine", "GET", &path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&crawl["status"], &crawl["percentage"]),
        (&json!("partial"), &json!(100))
    );
    assert_eq!(
        (&crawl["succeeded"], &crawl["failed"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(crawl["message"], "1 of 3 fetched, 2 failed");
    assert!(
        crawl["finished_at"].is_string()
            && crawl["rate"].is_number()
            && crawl["eta_seconds"].is_null()
    );
    let mut second = crawl["targets"]["items"][1].clone();
    let ended = second.as_object_mut().expect("a target").remove("ended_at");
    assert!(ended.is_some_and(|at| at.is_string()));
    assert_eq!(
        second,
        json!({"product_id": 2, "source": "amazon", "outcome": "not_found", "reason": "it was not_found",
               "attempts": 1, "under_way": false, "next_try_at": null})
    );

    let (_, page) = call(&app, "bw_mine", "GET", &format!("{path}?limit=2"), None).await;
    let cursor = page["targets"]["next_cursor"]
        .as_str()
        .expect("a next page");
    let (_, rest) = call(
        &app,
        "bw_mine",
        "GET",
        &format!("{path}?limit=2&cursor={cursor}"),
        None,
    )
    .await;
    assert_eq!(rest["targets"]["items"][0]["product_id"], 3);
    assert!(rest["targets"]["next_cursor"].is_null());
    let (_, list) = call(&app, "bw_mine", "GET", "/api/v1/crawls", None).await;
    assert_eq!(list["items"][0]["id"], crawl["id"]);

    let told = stage.finished().await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].status.as_str(), told[0].trigger.as_str()),
        ("partial", "manual")
    );
    assert_eq!((told[0].succeeded, told[0].failed), (1, 2));
}

impl Stage {
    /// Crawls whose end was told, the oldest first.
    pub(super) async fn finished(&self) -> Vec<CrawlFinished> {
        let told = self.told("crawl.finished").await;
        let crawl = |payload| match payload {
            Payload::CrawlFinished(crawl) => crawl,
            other => panic!("{other:?}"),
        };
        told.into_iter().map(crawl).collect()
    }

    /// What was told of this kind, the oldest first.
    pub(super) async fn told(&self, kind: &str) -> Vec<Payload> {
        let sql = "select message from crawl.outbox where kind = $1 order by created_at, id";
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(sql)
            .bind(kind)
            .fetch_all(self.state.pools.system.sqlx())
            .await
            .expect("rows");
        let payload = |(message,): (Vec<u8>,)| {
            let event = Event::decode(message.as_slice()).expect("an event");
            event.payload.expect("a payload")
        };
        rows.into_iter().map(payload).collect()
    }
}

pub(super) async fn open(
    work: &mut WorkClient<rpc::Channel>,
    task: Uuid,
) -> Vec<contracts::crawl::v1::TaskItem> {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    work.open_task(request)
        .await
        .expect("answered")
        .into_inner()
        .items
}

#[tokio::test]
async fn a_listing_under_way_is_joined_not_fetched_twice() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    stage
        .execute("update crawl.target set next_due_at = now() + interval '1 hour' where id = 2")
        .await;
    let task = stage.dispatch_one().await;
    let crawl = start(&mut core, stage.tenant, &[1, 2]).await;
    let items = open(&mut work, task).await;
    assert_eq!(items.len(), 1);
    report(&mut work, task, vec![outcome(&items[0], "ok")]).await;
    let counts = format!("select succeeded, status from crawl.crawl where id = '{crawl}'");
    assert_eq!(
        stage.one::<(i32, String)>(&counts).await,
        (1, "running".to_owned())
    );
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    assert_eq!(
        items.iter().map(|item| item.target_id).collect::<Vec<_>>(),
        [2]
    );
    report(&mut work, task, vec![outcome(&items[0], "ok")]).await;
    assert_eq!(
        stage.one::<(i32, String)>(&counts).await,
        (2, "completed".to_owned())
    );
}

#[tokio::test]
async fn what_another_tenant_has_does_not_exist() {
    let stage = Stage::new().await;
    let (app, (_, mut core)) = (app(&stage), stage.clients());
    stage.track(1, 1).await;
    stage.tell(&Tracking::of(stage.other_tenant, 2)).await;
    let crawl = start(&mut core, stage.tenant, &[1]).await;

    let shown = async |path: &str| {
        let (status, mut problem) = call(&app, "bw_theirs", "GET", path, None).await;
        for varying in ["instance", "trace_id"] {
            problem.as_object_mut().expect("a problem").remove(varying);
        }
        (status, problem)
    };
    let foreign = shown(&format!("/api/v1/crawls/{crawl}")).await;
    assert_eq!(foreign.0, StatusCode::NOT_FOUND);
    assert_eq!(
        foreign,
        shown(&format!("/api/v1/crawls/{}", Uuid::now_v7())).await
    );
    assert_eq!(foreign, shown("/api/v1/crawls/nonsense").await);
    let (_, list) = call(&app, "bw_theirs", "GET", "/api/v1/crawls", None).await;
    assert_eq!(list["items"], json!([]));

    for ids in [
        json!([1]),
        json!([99]),
        json!([2, 1]),
        json!(["B000000001"]),
        json!([-1]),
    ] {
        let body = json!({ "product_ids": ids });
        let (status, problem) = call(
            &app,
            "bw_theirs",
            "POST",
            "/api/v1/crawl/manual",
            Some(body),
        )
        .await;
        assert_eq!(
            (status, &problem["detail"]),
            (StatusCode::NOT_FOUND, &foreign.1["detail"])
        );
    }
    for listings in [&[1][..], &[99], &[2, 1]] {
        let refused = core
            .start_crawl(request(stage.other_tenant, listings))
            .await;
        assert_eq!(refused.expect_err("refused").code(), Code::NotFound);
    }
    let crawls: (i64,) = stage.one("select count(*) from crawl.crawl").await;
    assert_eq!(crawls.0, 1, "a refused crawl leaves nothing behind");
}

#[tokio::test]
async fn without_a_tenant_the_api_login_sees_nothing() {
    let stage = Stage::new().await;
    let (_, mut core) = stage.clients();
    stage.track(1, 1).await;
    start(&mut core, stage.tenant, &[1]).await;
    let mut bare = PgConnection::connect(&stage.api_url)
        .await
        .expect("signed in");
    for table in [
        "crawl",
        "crawl_target",
        "tracking",
        "tenant_tracking",
        "outbox",
    ] {
        let sql = format!("select count(*) from crawl.{table}");
        let (rows,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut bare)
            .await
            .expect("answered");
        assert_eq!(rows, 0, "{table}");
    }
    let hastened: (i64,) =
        sqlx::query_as("select count(*) from crawl.hasten(array[1], 1::smallint, null, now())")
            .fetch_one(&mut bare)
            .await
            .expect("answered");
    assert_eq!(hastened.0, 0);
    for table in ["target", "task"] {
        let sql = format!("select count(*) from crawl.{table}");
        let refused = sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut bare)
            .await;
        assert!(
            refused
                .expect_err("no grant")
                .to_string()
                .contains("permission denied")
        );
    }
}

#[tokio::test]
async fn bad_input_is_told_what_to_do() {
    let stage = Stage::new().await;
    let app = app(&stage);
    let cases = [
        (json!({}), "product_ids"),
        (json!({"product_ids": []}), "product_ids"),
        (json!({"product_ids": [true]}), "product_ids[0]"),
        (json!({"product_ids": [1.5]}), "product_ids[0]"),
        (
            json!({"product_ids": [1], "priority": "urgent"}),
            "priority",
        ),
        (json!({"product_ids": [1], "keywords": ["a"]}), "keywords"),
    ];
    for (body, field) in cases {
        let (status, problem) = call(
            &app,
            "bw_mine",
            "POST",
            "/api/v1/crawl/manual",
            Some(body.clone()),
        )
        .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(problem["errors"][0]["field"], field, "{body} {problem}");
    }
}

#[tokio::test]
async fn core_learns_how_trackings_stand() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    let tracking = Tracking::of(stage.tenant, 1);
    stage.tell(&tracking).await;
    let states = async |core: &mut Core, tenant: Uuid| {
        let request = GetTrackingStatesRequest {
            tenant_id: tenant.to_string(),
            tracking_ids: vec![tracking.id.to_string(), Uuid::now_v7().to_string()],
        };
        core.get_tracking_states(request)
            .await
            .expect("answered")
            .into_inner()
            .states
    };
    let before = states(&mut core, stage.tenant).await;
    assert_eq!((before.len(), before[0].last_crawl_at_unix), (1, None));
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    report(&mut work, task, vec![outcome(&items[0], "ok")]).await;
    let after = states(&mut core, stage.tenant).await;
    assert_eq!(after[0].last_outcome.as_deref(), Some("ok"));
    assert!(
        after[0].last_crawl_at_unix.is_some()
            && after[0].next_due_at_unix > before[0].next_due_at_unix
    );
    assert!(states(&mut core, stage.other_tenant).await.is_empty());
    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..tracking.clone()
        })
        .await;
    assert_eq!(
        states(&mut core, stage.tenant).await[0].next_due_at_unix,
        None
    );
}

#[test]
fn the_document_names_every_route() {
    let document = serde_json::to_value(crate::openapi()).expect("a document");
    for (path, method) in [
        ("/api/v1/crawl/manual", "post"),
        ("/api/v1/crawls", "get"),
        ("/api/v1/crawls/{id}", "get"),
        ("/api/v1/crawls/{id}/events", "get"),
        ("/api/v1/crawls/{id}/cancel", "post"),
        ("/api/v1/crawls/{id}/retry", "post"),
    ] {
        assert!(
            document["paths"][path][method]["responses"]["404"].is_object(),
            "{path}"
        );
    }
    assert!(document["components"]["schemas"]["Problem"].is_object());
}
