//! Whole rounds: what is tracked and what is searched, as one crawl.

use chrono::{TimeDelta, Utc};
use connectors::popmart;
use contracts::crawl::v1::TaskItem;
use contracts::crawl::v1::work_client::WorkClient;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Stage;
use super::api::Client;
use super::monitors::{finish, hits, open};
use super::work::{outcome, report};

const PATH: &str = "/api/v1/crawl/manual";

type Work = WorkClient<rpc::Channel>;

/// Claims the searches of popmart that have a slot: task and priority of each, in no order.
pub(super) async fn claim_searches(stage: &Stage) -> Vec<(Uuid, i16)> {
    let topology = stage.state.bus.topology().clone();
    let dispatcher = stage.dispatcher_of(popmart::SOURCE, topology);
    let pass = dispatcher.pass().await.expect("dispatched");
    assert_eq!(pass.refused, 0);
    let rows: Vec<(Uuid, i16)> = sea_orm::sqlx::query_as(
        "select k.id, k.priority from crawl.monitor m join crawl.task k on k.id = m.task_id where k.opened_at is null",
    )
    .fetch_all(stage.state.pools.system.sqlx())
    .await
    .expect("rows");
    rows
}

/// Runs a search to its end; its kind and term.
async fn run(work: &mut Work, task: Uuid, word: &str, found: &[&str]) -> (String, String) {
    let opened = open(work, task).await;
    let search = opened.discovery.expect("a search");
    if !found.is_empty() {
        let hits: Vec<_> = found
            .iter()
            .map(|id| super::peers::seen("popmart", id))
            .collect();
        let request = contracts::crawl::v1::ReportHitsRequest {
            task_id: task.to_string(),
            fence: search.fence,
            hits,
        };
        let live = work.report_hits(request).await.expect("answered");
        assert!(live.into_inner().live);
    }
    let count = u32::try_from(found.len()).expect("few");
    assert!(finish(work, task, search.fence, word, count).await);
    (search.kind, search.term)
}

pub(super) async fn crawl(client: &Client, id: &Value) -> Value {
    let path = format!("/api/v1/crawls/{}", id.as_str().expect("an id"));
    client.get(&path).await.expect(StatusCode::OK)
}

async fn report_all(work: &mut Work, task: Uuid) {
    let items: Vec<TaskItem> = open(work, task).await.items;
    let told = items.iter().map(|item| outcome(item, "ok")).collect();
    report(work, task, told).await;
}

