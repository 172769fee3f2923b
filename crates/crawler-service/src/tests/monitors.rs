//! Monitors: made, run, retried, forgotten; and whose they are.

use chrono::{TimeDelta, Utc};
use connectors::{amazon, haier};
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{
    FinishDiscoveryRequest, OpenTaskRequest, OpenTaskResponse, ReportHitsRequest,
};
use http::StatusCode;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use super::Stage;
use super::api::Client;
use super::peers::seen;
use crate::upkeep::Upkeep;

const PATH: &str = "/api/v1/monitors";

fn keyword() -> Value {
    json!({"source": "amazon", "kind": "keyword", "term": "ear buds", "marketplace": "US", "limit": 50,
           "track_up_to": 3, "tags": ["audio"]})
}

async fn make(client: &Client, body: Value) -> String {
    let made = client.post(PATH, body).await.expect(StatusCode::CREATED);
    made["id"].as_str().expect("an id").to_owned()
}

pub(super) async fn open(work: &mut WorkClient<rpc::Channel>, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    let opened = work.open_task(request).await;
    opened.expect("answered").into_inner()
}

pub(super) async fn hits(
    work: &mut WorkClient<rpc::Channel>,
    task: Uuid,
    fence: i64,
    ids: &[&str],
) -> Result<bool, Code> {
    let request = ReportHitsRequest {
        task_id: task.to_string(),
        fence,
        hits: ids.iter().map(|id| seen("amazon", id)).collect(),
    };
    let reported = work.report_hits(request).await;
    reported
        .map(|reported| reported.into_inner().live)
        .map_err(|status| status.code())
}

pub(super) async fn finish(
    work: &mut WorkClient<rpc::Channel>,
    task: Uuid,
    fence: i64,
    outcome: &str,
    found: u32,
) -> bool {
    let request = FinishDiscoveryRequest {
        task_id: task.to_string(),
        fence,
        outcome: outcome.to_owned(),
        reason: if outcome == "ok" { "" } else { "it was so" }.to_owned(),
        retry_after_seconds: None,
        retryable: outcome != "ok",
        total: Some(u64::from(found) * 10),
        found,
    };
    let finished = work.finish_discovery(request).await;
    finished.expect("answered").into_inner().live
}

