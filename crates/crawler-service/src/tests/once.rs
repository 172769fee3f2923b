//! Messages that are lost or come twice, and workers that die or come back late: each due fetch counts once, and what is
//! paid for is not begun again.

use bus::topology::Priority;
use chrono::{TimeDelta, Utc};
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{CheckpointRequest, OpenTaskRequest, OpenTaskResponse};
use uuid::Uuid;

use super::work::{outcome, report};
use super::{Stage, eventually};

type Work = WorkClient<rpc::Channel>;

async fn open(work: &mut Work, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    let opened = work.open_task(request).await;
    opened.expect("answered").into_inner()
}

async fn checkpoint(work: &mut Work, task: Uuid, run: &[u8]) -> bool {
    let request = CheckpointRequest {
        task_id: task.to_string(),
        checkpoint: run.to_vec(),
    };
    let kept = work.checkpoint(request).await;
    kept.expect("answered").into_inner().live
}

async fn lease_ends(stage: &Stage) {
    stage
        .execute("update crawl.task set lease_until = now() - interval '1 second'")
        .await;
}

#[tokio::test]
async fn a_message_that_is_lost_costs_one_lease() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 3).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1, 2, 3]).await;
    let lost = stage.dispatch_one().await;
    let bus = &stage.state.bus;
    let queue = bus
        .topology()
        .crawl_queue(connectors::amazon::SOURCE, Priority::High);
    assert_eq!(bus.purge(&queue).await.expect("purged"), 1);

    lease_ends(&stage).await;
    let due = stage.reaper().give_back(Utc::now()).await;
    assert_eq!(due.expect("given back"), 3);
    let task = stage.dispatch_one().await;
    assert_ne!(task, lost);
    eventually("one message, the new one", async || {
        let counts = bus.queues().await.expect("counted");
        counts
            .iter()
            .any(|count| count.name == queue && count.ready == 1)
    })
    .await;
    assert!(!open(&mut work, lost).await.live);
    let items = open(&mut work, task).await.items;
    assert!(items.iter().all(|item| (item.fence, item.round) == (2, 1)));
    let done = items.iter().map(|item| outcome(item, "ok")).collect();
    assert_eq!(report(&mut work, task, done).await, 3);
    ended(&stage, crawl, 3).await;
}

#[tokio::test]
async fn a_task_that_is_delivered_twice_counts_once() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1, 2]).await;
    let task = stage.dispatch_one().await;
    let first = open(&mut work, task).await;
    assert!(checkpoint(&mut work, task, b"run-7").await);
    let second = open(&mut work, task).await;
    assert_eq!(second.items, first.items, "the same rounds and fences");
    assert_eq!(second.checkpoint, b"run-7", "the run that was begun");

    let one = vec![outcome(&first.items[0], "ok")];
    assert_eq!(report(&mut work, task, one).await, 1);
    let both = || {
        second
            .items
            .iter()
            .map(|item| outcome(item, "ok"))
            .collect()
    };
    assert_eq!(
        report(&mut work, task, both()).await,
        1,
        "the other half of it"
    );
    assert_eq!(report(&mut work, task, both()).await, 0);
    assert!(!open(&mut work, task).await.live, "delivered once more");
    ended(&stage, crawl, 2).await;
}

#[tokio::test]
async fn a_stale_holder_can_neither_begin_a_run_nor_report() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 1).await;
    let lost = stage.dispatch_one().await;
    let stale = open(&mut work, lost).await.items.remove(0);
    lease_ends(&stage).await;
    stage
        .reaper()
        .give_back(Utc::now())
        .await
        .expect("given back");
    let task = stage.dispatch_one().await;
    assert!(
        !checkpoint(&mut work, lost, b"run-8").await,
        "a run is begun after its checkpoint only"
    );
    let current = open(&mut work, task).await;
    assert!(current.checkpoint.is_empty());
    let done = vec![outcome(&current.items[0], "ok")];
    assert_eq!(report(&mut work, task, done).await, 1);
    let late = vec![outcome(&stale, "failed")];
    assert_eq!(report(&mut work, lost, late).await, 0);
    let target = stage.target(1).await;
    assert_eq!((target.round, target.failures), (2, 0));
}

#[tokio::test]
async fn a_run_that_is_paid_for_is_resumed_by_whoever_comes_back() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1, 2]).await;
    let task = stage.dispatch_one().await;
    open(&mut work, task).await;
    assert!(checkpoint(&mut work, task, b"run-9").await);
    // The crawler was away for longer than the lease.
    lease_ends(&stage).await;
    let due = stage.reaper().give_back(Utc::now()).await;
    assert_eq!(due.expect("looked"), 0, "nobody begins it anew");
    assert!(checkpoint(&mut work, task, b"run-9").await, "still its own");
    lease_ends(&stage).await;
    let resumed = open(&mut work, task).await;
    assert_eq!(
        (resumed.items.len(), &resumed.checkpoint[..]),
        (2, &b"run-9"[..])
    );
    let done = resumed.items.iter().map(|item| outcome(item, "ok"));
    assert_eq!(report(&mut work, task, done.collect()).await, 2);
    ended(&stage, crawl, 2).await;
}

#[tokio::test]
async fn nobody_waits_for_ever_for_whoever_paid() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 1).await;
    let task = stage.dispatch_one().await;
    open(&mut work, task).await;
    assert!(checkpoint(&mut work, task, b"run-1").await);
    let later = Utc::now() + TimeDelta::hours(1);
    let due = stage.reaper().give_back(later).await;
    assert_eq!(due.expect("given back"), 1);
    assert!(!checkpoint(&mut work, task, b"run-1").await);
    assert!(!open(&mut work, task).await.live);
}

/// The crawl is over, and counted each target once.
async fn ended(stage: &Stage, crawl: Uuid, count: i32) {
    let row: (String, i32, i32) = stage
        .one(&format!(
            "select status, succeeded, failed from crawl.crawl where id = '{crawl}'"
        ))
        .await;
    assert_eq!(row, ("completed".to_owned(), count, 0));
    let (rounds,): (i64,) = stage
        .one("select count(*) from crawl.target where round = 2 and task_id is null")
        .await;
    assert_eq!(rounds, i64::from(count));
}