#[tokio::test]
async fn update_now_is_everything_tracked_what_is_new_and_the_keywords() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    stage.track(1, 2).await;
    stage
        .execute("update crawl.target set next_due_at = now() + interval '1 hour', priority = 3")
        .await;
    let body = json!({"keywords": ["labubu", " Labubu "]});
    let started = client.post(PATH, body).await.expect(StatusCode::ACCEPTED);
    assert_eq!(
        (&started["total"], &started["trigger"]),
        (&json!(5), &json!("manual"))
    );
    let kinds = |crawl: &Value| -> Vec<(String, String)> {
        let all = crawl["searches"].as_array().expect("a list");
        let text = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
        all.iter()
            .map(|one| (text(one, "kind"), text(one, "term")))
            .collect()
    };
    let expected = [
        ("new_arrivals", ""),
        ("limited_editions", ""),
        ("keyword", "labubu"),
    ];
    let expected = expected.map(|(kind, term)| (kind.to_owned(), term.to_owned()));
    assert_eq!(kinds(&started), expected);
    assert_eq!(started["searches"][0]["outcome"], Value::Null);

    let task = stage.dispatch_one().await;
    report_all(&mut work, task).await;
    let tasks = claim_searches(&stage).await;
    assert_eq!(tasks.len(), 3, "at once");
    assert!(
        tasks.iter().all(|(_, priority)| *priority == 1),
        "as urgent as the round"
    );
    for (task, _) in &tasks {
        run(&mut work, *task, "ok", &["7", "8"]).await;
    }
    let over = crawl(&client, &started["id"]).await;
    assert_eq!(
        (&over["status"], &over["succeeded"], &over["percentage"]),
        (&json!("completed"), &json!(5), &json!(100))
    );
    let all = over["searches"].as_array().expect("a list");
    assert!(
        all.iter()
            .all(|one| one["outcome"] == json!("ok") && one["found"] == json!(2))
    );
    let events: (i64,) = stage
        .one("select count(*) from crawl.outbox where kind = 'crawl.finished'")
        .await;
    assert_eq!(events.0, 1, "told once");

    // The searches stand ready for the next round, are nobody's monitors, and are never due by themselves.
    assert_eq!(
        client.get("/api/v1/monitors").await.body["items"],
        json!([])
    );
    let id = over["searches"][2]["monitor_id"].as_str().expect("an id");
    let path = format!("/api/v1/monitors/{id}");
    let shown = client.get(&path).await.expect(StatusCode::OK);
    assert_eq!(
        (&shown["term"], &shown["next_due_at"]),
        (&json!("labubu"), &Value::Null)
    );
    for (method, path) in [
        ("PATCH", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/run")),
    ] {
        let body = (method == "PATCH").then(|| json!({"name": "mine"}));
        assert_eq!(
            client.call(method, &path, body).await.status,
            StatusCode::NOT_FOUND,
            "{method}"
        );
    }
    let again = client
        .post(PATH, json!({"keywords": ["labubu"], "priority": "low"}))
        .await;
    let again = again.expect(StatusCode::ACCEPTED);
    assert_eq!(
        again["searches"][2]["monitor_id"],
        over["searches"][2]["monitor_id"]
    );
    let tasks = claim_searches(&stage).await;
    assert_eq!(tasks.len(), 3);
    assert!(tasks.iter().all(|(_, priority)| *priority == 3));
    for (task, _) in tasks {
        run(&mut work, task, "ok", &["7", "9"]).await;
    }
    let shown = crawl(&client, &again["id"]).await;
    let new: i64 = shown["searches"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["new"].as_i64())
        .sum();
    assert_eq!(new, 1, "only one was never seen: {shown}");
}

#[tokio::test]
async fn a_search_that_fails_is_tried_again_as_urgently_and_then_counts_as_failed() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let body = json!({"keywords": ["x"], "sources": ["amazon"]});
    let started = client.post(PATH, body).await.expect(StatusCode::ACCEPTED);
    assert_eq!(
        started["total"],
        json!(1),
        "amazon has no list of what is new"
    );
    for fence in 1..=3 {
        let task = stage.dispatch_one_of(connectors::amazon::SOURCE).await;
        let (priority,): (i16,) = stage
            .one("select priority from crawl.task order by id desc limit 1")
            .await;
        assert_eq!(priority, 1);
        open(&mut work, task).await;
        assert!(finish(&mut work, task, fence, "network", 0).await);
        let shown = crawl(&client, &started["id"]).await;
        let search = &shown["searches"][0];
        assert_eq!(search["attempts"], json!(fence));
        assert_eq!(search["reason"], json!("it was so"));
        assert_eq!(search["outcome"].is_null(), fence < 3);
        stage
            .execute("update crawl.monitor set next_due_at = now() where next_due_at is not null")
            .await;
    }
    let over = crawl(&client, &started["id"]).await;
    assert_eq!(
        (&over["status"], &over["failed"]),
        (&json!("failed"), &json!(1))
    );
    let (due,): (Option<chrono::DateTime<Utc>>,) =
        stage.one("select next_due_at from crawl.monitor").await;
    assert_eq!(due, None, "it waits to be asked again");
}

#[tokio::test]
async fn two_rounds_share_a_search_that_is_under_way() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let body = json!({"keywords": ["x"], "sources": ["amazon"]});
    let first = client
        .post(PATH, body.clone())
        .await
        .expect(StatusCode::ACCEPTED);
    let task = stage.dispatch_one_of(connectors::amazon::SOURCE).await;
    open(&mut work, task).await;
    let second = client.post(PATH, body).await.expect(StatusCode::ACCEPTED);
    assert_eq!(hits(&mut work, task, 1, &["A"]).await, Ok(true));
    assert!(finish(&mut work, task, 1, "ok", 1).await);
    for id in [&first["id"], &second["id"]] {
        let over = crawl(&client, id).await;
        assert_eq!(over["status"], json!("completed"));
        assert_eq!(over["searches"][0]["new"], json!(1));
    }
}

