//! Schedulers: set, started, stopped; and rounds that are never doubled.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::amazon;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Stage;
use super::api::Client;
use super::monitors::{finish, open};
use super::rounds::crawl;
use crate::scheduler::Scheduler;

const PATH: &str = "/api/v1/scheduler";

fn start() -> String {
    format!("{PATH}/start")
}

fn stop() -> String {
    format!("{PATH}/stop")
}

fn setting(enabled: bool) -> Value {
    json!({"enabled": enabled, "keywords": ["x"], "interval_seconds": 900, "sources": ["amazon"]})
}

fn clockwork(stage: &Stage) -> Scheduler {
    Scheduler {
        pool: stage.state.pools.system.clone(),
        rounds: crate::rounds(&stage.state),
    }
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("a time")
}

/// Ends the one search that the round under way consists of.
async fn end_round(stage: &Stage) {
    let (mut work, _) = stage.clients();
    // It may have begun at a time that has not come.
    let due = "update crawl.monitor set next_due_at = now() where next_due_at is not null";
    stage.execute(due).await;
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    let fence = open(&mut work, task)
        .await
        .discovery
        .expect("a search")
        .fence;
    assert!(finish(&mut work, task, fence, "ok", 1).await);
}

async fn crawls(stage: &Stage) -> i64 {
    stage
        .one::<(i64,)>("select count(*) from crawl.crawl")
        .await
        .0
}

async fn set(client: &Client, body: Value) -> Value {
    client.put(PATH, body).await.expect(StatusCode::OK)
}

