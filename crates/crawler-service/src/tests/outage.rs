//! Postgres and RabbitMQ go away and come back while the service runs.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bus::topology::Priority;
use bus::{Decision, Outgoing};
use contracts::messages::v1::CrawlTask;
use devstack::testing::{ROLE_SECRET, shared_stack};
use devstack::{Options, Stack};
use lifecycle::Lifecycle;
use prost::Message;
use tokio::sync::mpsc;
use tower::ServiceExt;

use super::{Stage, Tracking};

/// Engines take seconds to start on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

async fn ready(stage: &Stage) -> bool {
    let routes: axum::Router = http_kit::health::routes(crate::readiness(&stage.state));
    let request = Request::get("/readyz")
        .body(Body::empty())
        .expect("a request");
    let answer = routes.oneshot(request).await.expect("an answer");
    answer.status() == StatusCode::OK
}

/// Waits until readiness is as expected.
async fn until_ready(stage: &Stage, expected: bool) {
    let waiting = async {
        while ready(stage).await != expected {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(LIMIT, waiting)
        .await
        .expect("readiness follows the engines");
}

/// Tells of a tracking over the bus, again and again until the broker has it; then waits for its task.
async fn tracked_to_task(
    stage: &Stage,
    listing: i64,
    tasks: &mut mpsc::UnboundedReceiver<CrawlTask>,
) {
    let bus = &stage.state.bus;
    let event = Tracking::of(stage.tenant, listing).encoded();
    let message = Outgoing::event(bus.topology(), "catalog.tracking.created", event);
    let publisher = bus.publisher();
    let telling = async {
        while publisher.publish_one(message.clone()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        loop {
            tasks.recv().await.expect("a task");
            // A task that was on its way while the engines went may come again first.
            let sql = format!(
                "select count(*) from crawl.target where id = {listing} and task_id is not null"
            );
            if stage.one::<(i64,)>(&sql).await.0 == 1 {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, telling)
        .await
        .expect("dispatched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engines_that_restart_interrupt_and_do_not_end_the_work() {
    let dir = std::env::temp_dir().join(format!("bellwether-outage-{}", std::process::id()));
    let shared = shared_stack().await.expect("engines");
    let mut options = Options::private(&dir);
    options.redis_url = Some(shared.redis_url.clone());
    options.start_limit = LIMIT;
    let stack = Stack::start(options.clone()).await.expect("engines");
    let admin = migrations::Admin {
        url: stack.database_url.clone(),
        role_secret: ROLE_SECRET.to_owned(),
    };
    migrations::prepare(&admin).await.expect("migrated");
    let stage = Stage::on(&stack.database_url, &stack.amqp_url, "outage.", None).await;
    let life = Lifecycle::new(Duration::from_secs(10));
    crate::consumers(stage.state.clone(), &life);
    let (seen, mut tasks) = mpsc::unbounded_channel();
    let (bus, stop) = (stage.state.bus.clone(), life.soft());
    life.spawn("worker", async move {
        let queue = bus
            .topology()
            .crawl_queue(connectors::amazon::SOURCE, Priority::High);
        let handler = move |message: bus::Incoming| {
            let _ = seen.send(CrawlTask::decode(message.body).expect("a task"));
            std::future::ready(Decision::Done)
        };
        Ok(bus.consume(&queue, 1, stop, handler).await?)
    });
    until_ready(&stage, true).await;
    tracked_to_task(&stage, 1, &mut tasks).await;

    let addresses = (stack.database_url.clone(), stack.amqp_url.clone());
    stack.stop().await;
    until_ready(&stage, false).await;
    let stack = Stack::start(options).await.expect("engines again");
    assert_eq!(
        addresses,
        (stack.database_url.clone(), stack.amqp_url.clone())
    );
    until_ready(&stage, true).await;
    tracked_to_task(&stage, 2, &mut tasks).await;

    life.stop();
    life.drained().await;
    assert!(!life.has_failed());
    stack.stop().await;
    devstack::reset(&dir).await.expect("forgotten");
    // The lock stays, so that nobody waits for a file that is gone; nobody does here.
    let _ = std::fs::remove_dir_all(&dir);
}