#[tokio::test]
async fn a_monitor_runs_at_once_and_what_it_finds_is_with_core() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let id = make(&client, keyword()).await;
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    let opened = open(&mut work, task).await;
    assert!(opened.live && opened.items.is_empty() && opened.owner_tenant_id.is_none());
    let search = opened.discovery.expect("a search");
    assert_eq!(
        (
            search.kind.as_str(),
            search.term.as_str(),
            search.marketplace.as_str()
        ),
        ("keyword", "ear buds", "US")
    );
    assert_eq!((search.limit, search.fence), (50, 1));

    let all: Vec<String> = (0..120).map(|n| format!("B{n:09}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(hits(&mut work, task, 1, &all).await, Ok(true));
    assert_eq!(hits(&mut work, task, 1, &all[..2]).await, Ok(true), "again");
    assert_eq!(
        hits(&mut work, task, 7, &all[..2]).await,
        Ok(false),
        "a stale fence"
    );
    {
        let script = stage.peers.script();
        let first = &script.recorded[0];
        let monitor = first.monitor.as_ref().expect("a monitor");
        assert_eq!(first.tenant_id, stage.tenant.to_string());
        assert_eq!((monitor.id.as_str(), monitor.first), (id.as_str(), true));
        assert_eq!((monitor.alert, monitor.track_up_to), (true, 3));
        assert!(
            script.recorded.iter().all(|one| one.hits.len() <= 50),
            "in parts"
        );
        assert!(first.hits.iter().all(|hit| hit.owner_tenant_id.is_none()));
    }
    assert!(finish(&mut work, task, 1, "ok", 120).await);
    assert!(!finish(&mut work, task, 1, "failed", 0).await, "it is over");
    assert!(!open(&mut work, task).await.live);

    let monitor = client
        .get(&format!("{PATH}/{id}"))
        .await
        .expect(StatusCode::OK);
    let run = &monitor["last_run"];
    assert_eq!(
        (&run["outcome"], &run["found"], &run["new"], &run["total"]),
        (&json!("ok"), &json!(120), &json!(120), &json!(1200))
    );
    assert_eq!(
        (&monitor["running"], &monitor["trouble_streak"]),
        (&json!(false), &json!(0))
    );
    let due = monitor["next_due_at"].as_str().expect("due");
    let wait = due.parse::<chrono::DateTime<Utc>>().expect("a time") - Utc::now();
    assert!((82_000..=86_400).contains(&wait.num_seconds()), "{wait}");

    // On request it runs again, and is no longer new to it.
    let ran = client.call("POST", &format!("{PATH}/{id}/run"), None).await;
    ran.expect(StatusCode::ACCEPTED);
    let (priority,): (i16,) = stage.one("select priority from crawl.monitor").await;
    assert_eq!(priority, 2);
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    let search = open(&mut work, task).await.discovery.expect("a search");
    assert_eq!(search.fence, 2);
    assert_eq!(
        hits(&mut work, task, 2, &["B000000001", "NEW"]).await,
        Ok(true)
    );
    let last = stage
        .peers
        .script()
        .recorded
        .last()
        .cloned()
        .expect("recorded");
    assert!(!last.monitor.expect("a monitor").first);
    assert!(finish(&mut work, task, 2, "ok", 2).await);
    let monitor = client
        .get(&format!("{PATH}/{id}"))
        .await
        .expect(StatusCode::OK);
    assert_eq!(monitor["last_run"]["new"], json!(1));
}

#[tokio::test]
async fn nothing_where_there_were_hits_is_suspicious_and_changes_nothing() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let id = make(&client, keyword()).await;
    let path = format!("{PATH}/{id}");
    // The first run may find nothing.
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    open(&mut work, task).await;
    assert!(finish(&mut work, task, 1, "ok", 0).await);
    assert_eq!(
        client.get(&path).await.body["last_run"]["outcome"],
        json!("ok")
    );

    client.call("POST", &format!("{path}/run"), None).await;
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    open(&mut work, task).await;
    assert!(finish(&mut work, task, 2, "ok", 4).await);
    client.call("POST", &format!("{path}/run"), None).await;
    for fence in 3..=5 {
        let task = stage.dispatch_one_of(amazon::SOURCE).await;
        open(&mut work, task).await;
        assert!(finish(&mut work, task, fence, "ok", 0).await);
        let monitor = client.get(&path).await.expect(StatusCode::OK);
        let run = &monitor["last_run"];
        assert_eq!(
            (&run["outcome"], &run["found"]),
            (&json!("suspicious"), &json!(4))
        );
        let due: chrono::DateTime<Utc> = monitor["next_due_at"]
            .as_str()
            .expect("due")
            .parse()
            .expect("a time");
        let soon = due - Utc::now() < TimeDelta::seconds(10);
        assert_eq!(
            soon,
            fence < 5,
            "looked at again soon, and then by the clock"
        );
        assert_eq!(monitor["trouble_streak"], json!(i32::from(fence == 5)));
        stage
            .execute("update crawl.monitor set next_due_at = now()")
            .await;
    }
    // Other troubles are tried again as those of products are.
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    open(&mut work, task).await;
    assert!(finish(&mut work, task, 6, "network", 0).await);
    let (attempts, round): (i16, i64) =
        stage.one("select attempts, round from crawl.monitor").await;
    assert_eq!((attempts, round), (1, 4));
}