#[tokio::test]
async fn started_twice_it_names_the_round_that_runs_and_then_when_the_next_begins() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let fresh = client.get(PATH).await.expect(StatusCode::OK);
    assert_eq!(
        (&fresh["enabled"], &fresh["interval_seconds"]),
        (&json!(false), &json!(3600))
    );
    assert_eq!(
        fresh["include"],
        json!({"tracked": true, "new_arrivals": true, "limited": true})
    );
    set(&client, setting(false)).await;
    assert_eq!(clockwork(&stage).look(Utc::now()).await.expect("looked"), 0);

    let begun = client
        .call("POST", &start(), None)
        .await
        .expect(StatusCode::OK);
    let running = begun["running_crawl_id"].clone();
    assert_eq!(begun["last_crawl_id"], running);
    let wait = instant(&begun["next_round_at"]) - instant(&begun["last_started_at"]);
    assert_eq!(wait, TimeDelta::seconds(900));
    let round = crawl(&client, &running).await;
    assert_eq!(
        (&round["trigger"], &round["priority"]),
        (&json!("schedule"), &json!("low"))
    );

    let problem = client
        .call("POST", &start(), None)
        .await
        .expect(StatusCode::CONFLICT);
    assert_eq!(problem["crawl_id"], running);
    assert!(
        problem["detail"]
            .as_str()
            .expect("a text")
            .contains(running.as_str().expect("an id"))
    );
    assert!(problem["title"].is_string());

    end_round(&stage).await;
    let idle = client.get(PATH).await.expect(StatusCode::OK);
    assert_eq!(
        (&idle["running_crawl_id"], &idle["last_crawl_id"]),
        (&Value::Null, &running)
    );
    let problem = client
        .call("POST", &start(), None)
        .await
        .expect(StatusCode::CONFLICT);
    assert!(
        problem["detail"]
            .as_str()
            .expect("a text")
            .contains("already started")
    );
    assert!(problem["next_round_at"].is_string());
    assert_eq!(crawls(&stage).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_starts_at_the_same_instant_exactly_one_wins() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    set(&client, setting(false)).await;
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.call("POST", &start(), None).await })
        })
        .collect();
    let mut won = Vec::new();
    let mut named = Vec::new();
    for one in tries {
        let answer = one.await.expect("no panic");
        match answer.status {
            StatusCode::OK => won.push(answer.body["running_crawl_id"].clone()),
            StatusCode::CONFLICT => named.push(answer.body["crawl_id"].clone()),
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert_eq!((won.len(), named.len()), (1, 7));
    assert!(named.iter().all(|id| *id == won[0]));
    assert_eq!(crawls(&stage).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_start_a_due_round_once_and_what_was_missed_is_one_round() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let set = set(&client, setting(true)).await;
    assert!(instant(&set["next_round_at"]) <= Utc::now(), "in a moment");
    let (one, other) = (clockwork(&stage), clockwork(&stage));
    let now = Utc::now();
    let (first, second) = tokio::join!(one.look(now), other.look(now));
    assert_eq!(first.expect("looked") + second.expect("looked"), 1);
    assert_eq!(crawls(&stage).await, 1);

    // Three days without anybody looking, while the round goes on all the time.
    let later = now + TimeDelta::days(3);
    assert_eq!(one.look(later).await.expect("looked"), 0, "never doubled");
    end_round(&stage).await;
    assert_eq!(one.look(later).await.expect("looked"), 1);
    end_round(&stage).await;
    assert_eq!(
        one.look(later + TimeDelta::seconds(899))
            .await
            .expect("looked"),
        0
    );
    assert_eq!(
        one.look(later + TimeDelta::seconds(900))
            .await
            .expect("looked"),
        1
    );
    assert_eq!(crawls(&stage).await, 3);
}

#[tokio::test]
async fn a_round_of_nothing_waits_for_the_next_time() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let nothing = json!({"enabled": true, "interval_seconds": 900, "sources": ["web"]});
    set(&client, nothing).await;
    let now = Utc::now();
    assert_eq!(clockwork(&stage).look(now).await.expect("looked"), 0);
    let shown = client.get(PATH).await.expect(StatusCode::OK);
    assert!(instant(&shown["next_round_at"]) > now);
    assert_eq!(
        (shown["last_crawl_id"].clone(), crawls(&stage).await),
        (Value::Null, 0)
    );
    client
        .call("POST", &stop(), None)
        .await
        .expect(StatusCode::OK);
    let refused = client.call("POST", &start(), None).await;
    assert_eq!(refused.fields(), ["keywords"]);
    let shown = client.get(PATH).await.expect(StatusCode::OK);
    assert_eq!(
        shown["enabled"],
        json!(false),
        "a start that failed changes nothing"
    );
}

#[tokio::test]
async fn intervals_and_wishes_that_cannot_be_are_told_what_to_do() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    stage.peers.script().least_interval = 900;
    let with = |key: &str, value: Value| {
        let mut body = setting(true);
        body[key] = value;
        body
    };
    for (body, field) in [
        (with("interval_seconds", json!(0)), "interval_seconds"),
        (with("interval_seconds", json!(-5)), "interval_seconds"),
        (with("interval_seconds", json!(299)), "interval_seconds"),
        (with("interval_seconds", json!(604_801)), "interval_seconds"),
        (with("interval_seconds", json!(600)), "interval_seconds"),
        (with("interval_seconds", json!("daily")), "interval_seconds"),
        (with("sources", json!(["nowhere"])), "sources[0]"),
        (json!({"enabled": true}), "interval_seconds"),
        (
            with("include", json!({"everything": true})),
            "include.everything",
        ),
    ] {
        assert_eq!(
            client.put(PATH, body.clone()).await.fields(),
            [field],
            "{body}"
        );
    }
    let nothing = json!({"tracked": false, "new_arrivals": false, "limited": false});
    let body = json!({"enabled": true, "interval_seconds": 900, "include": nothing});
    assert_eq!(client.put(PATH, body).await.fields(), ["include"]);
    for (body, field) in [
        (json!({"interval_seconds": 0}), "interval_seconds"),
        (json!({"interval_seconds": 600}), "interval_seconds"),
        (json!({"keywords": ["x".repeat(101)]}), "keywords[0]"),
        (json!({"cron": "* * * * *"}), "cron"),
    ] {
        assert_eq!(
            client.post(&start(), body.clone()).await.fields(),
            [field],
            "{body}"
        );
    }
    let zero = client
        .post(&start(), json!({"interval_seconds": 0}))
        .await
        .body;
    assert!(
        zero["errors"][0]["message"]
            .as_str()
            .expect("a text")
            .contains("/api/v1/scheduler/stop")
    );

    stage.peers.script().user_away = true;
    let away = client.put(PATH, setting(true)).await;
    assert_eq!(
        away.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "no floor is guessed"
    );
    stage.peers.script().user_away = false;
    let begun = client
        .post(
            &start(),
            json!({"keywords": ["y"], "interval_seconds": 1800}),
        )
        .await;
    let begun = begun.expect(StatusCode::OK);
    assert_eq!(
        (&begun["keywords"], &begun["interval_seconds"]),
        (&json!(["y"]), &json!(1800))
    );

    let reader = stage.client("bw_mine");
    assert_eq!(
        reader.put(PATH, setting(true)).await.status,
        StatusCode::FORBIDDEN
    );
    reader.get(PATH).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_change_moves_the_next_round_with_the_interval() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    set(&client, setting(false)).await;
    let begun = client
        .call("POST", &start(), None)
        .await
        .expect(StatusCode::OK);
    let mut body = setting(true);
    body["interval_seconds"] = json!(7_200);
    let changed = set(&client, body).await;
    let wait = instant(&changed["next_round_at"]) - instant(&begun["last_started_at"]);
    assert_eq!(wait, TimeDelta::seconds(7_200));
    assert_eq!(changed["running_crawl_id"], begun["running_crawl_id"]);
    let off = set(&client, setting(false)).await;
    assert_eq!(off["next_round_at"], Value::Null);
}

