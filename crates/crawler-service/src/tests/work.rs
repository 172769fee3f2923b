//! Leases in a worker's hands.

use chrono::Utc;
use contracts::crawl::v1::crawl_client::CrawlClient;
use contracts::crawl::v1::work_client::WorkClient;
use contracts::crawl::v1::{
    CheckpointRequest, ItemOutcome, OpenTaskRequest, OpenTaskResponse, ReportRequest,
    StartCrawlRequest, TaskItem,
};
use tonic::Code;
use uuid::Uuid;

use super::{Stage, is_now};

type Work = WorkClient<rpc::Channel>;

pub(super) async fn open(work: &mut Work, task: Uuid) -> OpenTaskResponse {
    let request = OpenTaskRequest {
        task_id: task.to_string(),
    };
    work.open_task(request)
        .await
        .expect("answered")
        .into_inner()
}

pub(super) fn outcome(item: &TaskItem, outcome: &str) -> ItemOutcome {
    ItemOutcome {
        target_id: item.target_id,
        fence: item.fence,
        round: item.round,
        outcome: outcome.to_owned(),
        reason: if outcome == "ok" {
            String::new()
        } else {
            // What an upstream says may hold anything.
            format!("it was\0 {outcome}")
        },
        retry_after_seconds: None,
        retryable: !matches!(outcome, "ok" | "not_found" | "malformed"),
        memo: None,
        changed: None,
        low_stock: None,
    }
}

pub(super) async fn report(work: &mut Work, task: Uuid, outcomes: Vec<ItemOutcome>) -> u32 {
    let request = ReportRequest {
        task_id: task.to_string(),
        outcomes,
    };
    work.report(request)
        .await
        .expect("answered")
        .into_inner()
        .accepted
}

#[tokio::test]
async fn a_task_is_opened_checkpointed_reported_and_over() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 2).await;
    let task = stage.dispatch_one().await;
    let opened = open(&mut work, task).await;
    assert!(opened.live && opened.checkpoint.is_empty());
    assert_eq!(opened.items.len(), 2);
    let first = &opened.items[0];
    assert_eq!(
        (first.marketplace.as_str(), first.external_id.as_str()),
        ("US", "B000000001")
    );

    let checkpoint = CheckpointRequest {
        task_id: task.to_string(),
        checkpoint: b"run-7".to_vec(),
    };
    assert!(
        work.checkpoint(checkpoint.clone())
            .await
            .expect("answered")
            .into_inner()
            .live
    );
    assert_eq!(report(&mut work, task, vec![outcome(first, "ok")]).await, 1);
    let resumed = open(&mut work, task).await;
    assert!(resumed.live);
    assert_eq!(
        (resumed.items.len(), resumed.checkpoint.as_slice()),
        (1, b"run-7".as_slice())
    );

    let target = stage.target(1).await;
    assert_eq!(
        (target.round, target.priority, target.task_id),
        (2, 3, None)
    );
    assert_eq!(
        (target.last_outcome.as_deref(), target.traceparent),
        (Some("ok"), None)
    );
    let wait = target.next_due_at.expect("due") - Utc::now();
    assert!((3300..=3600).contains(&wait.num_seconds()), "{wait}");

    assert_eq!(
        report(&mut work, task, vec![outcome(&opened.items[1], "ok")]).await,
        1
    );
    assert!(!open(&mut work, task).await.live);
    assert!(
        !work
            .checkpoint(checkpoint)
            .await
            .expect("answered")
            .into_inner()
            .live
    );
    assert!(!open(&mut work, Uuid::now_v7()).await.live);
    let again = vec![outcome(first, "failed"), outcome(&opened.items[1], "ok")];
    assert_eq!(
        report(&mut work, task, again).await,
        0,
        "a repeated report changes nothing"
    );
    let target = stage.target(1).await;
    assert_eq!((target.round, target.attempts, target.failures), (2, 0, 0));
}

#[tokio::test]
async fn a_lost_lease_comes_back_with_its_round_and_the_old_holder_is_ignored() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 1).await;
    let lost = stage.dispatch_one().await;
    let stale = open(&mut work, lost).await.items[0].clone();
    assert_eq!(
        stage.reaper().give_back(Utc::now()).await.expect("looked"),
        0,
        "still live"
    );
    stage
        .execute("update crawl.task set lease_until = now() - interval '1 second'")
        .await;
    assert!(
        !open(&mut work, lost).await.live,
        "over before anybody took it back"
    );
    assert_eq!(
        stage
            .reaper()
            .give_back(Utc::now())
            .await
            .expect("taken back"),
        1
    );
    let target = stage.target(1).await;
    assert_eq!(
        (target.task_id, target.round, target.priority),
        (None, 1, 1)
    );
    assert!(is_now(target.next_due_at));
    assert_eq!(
        report(&mut work, lost, vec![outcome(&stale, "ok")]).await,
        0,
        "nobody holds it"
    );

    let task = stage.dispatch_one().await;
    let current = open(&mut work, task).await.items[0].clone();
    assert_eq!((current.fence, current.round), (2, 1));
    assert_eq!(
        report(&mut work, lost, vec![outcome(&stale, "ok")]).await,
        0
    );
    assert_eq!(
        report(&mut work, task, vec![outcome(&stale, "ok")]).await,
        0,
        "the fence is old"
    );
    assert_eq!(
        report(&mut work, task, vec![outcome(&current, "ok")]).await,
        1
    );
    assert_eq!(stage.target(1).await.round, 2);
}

