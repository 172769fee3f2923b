//! Queues are consumed apart: whoever is slow keeps nobody else waiting.

use bus::{Bus, Decision, Outgoing, Priority};
use domain::source::Source;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::within;

#[tokio::test]
async fn a_source_whose_tasks_hang_keeps_neither_another_source_nor_urgent_work_waiting() {
    let url = crate::support::amqp_url().await;
    let (slow, quick) = (Source::named("amazon"), Source::named("popmart"));
    let prefix = format!("bus-test-apart-{}.", std::process::id());
    let bus = Bus::connect(&url, &prefix, [slow, quick]).unwrap();
    within(20, "connect", bus.connected()).await;
    let task = |source, priority, text: &str| {
        Outgoing::crawl_task(bus.topology(), source, priority, text.into())
    };
    // More than the slow source's queue has places for, and then one of each other kind.
    let mut batch: Vec<_> = (0..20)
        .map(|_| task(slow, Priority::Low, "hangs"))
        .collect();
    batch.push(task(slow, Priority::High, "urgent"));
    batch.push(task(quick, Priority::Low, "another source"));
    let results = within(20, "publish", bus.publisher().publish_confirmed(batch)).await;
    assert!(results.iter().all(Result::is_ok));

    let (stop, release) = (CancellationToken::new(), CancellationToken::new());
    let (seen, mut done) = mpsc::unbounded_channel();
    for (source, priority) in [
        (slow, Priority::Low),
        (slow, Priority::High),
        (quick, Priority::Low),
    ] {
        let queue = bus.topology().crawl_queue(source, priority);
        let (bus, stop, release, seen) = (bus.clone(), stop.clone(), release.clone(), seen.clone());
        tokio::spawn(async move {
            let handler = move |message: bus::Incoming| {
                let (release, seen) = (release.clone(), seen.clone());
                async move {
                    let text = String::from_utf8(message.body.to_vec()).unwrap();
                    if text == "hangs" {
                        release.cancelled().await;
                    }
                    let _ = seen.send(text);
                    Decision::Done
                }
            };
            bus.consume(&queue, 4, stop, handler).await.unwrap();
        });
    }
    let mut first = Vec::new();
    for _ in 0..2 {
        first.push(within(20, "what is not slow", done.recv()).await.unwrap());
    }
    first.sort();
    assert_eq!(first, ["another source", "urgent"]);
    release.cancel();
    for _ in 0..20 {
        let late = within(20, "what was slow", done.recv()).await.unwrap();
        assert_eq!(late, "hangs");
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}
