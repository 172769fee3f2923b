//! Tasks with items: what goes where, in which order, and what survives.

use std::time::Duration;

use bus::Decision;
use connectors::Outcome;
use contracts::crawl::v1 as crawl;
use contracts::messages::v1::CrawlTask;
use prost::Message;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{Shop, World, item, log, message, seen, target, task, worker, world};

#[tokio::test]
async fn observations_go_to_core_before_outcomes_go_to_the_crawler() {
    let mut start = world([1, 2]);
    start.items.push(crawl::TaskItem {
        external_id: "../etc".into(),
        ..item(3)
    });
    let shop = Shop {
        outcomes: vec![seen(&target(1)), Outcome::NotFound],
        ..Shop::default()
    };
    let (worker, world) = worker(start, shop);
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let mut log = log(&world);
    let ingest = log
        .iter()
        .position(|line| line == "ingest 1")
        .expect("ingested");
    let report = log
        .iter()
        .position(|line| line == "report 1=ok")
        .expect("reported");
    assert!(ingest < report, "{log:?}");
    log.sort();
    assert_eq!(
        log,
        [
            "checkpoint run",
            "ingest 1",
            "report 1=ok",
            "report 2=not_found",
            "report 3=failed"
        ]
    );
}

#[tokio::test]
async fn results_leave_while_the_crawl_goes_on() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate.clone()),
        ..Shop::default()
    };
    let (worker, world) = worker(world([1, 2]), shop);
    let working = tokio::spawn(async move { worker.handle(task()).await });
    let first_reported = async {
        while !log(&world).contains(&"report 1=ok".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), first_reported)
        .await
        .expect("reported early");
    gate.cancel();
    assert_eq!(working.await.expect("no panic"), Decision::Done);
    assert!(log(&world).contains(&"report 2=ok".to_owned()));
}

#[tokio::test]
async fn a_task_that_is_delivered_again_while_in_hand_waits() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate.clone()),
        ..Shop::default()
    };
    let (worker, world) = worker(world([1, 2]), shop);
    let first = worker.clone();
    let working = tokio::spawn(async move { first.handle(task()).await });
    let begun = async {
        while !log(&world).contains(&"report 1=ok".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), begun)
        .await
        .expect("begun");
    assert_eq!(worker.handle(task()).await, Decision::Later);
    gate.cancel();
    assert_eq!(working.await.expect("no panic"), Decision::Done);
    assert_eq!(worker.handle(task()).await, Decision::Done, "free again");
}

#[tokio::test]
async fn a_task_whose_lease_is_gone_is_forgotten() {
    let (worker, world) = worker(world([]), Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).is_empty(), "nothing was fetched");
}

#[tokio::test]
async fn a_resumed_task_hands_its_checkpoint_on() {
    let start = World {
        checkpoint: b"run".to_vec(),
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert_eq!(
        log(&world),
        ["ingest 1", "report 1=ok"],
        "no second run is begun"
    );
}

#[tokio::test]
async fn a_core_that_restarts_loses_nothing() {
    let failures = [
        Status::unavailable(""),
        Status::deadline_exceeded(""),
        Status::aborted(""),
    ];
    let start = World {
        core_failures: failures.into(),
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).ends_with(&["ingest 1".into(), "report 1=ok".into()]));
}

#[tokio::test]
async fn a_core_that_stays_away_past_the_lease_leaves_the_task_for_later() {
    let failures = (0..1000).map(|_| Status::unavailable("")).collect();
    let start = World {
        core_failures: failures,
        lease_seconds: 0,
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Later);
    assert!(
        !log(&world).iter().any(|line| line.starts_with("report")),
        "it stays to be done"
    );
}

#[tokio::test]
async fn a_lost_lease_ends_the_crawl() {
    let gate = CancellationToken::new();
    let shop = Shop {
        before_last: Some(gate),
        ..Shop::default()
    };
    // One extension for the checkpoint; the next, after a third of the lease, fails.
    let start = World {
        extensions: Some(1),
        lease_seconds: 3,
        ..world([1])
    };
    let (worker, world) = worker(start, shop);
    let decision = tokio::time::timeout(Duration::from_secs(20), worker.handle(task())).await;
    assert_eq!(
        decision.expect("it does not wait for the shop"),
        Decision::Done
    );
    assert!(!log(&world).iter().any(|line| line.starts_with("report")));
}

#[tokio::test]
async fn what_core_refuses_fails_its_own_target_only() {
    let start = World {
        refused: vec!["2".into()],
        ..world([1, 2, 3])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    for line in ["report 1=ok", "report 2=malformed", "report 3=ok"] {
        assert!(log.contains(&line.to_owned()), "{log:?}");
    }
}

#[tokio::test]
async fn a_request_that_core_refuses_as_a_whole_is_sent_product_by_product() {
    let start = World {
        core_failures: [Status::invalid_argument("too much")].into(),
        ..world([1, 2])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    assert!(log.contains(&"report 1=ok".to_owned()), "{log:?}");
    assert!(log.contains(&"report 2=ok".to_owned()), "{log:?}");
}

#[tokio::test]
async fn unreadable_or_misplaced_messages_are_parked() {
    let (worker, _) = worker(world([1]), Shop::default());
    assert!(matches!(
        worker.handle(message(vec![0xff; 8])).await,
        Decision::Park(_)
    ));
    let elsewhere = CrawlTask {
        source: "amazon".into(),
        ..CrawlTask::default()
    };
    let decision = worker.handle(message(elsewhere.encode_to_vec())).await;
    assert!(matches!(decision, Decision::Park(_)), "{decision:?}");
}

#[tokio::test]
async fn what_core_sets_apart_is_looked_at_again() {
    let start = World {
        quarantined: vec!["2".into()],
        ..world([1, 2])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let log = log(&world);
    assert!(log.contains(&"report 2=suspicious".to_owned()), "{log:?}");
    let memos = &world.lock().expect("not poisoned").memos;
    assert!(memos.contains(&(1, Some(b"1".to_vec()))), "{memos:?}");
    assert!(memos.contains(&(2, None)), "nothing was kept: {memos:?}");
}

#[tokio::test]
async fn what_core_found_changed_is_told_to_the_crawler() {
    let start = World {
        unchanged: vec!["2".into()],
        refused: vec!["3".into()],
        ..world([1, 2, 3])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let mut changes = world.lock().expect("not poisoned").changes.clone();
    changes.sort_unstable();
    assert_eq!(changes, [(1, Some(true)), (2, Some(false)), (3, None)]);
}

#[tokio::test]
async fn a_failure_forgets_no_memo() {
    let shop = Shop {
        outcomes: vec![Outcome::Timeout],
        ..Shop::default()
    };
    let (worker, world) = worker(world([1]), shop);
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let memos = &world.lock().expect("not poisoned").memos;
    assert_eq!(*memos, [(1, None)]);
}

#[tokio::test]
async fn a_tenants_listings_carry_their_owner() {
    let start = World {
        owner: Some("tenant".into()),
        has_secret: true,
        secret: Some("hunter2".into()),
        ..world([1])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    assert!(log(&world).contains(&"report 1=ok".to_owned()));
}

#[tokio::test]
async fn without_its_credential_nothing_is_asked() {
    let start = World {
        has_secret: true,
        ..world([1, 2])
    };
    let (worker, world) = worker(start, Shop::default());
    assert_eq!(worker.handle(task()).await, Decision::Done);
    let mut log = log(&world);
    log.sort();
    assert_eq!(log, ["report 1=failed", "report 2=failed"]);
}