#[tokio::test]
async fn three_tries_by_due_time_then_the_round_failed() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 1).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1]).await;
    for attempt in 1..=3 {
        let task = stage.dispatch_one().await;
        let item = open(&mut work, task).await.items[0].clone();
        assert_eq!((item.round, item.fence), (1, attempt));
        let mut failed = outcome(&item, "rate_limited");
        failed.retry_after_seconds = (attempt == 1).then_some(120);
        assert_eq!(report(&mut work, task, vec![failed]).await, 1);
        let target = stage.target(1).await;
        if attempt == 3 {
            break;
        }
        let wait = (target.next_due_at.expect("due") - Utc::now()).num_seconds();
        let expected = if attempt == 1 { 115..=180 } else { 25..=45 };
        assert!(expected.contains(&wait), "try {attempt} waits {wait} s");
        assert_eq!(
            (i64::from(target.attempts), target.round, target.priority),
            (attempt, 1, 1)
        );
        let (shown, running): (i16, bool) = stage
            .one("select attempts, outcome is null from crawl.crawl_target")
            .await;
        assert_eq!((i64::from(shown), running), (attempt, true));
        stage
            .execute("update crawl.target set next_due_at = now()")
            .await;
    }
    let target = stage.target(1).await;
    assert_eq!((target.round, target.attempts, target.failures), (2, 0, 1));
    assert_eq!(
        (target.last_outcome.as_deref(), target.priority),
        (Some("rate_limited"), 3)
    );
    let row: (String, String, i16) = stage
        .one(&format!(
            "select outcome, reason, attempts from crawl.crawl_target where crawl_id = '{crawl}'"
        ))
        .await;
    assert_eq!(
        row,
        (
            "rate_limited".to_owned(),
            "it was rate_limited".to_owned(),
            3
        )
    );
}

#[tokio::test]
async fn a_target_that_takes_its_workers_down_is_found_and_given_up() {
    let stage = Stage::new().await;
    let (mut work, mut core) = stage.clients();
    stage.track(1, 2).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1, 2]).await;
    let together = stage.dispatch_one().await;
    // The first worker is lost, then the one that its message came to.
    for _ in 0..2 {
        assert_eq!(open(&mut work, together).await.items.len(), 2);
    }
    assert!(!open(&mut work, together).await.live, "taken apart");
    let (items, over): (i32, bool) = stage
        .one(&format!(
            "select items, finished_at is not null from crawl.task where id = '{together}'"
        ))
        .await;
    assert_eq!((items, over), (0, true), "nothing of it counts as done");

    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    assert_eq!(dispatcher.pass().await.expect("dispatched").published, 2);
    let alone = async |id| stage.target(id).await.task_id.expect("leased");
    let innocent = alone(1).await;
    let opened = open(&mut work, innocent).await;
    assert_eq!(opened.items.len(), 1);
    let done = vec![outcome(&opened.items[0], "ok")];
    assert_eq!(report(&mut work, innocent, done).await, 1);

    // The other one goes on taking workers down, in one task and then in another.
    let poison = alone(2).await;
    for _ in 0..2 {
        assert!(open(&mut work, poison).await.live);
    }
    stage
        .execute("update crawl.task set lease_until = now() - interval '1 second'")
        .await;
    let lost = stage.reaper().give_back(Utc::now()).await;
    assert_eq!(lost.expect("taken back"), 1);
    let poison = stage.dispatch_one().await;
    assert!(open(&mut work, poison).await.live, "the fifth and last");
    assert!(!open(&mut work, poison).await.live, "given up");

    let target = stage.target(2).await;
    assert_eq!(
        (target.round, target.task_id, target.failures),
        (2, None, 1)
    );
    let wait = target.next_due_at.expect("due") - Utc::now();
    assert!(wait.num_seconds() > 3300, "{wait}");
    let (outcome, reason): (String, String) = stage
        .one(&format!(
            "select outcome, reason from crawl.crawl_target where crawl_id = '{crawl}' and target_id = 2"
        ))
        .await;
    assert_eq!(outcome, "failed");
    assert!(reason.contains("5 workers"), "{reason}");
    let (status,): (String,) = stage.one("select status from crawl.crawl").await;
    assert_eq!(status, "partial");
}

#[tokio::test]
async fn only_known_words_are_taken() {
    let stage = Stage::new().await;
    let (mut work, _) = stage.clients();
    stage.track(1, 1).await;
    let task = stage.dispatch_one().await;
    let item = open(&mut work, task).await.items[0].clone();
    let request = ReportRequest {
        task_id: task.to_string(),
        outcomes: vec![outcome(&item, "splendid")],
    };
    let refused = work.report(request).await.expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let refused = work
        .open_task(OpenTaskRequest {
            task_id: "7".to_owned(),
        })
        .await;
    assert_eq!(refused.expect_err("refused").code(), Code::InvalidArgument);
    assert_eq!(stage.target(1).await.task_id, Some(task));
}

#[tokio::test]
async fn each_caller_may_do_its_own_work_only() {
    let stage = Stage::new().await;
    let (worker, core) = stage.channels();
    let task = OpenTaskRequest {
        task_id: Uuid::now_v7().to_string(),
    };
    let refused = WorkClient::new(core)
        .open_task(task)
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let crawl = StartCrawlRequest {
        tenant_id: stage.tenant.to_string(),
        ..Default::default()
    };
    let refused = CrawlClient::new(worker)
        .start_crawl(crawl)
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), Code::PermissionDenied);
}
