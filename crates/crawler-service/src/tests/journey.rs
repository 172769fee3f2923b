//! The whole service at work: from an event on the bus to a finished crawl.

use std::time::Duration;

use bus::topology::Priority;
use bus::{Decision, Outgoing};
use contracts::crawl::v1::OpenTaskRequest;
use contracts::messages::v1::CrawlTask;
use lifecycle::Lifecycle;
use prost::Message;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::work::{outcome, report};
use super::{Stage, TRACE, Tracking, eventually, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_event_to_a_finished_crawl() {
    let stage = Stage::new().await;
    let life = Lifecycle::new(Duration::from_secs(10));
    crate::consumers(stage.state.clone(), &life);
    let (mut work, mut core) = stage.clients();
    let (bus, stop) = (stage.state.bus.clone(), life.soft());
    let (tasks, mut inbox) = mpsc::unbounded_channel();
    let queue = bus
        .topology()
        .crawl_queue(connectors::amazon::SOURCE, Priority::High);
    let consumer = bus.clone();
    life.spawn("worker", async move {
        let handler = move |message: bus::Incoming| {
            let tasks = tasks.clone();
            async move {
                let task = CrawlTask::decode(message.body.clone()).expect("a task");
                let traceparent = message.traceparent().map(ToOwned::to_owned);
                tasks.send((task, traceparent)).expect("somebody listens");
                Decision::Done
            }
        };
        Ok(consumer.consume(&queue, 1, stop, handler).await?)
    });

    let event = Tracking::of(stage.tenant, 1).encoded();
    let message = Outgoing::event(bus.topology(), "catalog.tracking.created", event)
        .with_header("traceparent", TRACE);
    bus.publisher()
        .publish_one(message)
        .await
        .expect("published");
    let (task, traceparent) = within("a task", inbox.recv()).await.expect("a task");
    assert_eq!((task.items, traceparent.as_deref()), (1, Some(TRACE)));

    let mut finish = async |task: &CrawlTask| {
        let request = OpenTaskRequest {
            task_id: task.task_id.clone(),
        };
        let opened = work.open_task(request).await.expect("opened").into_inner();
        let id: Uuid = task.task_id.parse().expect("an id");
        let told = opened
            .items
            .iter()
            .map(|item| outcome(item, "ok"))
            .collect();
        assert_eq!(report(&mut work, id, told).await, 1);
    };
    finish(&task).await;
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1]).await;
    let (task, _) = within("a task for the crawl", inbox.recv())
        .await
        .expect("a task");
    finish(&task).await;
    let status = format!("select status from crawl.crawl where id = '{crawl}'");
    assert_eq!(stage.one::<(String,)>(&status).await.0, "completed");
    eventually("the relay numbers the event", async || {
        let unsent = "select count(*) from crawl.outbox where sequence is null";
        stage.one::<(i64,)>(unsent).await.0 == 0
    })
    .await;

    let ready = crate::readiness(&stage.state);
    assert_eq!(ready.len(), 2);
    life.stop();
    within("everything ends when asked to", life.drained()).await;
    assert!(!life.has_failed());
}
