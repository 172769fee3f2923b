//! The live stream and its resumption.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::Method;
use futures::StreamExt;
use lifecycle::Lifecycle;
use serde_json::Value;
use tokio::time::timeout;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0STREAM01";

/// An open stream.
struct Events {
    body: BodyDataStream,
    text: String,
}

/// One event of it.
#[derive(Debug)]
struct Told {
    /// None: another of the same entry follows.
    id: Option<i64>,
    kind: String,
    data: Value,
}

impl Events {
    async fn open(stage: &Stage, key: &str, headers: &[(&str, &str)]) -> Self {
        let response = stage
            .respond(key, Method::GET, "/events", None, headers)
            .await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    async fn next(&mut self) -> Told {
        timeout(Duration::from_secs(10), self.read())
            .await
            .expect("an event in time")
    }

    async fn read(&mut self) -> Told {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::trim)
                };
                if let Some(data) = field("data:") {
                    return Told {
                        id: field("id:").map(|id| id.parse().expect("a number")),
                        kind: field("event:").expect("a kind").to_owned(),
                        data: serde_json::from_str(data).expect("JSON"),
                    };
                }
                continue;
            }
            let bytes = self
                .body
                .next()
                .await
                .expect("the stream goes on")
                .expect("bytes");
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_told_live_and_again_after_a_cut() {
    let stage = Stage::new().await;
    let life = Lifecycle::new(Duration::from_secs(5));
    core_service::consumers(stage.state.clone(), &life);
    let reading = async {
        while stage.state.events().position() < 0 {
            tokio::time::sleep(Duration::from_millis(10)).await
        }
    };
    timeout(Duration::from_secs(10), reading)
        .await
        .expect("the log is read");

    let mut mine = Events::open(&stage, MINE, &[]).await;
    let mut theirs = Events::open(&stage, THEIRS, &[]).await;
    let product = stage.track(MINE, ASIN).await;
    let tracked = mine.next().await;
    assert_eq!(
        (tracked.kind.as_str(), &tracked.data["product_id"]),
        ("tracking.created", &product.into())
    );
    stage
        .crawled(vec![seen(ASIN, ago(20), 1).price(2000)])
        .await;
    assert_eq!(mine.next().await.kind, "listing.changed");
    stage
        .crawled(vec![seen(ASIN, ago(10), 2).price(1000)])
        .await;
    let told = [mine.next().await, mine.next().await];
    let alert = told
        .iter()
        .find(|told| told.kind == "alert.raised")
        .expect("an alert");
    assert_eq!(alert.data["percent"], -50.0);
    assert_eq!(alert.data["product"]["id"], product);

    // Whoever comes back is told what it missed, and then goes on live.
    let last = tracked.id.expect("an id").to_string();
    let mut again = Events::open(&stage, MINE, &[("last-event-id", &last)]).await;
    let missed = [again.next().await, again.next().await, again.next().await];
    assert!(
        missed.is_sorted_by_key(|told| told.id) && missed[0].id > tracked.id,
        "{missed:?}"
    );
    stage.crawled(vec![seen(ASIN, ago(5), 3).price(1010)]).await;
    assert_eq!(again.next().await.data["version"], 3);

    // The other tenant was told nothing of all that: its first event is its own.
    stage.track(THEIRS, "B0STREAM02").await;
    assert_eq!(theirs.next().await.kind, "tracking.created");
    life.stop();
    timeout(Duration::from_secs(10), life.drained())
        .await
        .expect("drained");
    assert!(!life.has_failed());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_is_told_to_everybody_who_watches_and_to_nobody_else() {
    const OTHER: &str = "B0STREAM03";
    let stage = Stage::new().await;
    let life = Lifecycle::new(Duration::from_secs(5));
    core_service::consumers(stage.state.clone(), &life);
    let product = stage.track(MINE, ASIN).await;
    let other = stage.track(MINE, OTHER).await;
    let mut mine = Events::open(&stage, MINE, &[("last-event-id", "0")]).await;
    for _ in 0..2 {
        assert_eq!(mine.next().await.kind, "tracking.created");
    }
    stage
        .crawled(vec![
            seen(ASIN, ago(20), 1).price(2000),
            seen(OTHER, ago(20), 1).price(900),
        ])
        .await;
    let together = [mine.next().await, mine.next().await];
    let products = together.each_ref().map(|told| &told.data["product_id"]);
    assert_eq!(products, [&Value::from(product), &Value::from(other)]);
    assert!(
        together[0].id.is_none() && together[1].id.is_some(),
        "a connection that ends between the two must tell the first again: {together:?}"
    );
    assert_eq!(stage.events("listings.changed").await.len(), 1);

    // Whoever watches one of them now reads its part of the same entry in the log, and nothing of the other.
    stage.track(THEIRS, ASIN).await;
    let mut theirs = Events::open(&stage, THEIRS, &[("last-event-id", "0")]).await;
    let past = [theirs.next().await, theirs.next().await];
    let kinds = past.each_ref().map(|told| told.kind.as_str());
    assert_eq!(kinds, ["listing.changed", "tracking.created"]);
    assert_eq!(past[0].data["product_id"], product);
    life.stop();
    timeout(Duration::from_secs(10), life.drained())
        .await
        .expect("drained");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_from_beyond_the_log_goes_on_with_what_comes() {
    let stage = Stage::new().await;
    let life = Lifecycle::new(Duration::from_secs(5));
    core_service::consumers(stage.state.clone(), &life);
    let last = i64::MAX.to_string();
    let mut events = Events::open(&stage, MINE, &[("last-event-id", &last)]).await;
    stage.track(MINE, ASIN).await;
    assert_eq!(events.next().await.kind, "tracking.created");
    life.stop();
    timeout(Duration::from_secs(10), life.drained())
        .await
        .expect("drained");
}

#[tokio::test]
async fn a_last_event_id_that_is_none_is_refused() {
    let stage = Stage::new().await;
    let answer = stage
        .call(
            MINE,
            Method::GET,
            "/events",
            None,
            &[("last-event-id", "yesterday")],
        )
        .await;
    assert_eq!(answer.status, 422);
}