#[tokio::test]
async fn a_lost_run_comes_back_and_one_that_takes_workers_down_is_given_up() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let id = make(&client, keyword()).await;
    let most = stage.state.settings.max_openings;
    for opening in 1..=most {
        let task = stage.dispatch_one_of(amazon::SOURCE).await;
        let opened = open(&mut work, task).await;
        assert_eq!(
            opened.discovery.expect("a search").fence,
            i64::from(opening)
        );
        stage
            .execute("update crawl.task set lease_until = now() - interval '1 second' where finished_at is null")
            .await;
        assert_eq!(
            stage
                .reaper()
                .give_back(Utc::now())
                .await
                .expect("taken back"),
            1
        );
        assert_eq!(
            hits(&mut work, task, i64::from(opening), &["X"]).await,
            Ok(false),
            "nobody holds it"
        );
    }
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    assert!(!open(&mut work, task).await.live);
    let monitor = client
        .get(&format!("{PATH}/{id}"))
        .await
        .expect(StatusCode::OK);
    assert_eq!(monitor["last_run"]["outcome"], json!("failed"));
    assert_eq!(monitor["trouble_streak"], json!(1));
}

#[tokio::test]
async fn core_away_is_told_to_the_worker_and_hits_of_others_are_refused() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    make(&stage.client("bw_mine_write"), keyword()).await;
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    open(&mut work, task).await;
    stage.peers.script().core_away = true;
    assert_eq!(
        hits(&mut work, task, 1, &["X"]).await,
        Err(Code::Unavailable)
    );
    stage.peers.script().core_away = false;
    let foreign = ReportHitsRequest {
        task_id: task.to_string(),
        fence: 1,
        hits: vec![seen("popmart", "1")],
    };
    let refused = work.report_hits(foreign).await.expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_monitor_of_an_owned_source_needs_the_tenants_credential() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let body = json!({"source": "haier", "kind": "brand", "term": "Casarte"});
    let id = make(&client, body).await;
    let task = stage.dispatch_one_of(haier::SOURCE).await;
    assert!(!open(&mut work, task).await.live);
    let monitor = client
        .get(&format!("{PATH}/{id}"))
        .await
        .expect(StatusCode::OK);
    assert_eq!(monitor["last_run"]["outcome"], json!("failed"));
    assert_eq!(monitor["marketplace"], json!("CN"));
    stage
        .client("bw_mine_admin")
        .put(
            "/api/v1/sources/haier/credential",
            super::credentials::fields("x"),
        )
        .await
        .expect(StatusCode::OK);
    let task = stage.dispatch_one_of(haier::SOURCE).await;
    let opened = open(&mut work, task).await;
    assert!(opened.has_secret && opened.discovery.is_some());
    assert_eq!(opened.owner_tenant_id, Some(stage.tenant.to_string()));
    let request = ReportHitsRequest {
        task_id: task.to_string(),
        fence: 2,
        hits: vec![seen("haier", "GA0SZC00U")],
    };
    assert!(
        work.report_hits(request)
            .await
            .expect("answered")
            .into_inner()
            .live
    );
    let recorded = stage
        .peers
        .script()
        .recorded
        .last()
        .cloned()
        .expect("recorded");
    assert_eq!(
        recorded.hits[0].owner_tenant_id,
        Some(stage.tenant.to_string())
    );
}

