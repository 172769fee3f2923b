//! Urgent work takes over what only waits in a queue for less urgent work.

use connectors::amazon;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{OpenTaskRequest, OpenTaskResponse};
use db::SystemTx;
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::Stage;
use super::monitors::finish;
use super::rounds::crawl;
use super::work::{outcome, report};
use crate::storage::claim;

type Work = WorkClient<rpc::Channel>;

async fn open(work: &mut Work, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    work.open_task(request)
        .await
        .expect("answered")
        .into_inner()
}

fn ids(opened: &OpenTaskResponse) -> Vec<i64> {
    opened.items.iter().map(|item| item.target_id).collect()
}

/// `count` targets in one low task that no worker has opened.
async fn queued(stage: &Stage, count: i64) -> Uuid {
    stage.track(1, count).await;
    stage.execute("update crawl.target set priority = 3").await;
    stage.dispatch_one().await
}

async fn update(stage: &Stage, ids: &[i64], priority: &str) -> serde_json::Value {
    let body = json!({"product_ids": ids, "priority": priority});
    let client = stage.client("bw_mine");
    let started = client.post("/api/v1/crawl/manual", body).await;
    started.expect(StatusCode::ACCEPTED)
}

#[tokio::test]
async fn what_waits_in_a_low_task_goes_ahead_in_a_new_one_and_the_old_one_goes_without_it() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let low = queued(&stage, 3).await;
    let started = update(&stage, &[2], "high").await;
    let high = stage.dispatch_one().await;
    let target = stage.target(2).await;
    assert_eq!(
        (target.task_id, target.fence, target.round, target.priority),
        (Some(high), 2, 1, 1)
    );

    // The old message comes late, before or after the new one is done.
    let old = open(&mut work, low).await;
    assert_eq!(ids(&old), [1, 3]);
    let new = open(&mut work, high).await;
    assert_eq!(ids(&new), [2]);
    let mut stale = new.items[0].clone();
    stale.fence = 1;
    assert_eq!(
        report(&mut work, low, vec![outcome(&stale, "failed")]).await,
        0
    );
    assert_eq!(
        report(&mut work, high, vec![outcome(&new.items[0], "ok")]).await,
        1
    );
    let client = stage.client("bw_mine");
    assert_eq!(
        crawl(&client, &started["id"]).await["status"],
        json!("completed")
    );
    let told = old.items.iter().map(|item| outcome(item, "ok")).collect();
    assert_eq!(report(&mut work, low, told).await, 2);
    let (items, open_tasks): (i64, i64) = stage
        .one("select sum(items)::bigint, count(*) filter (where finished_at is null) from crawl.task")
        .await;
    assert_eq!((items, open_tasks), (3, 0), "each is one task's work");
}

/// Targets under way, of high and of low priority.
async fn under_way(stage: &Stage) -> (u32, u32) {
    let tx = SystemTx::begin(&stage.state.pools.system)
        .await
        .expect("begun");
    let leased = claim::leased(&tx, amazon::SOURCE).await.expect("counted");
    (leased.high, leased.low)
}

#[tokio::test]
async fn a_task_counts_what_it_holds_still() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let low = queued(&stage, 4).await;
    assert_eq!(under_way(&stage).await, (0, 4));
    update(&stage, &[2], "high").await;
    assert_eq!(
        under_way(&stage).await,
        (0, 3),
        "it waits to be leased anew"
    );
    stage.dispatch_one().await;
    assert_eq!(under_way(&stage).await, (1, 3));
    let opened = open(&mut work, low).await;
    assert_eq!(under_way(&stage).await, (1, 3));
    let told = |place: usize| vec![outcome(&opened.items[place], "ok")];
    assert_eq!(report(&mut work, low, told(0)).await, 1);
    assert_eq!(under_way(&stage).await, (1, 2));
    assert_eq!(report(&mut work, low, told(0)).await, 0, "told again");
    assert_eq!(under_way(&stage).await, (1, 2));
    // A worker that begins anew is given what is left.
    assert_eq!(open(&mut work, low).await.items.len(), 2);
    assert_eq!(under_way(&stage).await, (1, 2));
    stage.execute("update crawl.task set held = null").await;
    assert_eq!(
        under_way(&stage).await,
        (1, 3),
        "a task of the version before counts as a whole"
    );
    assert_eq!(report(&mut work, low, told(1)).await, 1);
    assert_eq!(report(&mut work, low, told(2)).await, 1);
    assert_eq!(under_way(&stage).await, (1, 0), "it is over");
}

