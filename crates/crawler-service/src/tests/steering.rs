//! Stopping crawls, fetching once more what failed, choosing among crawls, forgetting old ones.

use chrono::{TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::crawls::{open, start};
use super::work::{outcome, report};
use super::{Stage, Tracking, is_now};
use crate::retention::Retention;

async fn crawl(stage: &Stage, id: Uuid) -> Value {
    let path = format!("/api/v1/crawls/{id}");
    stage
        .client("bw_mine")
        .get(&path)
        .await
        .expect(StatusCode::OK)
}

#[tokio::test]
async fn a_stopped_crawl_lets_go_of_what_waits_and_counts_what_is_under_way() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    stage.track(3, 2).await;
    stage
        .execute(
            "update crawl.target set next_due_at = now() + interval '40 minutes', priority = 3,
                    last_crawl_at = now() - interval '20 minutes' where id = 3",
        )
        .await;
    let id = start(&mut core, stage.tenant, &[1, 2, 3, 4]).await;
    assert_eq!(crawl(&stage, id).await["status"], "running", "joined");
    assert!(is_now(stage.target(3).await.next_due_at));

    let client = stage.client("bw_mine");
    let path = format!("/api/v1/crawls/{id}/cancel");
    let stopped = client.post(&path, json!({})).await.expect(StatusCode::OK);
    assert_eq!(
        stopped["message"],
        "Cancelled: 0 of 4 fetched, 2 not fetched; 2 still under way"
    );
    assert_eq!(
        (&stopped["status"], &stopped["finished_at"]),
        (&json!("cancelled"), &Value::Null)
    );
    // By its own time, with low priority; the one never fetched is due and urgent by itself.
    let third = stage.target(3).await;
    let wait = third.next_due_at.expect("due") - Utc::now();
    assert!((36..=40).contains(&wait.num_minutes()), "{wait}");
    assert_eq!(third.priority, 3);
    let fourth = stage.target(4).await;
    assert!(is_now(fourth.next_due_at) && fourth.priority == 1);

    let again = client.post(&path, json!({})).await;
    let again = again.expect(StatusCode::CONFLICT);
    assert!(
        again["detail"]
            .as_str()
            .expect("a text")
            .contains("already")
    );
    // The one is fetched; the other is not tried again for this crawl.
    let outcomes = vec![outcome(&items[0], "ok"), outcome(&items[1], "network")];
    report(&mut work, task, outcomes).await;
    let over = crawl(&stage, id).await;
    assert_eq!(
        (&over["status"], &over["message"]),
        (
            &json!("cancelled"),
            &json!("Cancelled: 1 of 4 fetched, 3 not fetched")
        )
    );
    let told = stage.finished().await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (
            told[0].status.as_str(),
            told[0].succeeded,
            told[0].cancelled
        ),
        ("cancelled", 1, 3)
    );
    let path = format!("/api/v1/crawls/{id}?outcome=cancelled");
    let targets = client.get(&path).await.expect(StatusCode::OK);
    assert_eq!(
        targets["targets"]["items"]
            .as_array()
            .expect("a list")
            .len(),
        3
    );
}

#[tokio::test]
async fn what_another_crawl_waits_for_stays_as_urgent_as_that_one_asks() {
    let stage = Stage::new().await;
    let (_, mut core) = stage.clients();
    stage.track(1, 2).await;
    stage.tell(&Tracking::of(stage.other_tenant, 1)).await;
    stage
        .execute(
            "update crawl.target set next_due_at = now() + interval '40 minutes', priority = 3,
                    last_crawl_at = now() - interval '20 minutes'",
        )
        .await;
    let theirs = start(&mut core, stage.other_tenant, &[1]).await;
    let mine = start(&mut core, stage.tenant, &[1, 2]).await;
    let path = format!("/api/v1/crawls/{mine}/cancel");
    let stopped = stage.client("bw_mine").post(&path, json!({})).await;
    assert!(stopped.expect(StatusCode::OK)["finished_at"].is_string());
    let (first, second) = (stage.target(1).await, stage.target(2).await);
    assert!(is_now(first.next_due_at) && first.priority == 1);
    assert!(!is_now(second.next_due_at) && second.priority == 3);
    let path = format!("/api/v1/crawls/{theirs}/cancel");
    let stopped = stage.client("bw_theirs").post(&path, json!({})).await;
    stopped.expect(StatusCode::OK);
    let first = stage.target(1).await;
    assert!(!is_now(first.next_due_at) && first.priority == 3);
    assert_eq!(stage.finished().await.len(), 2);
}

