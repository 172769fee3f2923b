//! Urgent work beside a mountain of bulk.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bus::Decision;
use bus::topology::Priority;
use contracts::crawl::v1::OpenTaskRequest;
use contracts::messages::v1::CrawlTask;
use lifecycle::Lifecycle;
use prost::Message;

use super::dispatch::due;
use super::{Stage, eventually};

/// Those that wait with low priority.
const WAITING: &str = "select count(*) from crawl.target where priority = 3 and task_id is null and next_due_at <= now()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_urgent_targets_start_at_once_while_fifty_thousand_others_wait() {
    let stage = Stage::new().await;
    let urgent: Vec<i64> = (100_001..=100_010).collect();
    stage.track(100_001, 10).await;
    stage
        .execute("update crawl.target set priority = 3, next_due_at = now() + interval '1 day'")
        .await;
    stage.execute(&due(50_000)).await;
    let life = Lifecycle::new(Duration::from_secs(10));
    crate::consumers(stage.state.clone(), &life);
    eventually("bulk fills its part of the window", async || {
        let leased = "select count(*) from crawl.target where priority = 3 and task_id is not null";
        stage.one::<(i64,)>(leased).await.0 >= 250
    })
    .await;

    let started = Arc::new(Mutex::new(Vec::new()));
    let (mut core, work) = {
        let (work, core) = stage.clients();
        (core, work)
    };
    let (bus, stop, seen) = (stage.state.bus.clone(), life.soft(), Arc::clone(&started));
    life.spawn("worker", async move {
        let queue = bus
            .topology()
            .crawl_queue(connectors::amazon::SOURCE, Priority::High);
        let handler = move |message: bus::Incoming| {
            let (mut work, seen) = (work.clone(), Arc::clone(&seen));
            async move {
                let task_id = CrawlTask::decode(message.body).expect("a task").task_id;
                let opened = work.open_task(OpenTaskRequest { task_id }).await;
                let items = opened.expect("opened").into_inner().items;
                seen.lock()
                    .expect("whole")
                    .extend(items.into_iter().map(|item| item.target_id));
                Decision::Done
            }
        };
        Ok(bus.consume(&queue, 4, stop, handler).await?)
    });

    let asked = Instant::now();
    super::crawls::start(&mut core, stage.tenant, &urgent).await;
    eventually("a worker has all ten", async || {
        let mut started = started.lock().expect("whole").clone();
        started.sort_unstable();
        started == urgent
    })
    .await;
    let after = asked.elapsed();
    let (waiting,): (i64,) = stage.one(WAITING).await;
    // Written, not printed: the figure is worth seeing when the test passes, too.
    let _ = writeln!(
        std::io::stdout(),
        "urgent: ten targets started after {:.2} s while {waiting} waited",
        after.as_secs_f64()
    );
    assert!(waiting > 49_000, "{waiting} wait");
    life.stop();
    life.drained().await;
}
