//! Against a real broker, through a proxy that cuts connections on demand.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{CuttingProxy, eventually, within};
use bus::{Bus, Decision, Incoming, Intake, Outgoing, Priority, PublishError, Topology};
use domain::source::Source;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// A bus with a prefix of its own.
async fn bus(url: &str, test: &str) -> Bus {
    let unique = std::process::id();
    let bus = Bus::connect(
        url,
        &format!("bus-test-{test}-{unique}."),
        [Source::named("amazon")],
    )
    .unwrap();
    within(20, "connect", bus.connected()).await;
    bus
}

fn task(bus: &Bus, text: &str) -> Outgoing {
    Outgoing::crawl_task(
        bus.topology(),
        Source::named("amazon"),
        Priority::High,
        text.into(),
    )
}

fn queue(bus: &Bus) -> String {
    bus.topology()
        .crawl_queue(Source::named("amazon"), Priority::High)
}

fn text(message: &Incoming) -> String {
    String::from_utf8(message.body.to_vec()).unwrap()
}

/// Consumes into a channel of texts, deciding each by `decide`.
fn consume(
    bus: &Bus,
    queue: String,
    stop: &CancellationToken,
    decide: impl Fn(&Incoming) -> Decision + Send + Sync + 'static,
) -> mpsc::UnboundedReceiver<Incoming> {
    let (seen, receiver) = mpsc::unbounded_channel();
    let (bus, stop) = (bus.clone(), stop.clone());
    tokio::spawn(async move {
        bus.consume(&queue, 4, stop, move |message| {
            let decision = decide(&message);
            let _ = seen.send(message);
            async move { decision }
        })
        .await
        .unwrap();
    });
    receiver
}