#[tokio::test]
async fn only_what_failed_is_fetched_once_more() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 4).await;
    let id = start(&mut core, stage.tenant, &[1, 2, 3, 4]).await;
    let client = stage.client("bw_mine");
    let retry = format!("/api/v1/crawls/{id}/retry");
    let early = client.post(&retry, json!({})).await;
    let early = early.expect(StatusCode::CONFLICT);
    assert!(
        early["detail"]
            .as_str()
            .expect("a text")
            .contains("not over")
    );

    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    let words = ["ok", "not_found", "malformed", "not_found"];
    let outcomes = items
        .iter()
        .zip(words)
        .map(|(item, word)| outcome(item, word));
    report(&mut work, task, outcomes.collect()).await;

    let path = format!("/api/v1/crawls/{id}?outcome=failed&limit=2");
    let failed = client.get(&path).await.expect(StatusCode::OK);
    assert_eq!(failed["targets"]["items"][0]["product_id"], 2);
    assert!(failed["targets"]["next_cursor"].is_string());

    let again = client.post(&retry, json!({})).await;
    let again = again.expect(StatusCode::ACCEPTED);
    assert_eq!(
        (&again["total"], &again["trigger"], &again["priority"]),
        (&json!(1), &json!("manual"), &json!("high"))
    );
    assert_eq!(again["targets"]["items"][0]["product_id"], 3);
    let with_gone = client
        .post(&format!("{retry}?include_not_found=true"), json!({}))
        .await;
    assert_eq!(with_gone.expect(StatusCode::ACCEPTED)["total"], 3);
    let wrong = client
        .post(&format!("{retry}?include_not_found=maybe"), json!({}))
        .await;
    assert_eq!(wrong.fields(), ["include_not_found"]);

    // Both wait for the same fetches: each listing is fetched once.
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    let outcomes = items.iter().map(|item| outcome(item, "ok"));
    assert_eq!(report(&mut work, task, outcomes.collect()).await, 3);
    let again: Uuid = again["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(crawl(&stage, again).await["status"], "completed");
    let nothing = client
        .post(&format!("/api/v1/crawls/{again}/retry"), json!({}))
        .await;
    let nothing = nothing.expect(StatusCode::CONFLICT);
    assert!(
        nothing["detail"]
            .as_str()
            .expect("a text")
            .contains("Nothing")
    );
}

#[tokio::test]
async fn crawls_are_found_by_status_trigger_source_and_time() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    stage
        .tell(&Tracking {
            source: "popmart",
            ..Tracking::of(stage.tenant, 3)
        })
        .await;
    let first = start(&mut core, stage.tenant, &[1, 2]).await;
    let second = start(&mut core, stage.tenant, &[3]).await;
    let client = stage.client("bw_mine");
    let found = async |query: &str| {
        let list = client.get(&format!("/api/v1/crawls?{query}")).await;
        let list = list.expect(StatusCode::OK);
        let items = list["items"].as_array().expect("a list").clone();
        let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
        items.iter().map(id).collect::<Vec<_>>()
    };
    let (first, second) = (first.to_string(), second.to_string());
    assert_eq!(found("status=idle").await, [second.as_str(), &first]);
    let task = stage.dispatch_one().await;
    let items = open(&mut work, task).await;
    assert_eq!(found("status=running").await, [first.as_str()]);
    assert_eq!(found("status=idle").await, [second.as_str()]);
    assert_eq!(
        found("source=popmart&trigger=manual").await,
        [second.as_str()]
    );
    let outcomes = items.iter().map(|item| outcome(item, "ok"));
    report(&mut work, task, outcomes.collect()).await;
    assert_eq!(found("status=completed").await, [first.as_str()]);
    assert!(found("trigger=schedule").await.is_empty());
    assert!(found("from=2999-01-01T00:00:00Z").await.is_empty());
    assert_eq!(found("to=2999-01-01T00:00:00Z").await.len(), 2);

    for (query, field) in [
        ("status=busy", "status"),
        ("trigger=me", "trigger"),
        ("source=ebay", "source"),
        ("from=yesterday", "from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("state=idle", "state"),
    ] {
        let refused = client.get(&format!("/api/v1/crawls?{query}")).await;
        assert_eq!(refused.fields(), [field], "{query}");
    }
    let wrong = client
        .get(&format!("/api/v1/crawls/{first}?outcome=great"))
        .await;
    assert_eq!(wrong.fields(), ["outcome"]);
}

#[tokio::test]
async fn another_tenants_crawl_cannot_be_steered() {
    let stage = Stage::new().await;
    let (_, mut core) = stage.clients();
    stage.track(1, 1).await;
    let id = start(&mut core, stage.tenant, &[1]).await;
    let theirs = stage.client("bw_theirs");
    for operation in ["cancel", "retry"] {
        let foreign = theirs
            .post(&format!("/api/v1/crawls/{id}/{operation}"), json!({}))
            .await;
        let foreign = foreign.expect(StatusCode::NOT_FOUND);
        let unknown = format!("/api/v1/crawls/{}/{operation}", Uuid::now_v7());
        let unknown = theirs
            .post(&unknown, json!({}))
            .await
            .expect(StatusCode::NOT_FOUND);
        assert_eq!(foreign["detail"], unknown["detail"], "{operation}");
        let reader = stage.client("bw_theirs_write");
        let written = reader
            .post(&format!("/api/v1/crawls/{id}/{operation}"), json!({}))
            .await;
        assert_eq!(written.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(crawl(&stage, id).await["status"], "idle");
}

#[tokio::test]
async fn crawls_that_were_over_long_ago_are_forgotten() {
    let stage = Stage::new().await;
    let (_, mut core) = stage.clients();
    stage.track(1, 3).await;
    let old = start(&mut core, stage.tenant, &[1, 2, 3]).await;
    let running = start(&mut core, stage.tenant, &[1]).await;
    let fresh = start(&mut core, stage.tenant, &[2]).await;
    stage
        .execute(&format!(
            "update crawl.crawl set started_at = started_at - interval '40 days';
             update crawl.crawl set status = 'failed', finished_at = now() - interval '31 days' where id = '{old}';
             update crawl.crawl set status = 'failed', finished_at = now() - interval '29 days' where id = '{fresh}'"
        ))
        .await;
    let retention = Retention {
        pool: stage.state.pools.system.clone(),
        keep: TimeDelta::days(30),
    };
    // Two targets at once: it takes several steps.
    assert_eq!(retention.forget(Utc::now(), 2).await.expect("forgotten"), 1);
    let (crawls, targets): (i64, i64) = stage
        .one("select (select count(*) from crawl.crawl), (select count(*) from crawl.crawl_target)")
        .await;
    assert_eq!((crawls, targets), (2, 2));
    assert_eq!(crawl(&stage, running).await["total"], 1);
}