#[tokio::test]
async fn rounds_that_make_no_sense_are_told_what_to_do() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine");
    let many: Vec<String> = (0..51).map(|n| format!("word {n}")).collect();
    for (body, field) in [
        (json!({"keywords": ["a"], "product_ids": [1]}), "keywords"),
        (
            json!({"product_ids": [1], "sources": ["amazon"]}),
            "sources",
        ),
        (json!({"sources": ["amazon"]}), "product_ids"),
        (
            json!({"keywords": ["a"], "sources": ["nowhere"]}),
            "sources[0]",
        ),
        (json!({"keywords": ["a"], "sources": ["web"]}), "sources"),
        (json!({"keywords": [], "sources": []}), "sources"),
        (json!({"keywords": many}), "keywords"),
        (json!({"keywords": ["x".repeat(101)]}), "keywords[0]"),
        (json!({"keywords": ["a\u{0}b"]}), "keywords[0]"),
        (json!({"keywords": [1]}), "keywords[0]"),
        (json!({"keywords": [], "sources": ["web"]}), "keywords"),
    ] {
        assert_eq!(
            client.post(PATH, body.clone()).await.fields(),
            [field],
            "{body}"
        );
    }
    let rows: (i64, i64) = stage
        .one("select (select count(*) from crawl.crawl), (select count(*) from crawl.monitor)")
        .await;
    assert_eq!(rows, (0, 0), "nothing is left behind");
}

#[tokio::test]
async fn a_round_is_its_tenants_own() {
    let stage = Stage::new().await;
    let mine = stage.client("bw_mine_write");
    let theirs = stage.client("bw_theirs_admin");
    stage.track(1, 1).await;
    let body = json!({"keywords": ["x"]});
    let started = mine
        .post(PATH, body.clone())
        .await
        .expect(StatusCode::ACCEPTED);
    let monitor = started["searches"][0]["monitor_id"]
        .as_str()
        .expect("an id");
    for path in [
        format!("/api/v1/crawls/{}", started["id"].as_str().expect("an id")),
        format!("/api/v1/monitors/{monitor}"),
    ] {
        assert_eq!(
            theirs.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let other = theirs.post(PATH, body).await.expect(StatusCode::ACCEPTED);
    assert_eq!(other["total"], json!(3), "it tracks nothing");
    let monitors = |crawl: &Value| crawl["searches"].as_array().expect("a list").clone();
    assert!(monitors(&other).iter().all(|one| {
        monitors(&started)
            .iter()
            .all(|mine| mine["monitor_id"] != one["monitor_id"])
    }));
}

#[tokio::test]
async fn searches_that_no_round_asks_for_are_forgotten_after_thirty_days() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let body = json!({"keywords": ["x"], "sources": ["amazon"]});
    client
        .post(PATH, body.clone())
        .await
        .expect(StatusCode::ACCEPTED);
    let task = stage.dispatch_one_of(connectors::amazon::SOURCE).await;
    open(&mut work, task).await;
    assert!(finish(&mut work, task, 1, "ok", 0).await);
    let upkeep = stage.upkeep();
    let after = |days| Utc::now() + TimeDelta::days(days);
    assert_eq!(upkeep.forget(after(29)).await.expect("looked"), 0);
    upkeep.forget(after(31)).await.expect("ended");
    let later = after(31) + TimeDelta::minutes(2);
    assert_eq!(upkeep.forget(later).await.expect("forgotten"), 1);
    assert_eq!(stage.peers.script().forgotten.len(), 1);
    let rows: (i64,) = stage.one("select count(*) from crawl.monitor").await;
    assert_eq!(rows.0, 0);
    client.post(PATH, body).await.expect(StatusCode::ACCEPTED);
}