#[tokio::test]
async fn what_a_source_cannot_do_is_named_and_presets_fill_in() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    for (body, fields) in [
        (
            json!({"source": "nowhere", "kind": "keyword", "term": "x"}),
            vec!["source"],
        ),
        (json!({"source": "amazon"}), vec!["kind"]),
        (
            json!({"source": "amazon", "kind": "series", "term": "x"}),
            vec!["kind"],
        ),
        (
            json!({"source": "amazon", "kind": "keyword", "marketplace": "XX"}),
            vec!["term", "marketplace"],
        ),
        (
            json!({"source": "amazon", "preset": "No such"}),
            vec!["preset"],
        ),
        (
            json!({"source": "amazon", "kind": "keyword", "term": "x", "interval_seconds": 899}),
            vec!["interval_seconds"],
        ),
        (
            json!({"source": "amazon", "kind": "keyword", "term": "x", "limit": 501}),
            vec!["limit"],
        ),
    ] {
        assert_eq!(client.post(PATH, body).await.fields(), fields);
    }
    let body = json!({"source": "amazon", "preset": "bluetooth headphones"});
    let made = client.post(PATH, body).await.expect(StatusCode::CREATED);
    assert_eq!(
        (&made["name"], &made["kind"], &made["term"]),
        (
            &json!("Bluetooth headphones"),
            &json!("keyword"),
            &json!("bluetooth headphones")
        )
    );
    assert_eq!(
        (&made["interval_seconds"], &made["limit"]),
        (&json!(86_400), &json!(100))
    );
    let reader = stage.client("bw_mine");
    assert_eq!(
        reader.post(PATH, keyword()).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_monitor_is_changed_paused_and_forgotten() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine_write");
    let id = make(&client, keyword()).await;
    let path = format!("{PATH}/{id}");
    let paused = json!({"status": "paused", "name": "Buds", "alert": false, "limit": 7});
    let monitor = client.patch(&path, paused).await.expect(StatusCode::OK);
    assert_eq!(
        (
            &monitor["status"],
            &monitor["name"],
            &monitor["next_due_at"]
        ),
        (&json!("paused"), &json!("Buds"), &Value::Null)
    );
    assert_eq!(monitor["term"], json!("ear buds"));
    let active = client.patch(&path, json!({"status": "active"})).await;
    assert!(active.expect(StatusCode::OK)["next_due_at"].is_string());

    // Whoever runs it when it is deleted loses it; core forgets it, and again when nothing can be on its way any more.
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    open(&mut work, task).await;
    stage.peers.script().core_away = true;
    assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(hits(&mut work, task, 1, &["X"]).await, Ok(false));
    assert!(!finish(&mut work, task, 1, "ok", 1).await);
    let upkeep = Upkeep {
        pool: stage.state.pools.system.clone(),
        ring: stage.state.ring.clone(),
        catalog: stage.state.catalog.clone(),
    };
    let later = Utc::now() + TimeDelta::minutes(2);
    assert!(upkeep.forget(later).await.is_err());
    stage.peers.script().core_away = false;
    assert_eq!(
        upkeep.forget(Utc::now()).await.expect("looked"),
        0,
        "too early"
    );
    assert_eq!(upkeep.forget(later).await.expect("forgotten"), 1);
    assert_eq!(stage.peers.script().forgotten, [id]);
    let rows: (i64,) = stage.one("select count(*) from crawl.monitor").await;
    assert_eq!(rows.0, 0);
}

#[tokio::test]
async fn another_tenants_monitor_is_an_unknown_id() {
    let stage = Stage::new().await;
    let id = make(&stage.client("bw_mine_write"), keyword()).await;
    let path = format!("{PATH}/{id}");
    let theirs = stage.client("bw_theirs_admin");
    for (method, path, body) in [
        ("GET", path.clone(), None),
        ("PATCH", path.clone(), Some(json!({"name": "x"}))),
        ("DELETE", path.clone(), None),
        ("POST", format!("{path}/run"), None),
    ] {
        let known = theirs.call(method, &path, body.clone()).await;
        let never = path.replace(&id, &Uuid::now_v7().to_string());
        let unknown = theirs.call(method, &never, body).await;
        assert_eq!(known.status, StatusCode::NOT_FOUND, "{method}");
        assert_eq!(known.body["detail"], unknown.body["detail"]);
    }
    let list = theirs.get(PATH).await.expect(StatusCode::OK);
    assert_eq!(list["items"], json!([]));
    let mine = stage
        .client("bw_mine")
        .get(&format!("{PATH}?source=amazon"))
        .await;
    assert_eq!(mine.body["items"].as_array().expect("a list").len(), 1);
}
