//! Claiming and publishing.

use std::sync::{Arc, Mutex};

use bus::topology::Priority;
use bus::{Decision, Topology};
use contracts::messages::v1::CrawlTask;
use db::SystemTx;
use prost::Message;
use tokio_util::sync::CancellationToken;

use super::{Stage, TRACE, Tracking, eventually, within};
use crate::storage::payers;

/// Amazon targets due since a while, with low priority.
pub(super) fn due(count: u32) -> String {
    format!(
        "with payer as (
             insert into crawl.payer (tenant_id, source, priority)
             select '00000000-0000-0000-0000-000000000000', 'amazon', p from generate_series(1, 3) p
             on conflict do nothing
         )
         insert into crawl.target (id, source, marketplace, external_id, url, interval_seconds, next_due_at, priority)
         select i, 'amazon', 'US', 'B' || i, 'https://www.amazon.com/dp/B' || i, 3600, now() - interval '1 minute', 3
         from generate_series(1, {count}) as i"
    )
}

/// Makes the source look as if it had just finished so many targets: its window has that size.
fn speed(items: u32) -> String {
    format!(
        "insert into crawl.task (id, source, priority, items, lease_until, finished_at)
         values (gen_random_uuid(), 'amazon', 3, {items}, now(), now())"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_dispatchers_claim_every_target_once() {
    let stage = Stage::new().await;
    stage.execute(&due(5_000)).await;
    stage.execute(&speed(10_000)).await;
    let dispatcher = || stage.dispatcher(stage.state.bus.topology().clone());
    let (first, second) = (dispatcher(), dispatcher());
    let drain = async |dispatcher: &crate::dispatch::Dispatcher| {
        let mut claimed = 0;
        loop {
            let pass = dispatcher.pass().await.expect("dispatched");
            assert_eq!(pass.refused, 0);
            if pass.claimed.total() == 0 {
                break claimed;
            }
            claimed += pass.claimed.total();
        }
    };
    let (one, other) = tokio::join!(drain(&first), drain(&second));
    assert_eq!(one + other, 5_000);
    let (leased, fences): (i64, i64) = stage
        .one("select count(*) filter (where task_id is not null), sum(fence)::bigint from crawl.target")
        .await;
    assert_eq!((leased, fences), (5_000, 5_000), "each once");
    let (items, unpublished): (i64, i64) = stage
        .one(
            "select sum(items)::bigint, count(*) filter (where published_at is null)
             from crawl.task where finished_at is null",
        )
        .await;
    assert_eq!((items, unpublished), (5_000, 0));
    let received = received(&stage, Priority::Low).await;
    eventually("all tasks arrive", async || {
        received
            .lock()
            .expect("whole")
            .iter()
            .map(|(task, _)| task.items)
            .sum::<u32>()
            == 5_000
    })
    .await;
}

#[tokio::test]
async fn what_the_broker_does_not_confirm_is_due_again_at_once() {
    let stage = Stage::new().await;
    stage.track(1, 3).await;
    let nowhere = stage.dispatcher(Topology::new("nobody.declared.this.", []));
    let pass = nowhere.pass().await.expect("dispatched");
    assert_eq!((pass.claimed.high, pass.published, pass.refused), (3, 0, 1));
    for id in 1..=3 {
        let target = stage.target(id).await;
        assert_eq!(
            (target.task_id, target.fence, target.round, target.priority),
            (None, 1, 1, 1)
        );
    }
    let open: (i64,) = stage
        .one("select count(*) from crawl.task where finished_at is null")
        .await;
    assert_eq!(open.0, 0);
    stage.dispatch_one().await;
    assert_eq!(stage.target(1).await.fence, 2);
}

#[tokio::test]
async fn a_task_carries_the_trace_of_the_request() {
    let stage = Stage::new().await;
    stage.track(1, 2).await;
    let task = stage.dispatch_one().await;
    let received = received(&stage, Priority::High).await;
    eventually("the task arrives", async || {
        !received.lock().expect("whole").is_empty()
    })
    .await;
    let (message, traceparent) = received.lock().expect("whole")[0].clone();
    assert_eq!(message.task_id, task.to_string());
    assert_eq!(
        (
            message.source.as_str(),
            message.priority.as_str(),
            message.items
        ),
        ("amazon", "high", 2)
    );
    assert_eq!(traceparent.as_deref(), Some(TRACE));
}

#[tokio::test]
async fn bulk_work_is_held_to_its_window_and_urgent_work_passes_it() {
    let stage = Stage::new().await;
    stage.execute(&due(2_000)).await;
    let dispatcher = stage.dispatcher(stage.state.bus.topology().clone());
    let pass = dispatcher.pass().await.expect("dispatched");
    // The least window is four tasks of 100; 100 of it are kept for high, 50 for medium work.
    assert_eq!(pass.claimed.low, 250);
    assert_eq!(
        dispatcher.pass().await.expect("dispatched").claimed.total(),
        0
    );
    stage.track(10_001, 10).await;
    let pass = dispatcher.pass().await.expect("dispatched");
    assert_eq!((pass.claimed.high, pass.claimed.low), (10, 0));
}

#[tokio::test]
async fn a_source_that_is_full_or_stuck_keeps_no_other_waiting() {
    let stage = Stage::new().await;
    stage.execute(&due(2_000)).await;
    let slow = stage.dispatcher(stage.state.bus.topology().clone());
    while slow.pass().await.expect("dispatched").claimed.total() > 0 {}
    // Somebody holds the slow source's claiming, and does not come to an end.
    let stuck = SystemTx::begin(&stage.state.pools.system)
        .await
        .expect("begun");
    let held = payers::hold(&stuck, connectors::amazon::SOURCE).await;
    assert!(held.expect("asked"));
    let another = Tracking {
        source: "popmart",
        ..Tracking::of(stage.tenant, 10_001)
    };
    stage.tell(&another).await;
    within(
        "the other source goes on",
        stage.dispatch_one_of(connectors::popmart::SOURCE),
    )
    .await;
    let pass = slow.pass().await.expect("looked");
    assert_eq!(pass.claimed.total(), 0);
}

/// Tasks of amazon as a worker receives them, each with its trace.
async fn received(
    stage: &Stage,
    priority: Priority,
) -> Arc<Mutex<Vec<(CrawlTask, Option<String>)>>> {
    let received = Arc::new(Mutex::new(Vec::new()));
    let (bus, inbox) = (stage.state.bus.clone(), Arc::clone(&received));
    let queue = bus
        .topology()
        .crawl_queue(connectors::amazon::SOURCE, priority);
    tokio::spawn(async move {
        let handler = move |message: bus::Incoming| {
            let inbox = Arc::clone(&inbox);
            async move {
                let task = CrawlTask::decode(message.body.clone()).expect("a task");
                let traceparent = message.traceparent().map(ToOwned::to_owned);
                inbox.lock().expect("whole").push((task, traceparent));
                Decision::Done
            }
        };
        bus.consume(&queue, 10, CancellationToken::new(), handler)
            .await
    });
    within("the broker answers", stage.state.bus.connected()).await;
    received
}