#[tokio::test]
async fn each_tenant_has_a_scheduler_of_its_own() {
    let stage = Stage::new().await;
    let (mine, theirs) = (
        stage.client("bw_mine_write"),
        stage.client("bw_theirs_write"),
    );
    set(&mine, setting(true)).await;
    assert_eq!(clockwork(&stage).look(Utc::now()).await.expect("looked"), 1);
    let running = mine.get(PATH).await.body["running_crawl_id"].clone();
    let other = stage
        .client("bw_theirs_admin")
        .get(PATH)
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&other["enabled"], &other["last_crawl_id"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(other["keywords"], json!([]));
    theirs
        .call("POST", &stop(), None)
        .await
        .expect(StatusCode::OK);
    let mine = mine.get(PATH).await.expect(StatusCode::OK);
    assert_eq!(
        (&mine["enabled"], &mine["running_crawl_id"]),
        (&json!(true), &running)
    );
    let (tenant,): (Uuid,) = stage.one("select tenant_id from crawl.crawl").await;
    assert_eq!(tenant, stage.tenant);
    assert_eq!(
        theirs.call("POST", &start(), None).await.status,
        StatusCode::OK,
        "nobody else's round is in the way"
    );
}

#[tokio::test]
async fn stopping_mid_round_cancels_what_nobody_has_begun_and_lets_the_rest_finish() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    set(&client, setting(false)).await;
    let (mut work, _) = stage.clients();
    let begun = client.call("POST", &start(), None).await;
    let waiting = begun.expect(StatusCode::OK)["running_crawl_id"].clone();
    let told = client.call("POST", &stop(), None).await;
    let told = told.expect(StatusCode::OK);
    assert!(
        told["message"]
            .as_str()
            .expect("a text")
            .contains("cancelled")
    );
    assert_eq!(told["running_crawl_id"], Value::Null);
    let ended = crawl(&client, &waiting).await;
    assert_eq!(
        (&ended["status"], &ended["searches"][0]["outcome"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    let (due,): (i64,) = stage
        .one("select count(*) from crawl.monitor where next_due_at is not null")
        .await;
    assert_eq!(due, 0, "what nobody asks for any more rests");

    let begun = client.call("POST", &start(), None).await;
    let under_way = begun.expect(StatusCode::OK)["running_crawl_id"].clone();
    let task = stage.dispatch_one_of(amazon::SOURCE).await;
    let fence = open(&mut work, task)
        .await
        .discovery
        .expect("a search")
        .fence;
    client
        .call("POST", &stop(), None)
        .await
        .expect(StatusCode::OK);
    assert!(finish(&mut work, task, fence, "ok", 1).await);
    let ended = crawl(&client, &under_way).await;
    assert_eq!(
        (&ended["status"], &ended["searches"][0]["outcome"]),
        (&json!("cancelled"), &json!("ok"))
    );
    assert_eq!(ended["succeeded"], 1);
    assert!(ended["finished_at"].is_string());
}

#[tokio::test]
async fn stopping_what_is_stopped_changes_nothing() {
    let stage = Stage::new().await;
    let client = stage.client("bw_mine_write");
    let told = client
        .call("POST", &stop(), None)
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&told["enabled"], &told["message"]),
        (&json!(false), &json!("It was not started."))
    );
    set(&client, setting(true)).await;
    let told = client
        .call("POST", &stop(), None)
        .await
        .expect(StatusCode::OK);
    assert_eq!(
        (&told["next_round_at"], &told["message"]),
        (&Value::Null, &json!("Stopped. No round was under way."))
    );
    let later = Utc::now() + TimeDelta::days(9);
    assert_eq!(clockwork(&stage).look(later).await.expect("looked"), 0);
}