#[tokio::test]
async fn messages_arrive_once_and_in_any_number() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "arrive").await;
    let batch = (0..500).map(|n| task(&bus, &n.to_string())).collect();
    let results = within(20, "publish", bus.publisher().publish_confirmed(batch)).await;
    assert!(results.iter().all(Result::is_ok));

    let stop = CancellationToken::new();
    let mut seen = consume(&bus, queue(&bus), &stop, |_| Decision::Done);
    let mut texts = BTreeSet::new();
    for _ in 0..500 {
        let message = within(20, "receive", seen.recv()).await.unwrap();
        assert!(texts.insert(text(&message)), "came twice");
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn an_unroutable_message_fails_alone() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "unroutable").await;
    let mut batch: Vec<_> = (0..40).map(|n| task(&bus, &n.to_string())).collect();
    for place in [3, 4, 17, 39] {
        batch[place].routing_key = "crawl.nowhere.high".into();
    }
    batch[5] = Outgoing::event(bus.topology(), "nobody.listens", Vec::new());
    let results = bus.publisher().publish_confirmed(batch).await;
    for (place, result) in results.iter().enumerate() {
        let expected = match place {
            3 | 4 | 17 | 39 => Err(PublishError::Unroutable),
            _ => Ok(()),
        };
        assert_eq!(*result, expected, "message {place}");
    }
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_parked_or_panicking_message_is_a_dead_letter_with_its_reason() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "park").await;
    let stop = CancellationToken::new();
    let _work = consume(&bus, queue(&bus), &stop, |message| {
        match text(message).as_str() {
            "bad" => Decision::Park("unreadable".into()),
            _ => panic!("boom{}", "!".repeat(1_000_000)),
        }
    });
    let mut dead = consume(&bus, bus.topology().dead_queue(), &stop, |_| Decision::Done);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let batch = vec![
        task(&bus, "bad")
            .with_header("traceparent", trace)
            .with_id("m-1"),
        task(&bus, "worse"),
    ];
    bus.publisher().publish_confirmed(batch).await;
    for _ in 0..2 {
        let letter = within(20, "dead letter", dead.recv()).await.unwrap();
        let reason = letter.headers["x-reason"].as_str();
        assert_eq!(letter.headers["x-queue"], queue(&bus));
        if text(&letter) == "bad" {
            assert_eq!(reason, "unreadable");
            assert_eq!(letter.traceparent(), Some(trace));
            assert_eq!(letter.id.as_deref(), Some("m-1"));
        } else {
            assert!(reason.contains("boom"), "{reason}");
        }
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_panicking_handler_frees_its_slot() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "slots").await;
    let stop = CancellationToken::new();
    // More of them than there are slots.
    let mut batch: Vec<_> = (0..12).map(|_| task(&bus, "panic")).collect();
    batch.push(task(&bus, "good"));
    bus.publisher().publish_confirmed(batch).await;
    let mut seen = consume(&bus, queue(&bus), &stop, |message| {
        assert!(text(message) == "good", "boom");
        Decision::Done
    });
    let message = within(20, "the good one", seen.recv()).await.unwrap();
    assert_eq!(text(&message), "good");
    let mut dead = consume(&bus, bus.topology().dead_queue(), &stop, |_| Decision::Done);
    for _ in 0..12 {
        within(20, "dead letter", dead.recv()).await.unwrap();
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn what_waits_for_hours_is_neither_lost_nor_dead() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "hours").await;
    let (stop, back) = (CancellationToken::new(), CancellationToken::new());
    let tries = Arc::new(AtomicUsize::new(0));
    let consuming = {
        let (bus, stop, back, tries) = (bus.clone(), stop.clone(), back.clone(), tries.clone());
        let intake = Intake {
            concurrency: 1,
            hold: std::time::Duration::ZERO,
        };
        tokio::spawn(async move {
            let queue = queue(&bus);
            bus.consume(&queue, intake, stop, move |message| {
                assert_eq!(message.id.as_deref(), Some("m-1"));
                assert!(message.traceparent().is_some());
                tries.fetch_add(1, Ordering::SeqCst);
                std::future::ready(match back.is_cancelled() {
                    true => Decision::Done,
                    false => Decision::Later,
                })
            })
            .await
            .unwrap();
        })
    };
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let message = task(&bus, "x")
        .with_id("m-1")
        .with_header("traceparent", trace);
    bus.publisher().publish_one(message).await.unwrap();
    // The broker lets a message be given back twenty times.
    eventually(30, "it was put back often", async || {
        tries.load(Ordering::SeqCst) > 50
    })
    .await;
    back.cancel();
    let empty = async |name: String| {
        let counts = bus.queues().await.unwrap();
        counts
            .iter()
            .any(|count| count.name == name && count.ready == 0)
    };
    eventually(20, "it is handled", || empty(queue(&bus))).await;
    stop.cancel();
    within(20, "stop", consuming).await.unwrap();
    assert!(empty(queue(&bus)).await);
    assert!(empty(bus.topology().dead_queue()).await);
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn queues_that_vanish_are_declared_again() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "vanish").await;
    let stop = CancellationToken::new();
    let mut seen = consume(&bus, queue(&bus), &stop, |_| Decision::Done);
    bus.publisher().publish_one(task(&bus, "1")).await.unwrap();
    within(20, "the first", seen.recv()).await.unwrap();
    bus.remove_everything().await.unwrap();
    let again = async {
        while bus.publisher().publish_one(task(&bus, "2")).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        seen.recv().await.unwrap()
    };
    assert_eq!(text(&within(20, "the second", again).await), "2");
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn later_keeps_the_message_until_it_works() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "later").await;
    let tries = Arc::new(AtomicUsize::new(0));
    let stop = CancellationToken::new();
    let counted = Arc::clone(&tries);
    let mut seen = consume(&bus, queue(&bus), &stop, move |_| {
        match counted.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Decision::Later,
            _ => Decision::Done,
        }
    });
    bus.publisher().publish_one(task(&bus, "x")).await.unwrap();
    for _ in 0..3 {
        let message = within(20, "receive", seen.recv()).await.unwrap();
        assert!(!message.redelivered, "kept, not returned to the queue");
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_soft_stop_finishes_what_is_in_hand_and_leaves_the_rest() {
    let url = crate::support::amqp_url().await;
    let bus = bus(&url, "drain").await;
    let batch = (0..10).map(|n| task(&bus, &n.to_string())).collect();
    bus.publisher().publish_confirmed(batch).await;

    let stop = CancellationToken::new();
    let finished = Arc::new(AtomicUsize::new(0));
    let (started, mut starts) = mpsc::unbounded_channel();
    let gate = CancellationToken::new();
    let consuming = {
        let (bus, stop, finished, gate) =
            (bus.clone(), stop.clone(), finished.clone(), gate.clone());
        tokio::spawn(async move {
            let queue = queue(&bus);
            bus.consume(&queue, 3, stop, move |_| {
                let (started, finished, gate) = (started.clone(), finished.clone(), gate.clone());
                async move {
                    let _ = started.send(());
                    gate.cancelled().await;
                    finished.fetch_add(1, Ordering::SeqCst);
                    Decision::Done
                }
            })
            .await
            .unwrap();
        })
    };
    for _ in 0..3 {
        within(20, "start", starts.recv()).await.unwrap();
    }
    stop.cancel();
    gate.cancel();
    within(20, "drain", consuming).await.unwrap();
    assert_eq!(finished.load(Ordering::SeqCst), 3);

    let stop = CancellationToken::new();
    let mut rest = consume(&bus, queue(&bus), &stop, |_| Decision::Done);
    for _ in 0..7 {
        within(20, "the rest", rest.recv()).await.unwrap();
    }
    stop.cancel();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn cut_connections_lose_nothing() {
    let url = crate::support::amqp_url().await;
    let proxy = CuttingProxy::before(&url).await;
    let bus = bus(&proxy.url, "cut").await;
    let stop = CancellationToken::new();
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let mut messages = consume(&bus, queue(&bus), &stop, |_| Decision::Done);
    let collecting = tokio::spawn({
        let seen = Arc::clone(&seen);
        async move {
            while let Some(message) = messages.recv().await {
                seen.lock().await.insert(text(&message));
            }
        }
    });

    let publisher = bus.publisher();
    for round in 0..30 {
        if round % 10 == 5 {
            proxy.cut();
        }
        let mut left: Vec<String> = (0..20).map(|n| format!("{round}-{n}")).collect();
        let sending = async {
            while !left.is_empty() {
                let batch = left.iter().map(|text| task(&bus, text)).collect();
                let results = publisher.publish_confirmed(batch).await;
                let mut results = results.into_iter();
                left.retain(|_| results.next().unwrap().is_err());
            }
        };
        within(60, "publish again", sending).await;
    }
    eventually(60, "all messages arrive", || async {
        seen.lock().await.len() == 600
    })
    .await;
    assert!(proxy.connections() > 1, "the connection was really cut");
    stop.cancel();
    collecting.abort();
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_broker_that_is_away_at_the_start_is_found_later() {
    let url = crate::support::amqp_url().await;
    let proxy = CuttingProxy::before(&url).await;
    proxy.refuse(true);
    let bus = Bus::connect(&proxy.url, "bus-test-away.", []).unwrap();
    eventually(20, "it tries again", async || proxy.refused() >= 2).await;
    assert!(!bus.is_connected());
    proxy.refuse(false);
    within(20, "connect", bus.connected()).await;
    assert!(bus.is_connected());
    bus.remove_everything().await.unwrap();
}

#[test]
fn a_wrong_address_is_told_without_its_password() {
    let error = Bus::connect("http://user:hunter2@localhost", "", [])
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hunter2"), "{error}");
    assert_eq!(Topology::new("", []).dead_queue(), "dead");
}
