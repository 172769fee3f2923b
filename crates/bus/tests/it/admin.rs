//! What an operator does by hand, against a real broker.

use crate::support::{eventually, within};
use bus::admin::Letters;
use bus::{Bus, Decision, Outgoing, Priority};
use domain::source::Source;
use tokio_util::sync::CancellationToken;

const AMAZON: Source = Source::named("amazon");

async fn bus(test: &str) -> Bus {
    let url = crate::support::amqp_url().await;
    let prefix = format!("bus-admin-{test}-{}.", std::process::id());
    let bus = Bus::connect(&url, &prefix, [AMAZON]).unwrap();
    within(20, "connect", bus.connected()).await;
    bus
}

/// Publishes tasks and parks each with its text as the reason.
async fn die(bus: &Bus, texts: &[&str]) {
    let queue = bus.topology().crawl_queue(AMAZON, Priority::High);
    let tasks = texts.iter().map(|text| {
        Outgoing::crawl_task(bus.topology(), AMAZON, Priority::High, (*text).into())
            .with_id(*text)
            .with_header(
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            )
    });
    let results = bus.publisher().publish_confirmed(tasks.collect()).await;
    assert!(results.iter().all(Result::is_ok));
    let stop = CancellationToken::new();
    let consuming = {
        let (bus, stop) = (bus.clone(), stop.clone());
        tokio::spawn(async move {
            let park = |message: bus::Incoming| async move {
                Decision::Park(String::from_utf8(message.body.to_vec()).unwrap())
            };
            bus.consume(&queue, 4, stop, park).await.unwrap();
        })
    };
    eventually(20, "all are dead", || async {
        ready(bus, &bus.topology().dead_queue()).await == u32::try_from(texts.len()).unwrap()
    })
    .await;
    stop.cancel();
    within(20, "stop", consuming).await.unwrap();
}

async fn ready(bus: &Bus, queue: &str) -> u32 {
    let counts = bus.queues().await.unwrap();
    counts
        .iter()
        .find(|count| count.name == queue)
        .unwrap()
        .ready
}

fn some(limit: usize) -> Letters {
    Letters {
        limit,
        ..Letters::default()
    }
}

#[tokio::test]
async fn dead_letters_are_shown_with_queue_reason_and_trace_and_stay() {
    let bus = bus("show").await;
    die(&bus, &["one", "two", "three"]).await;
    for _ in 0..2 {
        let letters = bus.dead_letters(&some(10)).await.unwrap();
        assert_eq!(letters.len(), 3);
        let two = letters
            .iter()
            .find(|letter| letter.reason == "two")
            .unwrap();
        assert_eq!(two.id.as_deref(), Some("two"));
        assert_eq!(
            two.queue,
            Some(bus.topology().crawl_queue(AMAZON, Priority::High))
        );
        assert_eq!(
            two.trace_id.as_deref(),
            Some("0af7651916cd43dd8448eb211c80319c")
        );
    }
    assert_eq!(bus.dead_letters(&some(2)).await.unwrap().len(), 2);
    let dead = bus.topology().dead_queue();
    eventually(20, "they are back", || async {
        ready(&bus, &dead).await == 3
    })
    .await;
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn what_takes_its_consumers_down_dies_with_reason_and_trace() {
    let bus = bus("poison").await;
    let queue = bus.topology().crawl_queue(AMAZON, Priority::High);
    let poison = Outgoing::crawl_task(bus.topology(), AMAZON, Priority::High, "x".into())
        .with_id("poison")
        .with_header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    bus.publisher().publish_one(poison).await.unwrap();
    let url = crate::support::amqp_url().await;
    let connection = lapin::Connection::connect(&url, Default::default())
        .await
        .unwrap();
    let dead = bus.topology().dead_queue();
    let take = async || {
        // A consumer that dies with the message in hand: its channel ends without a word.
        let channel = connection.create_channel().await.unwrap();
        let got = channel.basic_get(queue.as_str().into(), Default::default());
        got.await.unwrap();
        channel.close(200, "died".into()).await.unwrap();
    };
    eventually(30, "it is dead", async || {
        take().await;
        ready(&bus, &dead).await == 1
    })
    .await;
    let letter = bus.dead_letters(&some(1)).await.unwrap().remove(0);
    assert_eq!(letter.id.as_deref(), Some("poison"));
    assert_eq!(letter.queue.as_ref(), Some(&queue));
    assert_eq!(letter.reason, "delivery_limit");
    assert_eq!(
        letter.trace_id.as_deref(),
        Some("0af7651916cd43dd8448eb211c80319c")
    );
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_replayed_letter_is_back_in_its_queue_and_dead_no_more() {
    let bus = bus("replay").await;
    die(&bus, &["one", "two", "three"]).await;
    let only_two = Letters {
        id: Some("two".into()),
        ..some(10)
    };
    let done = bus.replay(&only_two).await.unwrap();
    assert_eq!((done.replayed, done.kept), (1, 0));
    let done = bus.replay(&some(10)).await.unwrap();
    assert_eq!((done.replayed, done.kept), (2, 0));
    assert!(bus.dead_letters(&some(10)).await.unwrap().is_empty());
    let queue = bus.topology().crawl_queue(AMAZON, Priority::High);
    eventually(20, "they wait again", || async {
        ready(&bus, &queue).await == 3
    })
    .await;
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn a_letter_of_no_known_queue_stays() {
    let bus = bus("unknown").await;
    let letter = Outgoing {
        exchange: bus.topology().dead_exchange(),
        ..Outgoing::event(bus.topology(), "somewhere", b"lost".to_vec())
    };
    bus.publisher().publish_one(letter).await.unwrap();
    let done = bus.replay(&some(10)).await.unwrap();
    assert_eq!((done.replayed, done.kept), (0, 1));
    assert_eq!(
        bus.dead_letters(&some(10)).await.unwrap()[0].reason,
        "unknown"
    );
    bus.remove_everything().await.unwrap();
}

#[tokio::test]
async fn only_our_own_queues_can_be_purged() {
    let bus = bus("purge").await;
    die(&bus, &["one", "two"]).await;
    assert!(bus.purge("somebody.elses").await.is_err());
    let dead = bus.topology().dead_queue();
    assert_eq!(bus.purge(&dead).await.unwrap(), 2);
    assert_eq!(ready(&bus, &dead).await, 0);
    bus.remove_everything().await.unwrap();
}