#[tokio::test]
async fn what_is_being_fetched_is_joined() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let low = queued(&stage, 2).await;
    let opened = open(&mut work, low).await;
    let started = update(&stage, &[2], "high").await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    assert_eq!(dispatcher.pass().await.expect("dispatched").published, 0);
    let told = opened
        .items
        .iter()
        .map(|item| outcome(item, "ok"))
        .collect();
    assert_eq!(report(&mut work, low, told).await, 2);
    let client = stage.client("bw_mine");
    assert_eq!(
        crawl(&client, &started["id"]).await["status"],
        json!("completed")
    );
}

#[tokio::test]
async fn only_more_urgent_work_takes_over() {
    let stage = Stage::new().await;
    let low = queued(&stage, 2).await;
    update(&stage, &[1], "low").await;
    assert_eq!(stage.target(1).await.task_id, Some(low));
    update(&stage, &[1], "medium").await;
    let medium = stage.dispatch_one().await;
    assert_eq!(stage.target(1).await.task_id, Some(medium));
    update(&stage, &[1], "medium").await;
    assert_eq!(stage.target(1).await.task_id, Some(medium));
    update(&stage, &[1], "high").await;
    let high = stage.dispatch_one().await;
    assert_eq!(stage.target(1).await.task_id, Some(high));
}

#[tokio::test]
async fn a_task_that_everything_was_taken_from_is_over_when_its_message_comes() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let low = queued(&stage, 2).await;
    update(&stage, &[1, 2], "high").await;
    let high = stage.dispatch_one().await;
    assert!(!open(&mut work, low).await.live);
    let (finished, items): (bool, i32) = stage
        .one(&format!(
            "select finished_at is not null, items from crawl.task where id = '{low}'"
        ))
        .await;
    assert_eq!((finished, items), (true, 0), "it did nothing");
    assert_eq!(ids(&open(&mut work, high).await), [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_opens_at_the_same_instant_has_it_or_has_it_not() {
    let stage = Stage::new().await;
    for turn in 0..10 {
        stage
            .execute("update crawl.target set task_id = null, openings = 0, next_due_at = now()")
            .await;
        let low = queued(&stage, 4).await;
        let (mut work, _) = stage.clients();
        let request = OpenTaskRequest {
            task_id: low.to_string(),
        };
        let opening = tokio::spawn(async move { work.open_task(request).await });
        let started = update(&stage, &[1, 2, 3, 4], "high").await;
        let opened = opening
            .await
            .expect("no panic")
            .expect("answered")
            .into_inner();
        let (held,): (i64,) = stage
            .one(&format!(
                "select count(*) from crawl.target where task_id = '{low}'"
            ))
            .await;
        assert_eq!(
            i64::try_from(opened.items.len()).expect("few"),
            held,
            "turn {turn}: {started}"
        );
        assert!(held == 4 || held == 0, "turn {turn}: {held}");
        let (counted,): (i64,) = stage
            .one(&format!(
                "select coalesce(sum(held), 0)::bigint from crawl.task where id = '{low}' and finished_at is null"
            ))
            .await;
        assert_eq!(counted, held, "turn {turn}: a task counts what it holds");
    }
}

#[tokio::test]
async fn a_search_of_a_low_round_goes_ahead_for_an_urgent_one() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    let client = stage.client("bw_mine");
    let round =
        |priority: &str| json!({"keywords": ["x"], "sources": ["amazon"], "priority": priority});
    let slow = client
        .post("/api/v1/crawl/manual", round("low"))
        .await
        .expect(StatusCode::ACCEPTED);
    let low = stage.dispatch_one_of(amazon::SOURCE).await;
    let urgent = client
        .post("/api/v1/crawl/manual", round("high"))
        .await
        .expect(StatusCode::ACCEPTED);
    let high = stage.dispatch_one_of(amazon::SOURCE).await;
    assert_ne!(low, high);
    assert!(!open(&mut work, low).await.live);
    let fence = open(&mut work, high)
        .await
        .discovery
        .expect("a search")
        .fence;
    assert_eq!(fence, 2);
    assert!(finish(&mut work, high, fence, "ok", 3).await);
    for id in [&slow["id"], &urgent["id"]] {
        assert_eq!(crawl(&client, id).await["status"], json!("completed"));
    }
}
