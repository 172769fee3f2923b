//! Amazon: what answers mean, and how a run goes against a stand-in for Apify.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use connectors::amazon::Amazon;
use connectors::{Connector, Outcome, Target};

use super::{SOURCE, connector, settings};
use domain::availability::Availability;
use domain::observation::Offer;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Recorder, at, crawl, cx, egress, job, observed, target};

const JUNGLEE: &[u8] = include_bytes!("fixtures/junglee.json");

/// One for all: building a client takes longer than any of these tests.
fn asin(n: usize) -> String {
    format!("B{n:09}")
}

fn targets(count: usize) -> Vec<Target> {
    (1..=count)
        .map(|n| target(SOURCE, "CA", &asin(n)))
        .collect()
}

#[test]
fn items_become_observations_and_each_failure_is_its_own() {
    let targets = targets(7);
    let read = connector().read(JUNGLEE, &cx(&targets));
    let words: Vec<_> = read
        .iter()
        .map(|(place, outcome)| (*place, outcome.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            (0, "ok"),
            (1, "ok"),
            (2, "ok"),
            (3, "malformed"),
            (4, "not_found"),
            (5, "blocked")
        ]
    );

    let mug = &observed(&read[0].1)[0];
    assert_eq!(mug.observed_at, at());
    assert_eq!(
        mug.values.currency.as_deref(),
        Some("CAD"),
        "a dollar of that shop"
    );
    assert_eq!(
        (mug.values.offer, mug.values.price),
        (Offer::Offered, Some(1990))
    );
    assert_eq!(mug.values.list_price, Some(2500));
    assert_eq!(mug.values.buy_box_price, Some(1990));
    assert_eq!(mug.values.buy_box_seller.as_deref(), Some("Mug House"));
    assert_eq!(mug.values.stock_quantity, Some(3));
    assert_eq!(mug.values.availability, Availability::InStock);
    assert_eq!(mug.values.rating_hundredths, Some(425));
    assert_eq!(mug.values.ranks.len(), 2);
    assert_eq!(mug.values.rank(), Some(12));
    let content = mug.content.as_ref().expect("content");
    assert_eq!(content.features, ["Keeps warm"]);
    assert_eq!(
        content.attributes.get("Material").map(String::as_str),
        Some("Steel")
    );
    assert!(!content.attributes.contains_key("Best Sellers Rank"));
    assert!(
        !format!("{mug:?}").contains("somebody"),
        "reviewers are nobody's business"
    );

    let no_price = &observed(&read[1].1)[0].values;
    assert_eq!(
        (no_price.offer, no_price.price),
        (Offer::NotCollected, None)
    );
    let gone = &observed(&read[2].1)[0].values;
    assert_eq!(
        (gone.offer, gone.availability),
        (Offer::None, Availability::OutOfStock)
    );
}

#[test]
fn garbage_is_malformed_for_all_it_should_have_told() {
    let targets = targets(2);
    for body in ["", "{}", "<html>", "null", r#"{"data":[]}"#] {
        let read = connector().read(body.as_bytes(), &cx(&targets));
        let words: Vec<_> = read.iter().map(|(_, outcome)| outcome.as_str()).collect();
        assert_eq!(words, ["malformed", "malformed"], "{body}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let recorder = crawl(connector(), &targets(1)).await;
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let reason = outcomes[0].1.reason();
    assert!(reason.contains("sources.amazon.token"), "{reason}");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        connector().read(&bytes, &cx(&targets(2)));
    }

    #[test]
    fn arbitrary_values_in_known_fields_never_panic(
        number in any::<f64>(), text in ".{0,40}", whole in any::<i64>(), pick in 0..5_u8,
    ) {
        let value = match pick {
            0 => json!(number),
            1 => json!(text),
            2 => json!(whole),
            3 => json!({"value": number, "currency": text}),
            _ => json!([text, whole]),
        };
        let mut item = json!({"asin": asin(1), "title": text});
        for field in ["price", "listPrice", "stars", "reviewsCount", "inStockText", "bestsellerRanks",
            "seller", "attributes", "productRating", "warehouseAvailability", "productDetails"] {
            item[field] = value.clone();
        }
        let mut axesso = item.clone();
        axesso["statusCode"] = json!(200);
        let body = json!([item, axesso]).to_string();
        for (_, outcome) in connector().read(body.as_bytes(), &cx(&targets(1))) {
            if let Outcome::Observed(_) = outcome {
                observed(&outcome);
            }
        }
    }
}

/// A stand-in for Apify with one run.
#[derive(Clone, Default)]
struct Apify {
    starts: Arc<AtomicUsize>,
    polls: Arc<AtomicUsize>,
    /// Answers to be given before the real one: (path part, status, headers).
    faults: Arc<Mutex<Vec<(&'static str, u16)>>>,
    items: Arc<Vec<Value>>,
    status: &'static str,
    /// Leaves the total of a dataset untold.
    untold: bool,
}

impl Apify {
    fn with(items: Vec<Value>, status: &'static str) -> Self {
        Self {
            items: Arc::new(items),
            status,
            ..Self::default()
        }
    }

    fn fault(self, path: &'static str, status: u16) -> Self {
        self.faults
            .lock()
            .expect("not poisoned")
            .push((path, status));
        self
    }

    fn faults(mut self, path: &'static str, status: u16, count: usize) -> Self {
        for _ in 0..count {
            self = self.fault(path, status);
        }
        self
    }

    fn stumble(&self, path: &str) -> Option<Response> {
        let mut faults = self.faults.lock().expect("not poisoned");
        let place = faults.iter().position(|(part, _)| path == *part)?;
        let status = StatusCode::from_u16(faults.remove(place).1).expect("a status");
        let body = Json(json!({"error": {"type": "", "message": ""}}));
        Some(match status {
            StatusCode::TOO_MANY_REQUESTS => (status, [("retry-after", "0")], body).into_response(),
            _ => (status, body).into_response(),
        })
    }

    fn run(&self, status: &str) -> Json<Value> {
        Json(
            json!({"data": {"id": "run1", "status": status, "defaultDatasetId": "set1",
            "statusMessage": "as told", "unknown": 1}}),
        )
    }

    async fn serve(&self) -> Amazon {
        async fn start(State(apify): State<Apify>, headers: HeaderMap) -> Response {
            if let Some(fault) = apify.stumble("start") {
                return fault;
            }
            assert_eq!(headers["authorization"], "Bearer secret");
            apify.starts.fetch_add(1, Ordering::SeqCst);
            (StatusCode::CREATED, apify.run("READY")).into_response()
        }
        async fn poll(State(apify): State<Apify>, Path(id): Path<String>) -> Response {
            if id != "run1" {
                return StatusCode::NOT_FOUND.into_response();
            }
            if let Some(fault) = apify.stumble("poll") {
                return fault;
            }
            // A status that no version of ours knows is not the end.
            let first = apify.polls.fetch_add(1, Ordering::SeqCst) == 0;
            apify
                .run(if first { "HIBERNATING" } else { apify.status })
                .into_response()
        }
        #[derive(serde::Deserialize)]
        struct Window {
            offset: usize,
            limit: usize,
        }
        async fn items(State(apify): State<Apify>, Query(window): Query<Window>) -> Response {
            if let Some(fault) = apify.stumble("items") {
                return fault;
            }
            let page: Vec<_> = apify
                .items
                .iter()
                .skip(window.offset)
                .take(window.limit)
                .collect();
            if apify.untold {
                return Json(json!(page)).into_response();
            }
            let total = [("x-apify-pagination-total", apify.items.len().to_string())];
            (total, Json(json!(page))).into_response()
        }
        let router = axum::Router::new()
            .route("/v2/acts/{actor}/runs", post(start))
            .route("/v2/actor-runs/{id}", get(poll))
            .route("/v2/datasets/set1/items", get(items))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let mut settings = settings();
        settings.base_url = format!("http://{}", listener.local_addr().expect("an address"));
        settings.token = serde_json::from_value(json!("secret")).expect("a secret");
        settings.poll_wait_seconds = 1;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Amazon::new(&settings, egress())
    }
}

fn item(n: usize) -> Value {
    let asin = asin(n);
    json!({"asin": asin, "title": "T", "url": format!("https://www.amazon.ca/dp/{asin}"),
        "price": {"value": 5, "currency": "$"}})
}

#[tokio::test]
async fn one_run_serves_all_targets_over_several_pages() {
    let apify = Apify::with((1..=600).map(item).collect(), "SUCCEEDED");
    let (connector, recorder) = (apify.serve().await, Recorder::default());
    connector
        .crawl(job(&targets(601), None), &recorder)
        .await
        .expect("the lease lives");
    let words = recorder.words(601);
    assert!(words[..600].iter().all(|word| *word == "ok"));
    assert_eq!(words[600], "failed", "the run ended without it");
    assert_eq!(apify.starts.load(Ordering::SeqCst), 1);
    assert_eq!(recorder.checkpoints.lock().expect("not poisoned").len(), 1);
}

#[tokio::test]
async fn without_a_total_the_empty_page_is_the_end() {
    let apify = Apify {
        untold: true,
        ..Apify::with((1..=500).map(item).collect(), "SUCCEEDED")
    };
    let (connector, recorder) = (apify.serve().await, Recorder::default());
    connector
        .crawl(job(&targets(500), None), &recorder)
        .await
        .expect("the lease lives");
    assert!(recorder.words(500).iter().all(|word| *word == "ok"));
}

#[tokio::test]
async fn a_run_without_items_fails_its_targets() {
    let apify = Apify::with(Vec::new(), "SUCCEEDED");
    let (connector, recorder) = (apify.serve().await, Recorder::default());
    connector
        .crawl(job(&targets(1), None), &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(recorder.words(1), ["failed"]);
}

#[test]
fn of_two_items_about_one_product_the_readable_one_counts() {
    let broken = json!({"asin": asin(1), "url": format!("https://www.amazon.ca/dp/{}", asin(1)),
        "title": "T", "price": "five"});
    for items in [json!([broken, item(1)]), json!([item(1), broken])] {
        let read = connector().read(items.to_string().as_bytes(), &cx(&targets(1)));
        let words: Vec<_> = read.iter().map(|(_, outcome)| outcome.as_str()).collect();
        assert_eq!(words, ["ok", "malformed"]);
    }
}

#[tokio::test]
async fn a_remembered_run_is_resumed_and_a_forgotten_one_begun_anew() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED");
    let connector = apify.serve().await;
    let first = Recorder::default();
    connector
        .crawl(job(&targets(1), None), &first)
        .await
        .expect("the lease lives");
    let checkpoint = first.checkpoints.lock().expect("not poisoned")[0].clone();

    let second = Recorder::default();
    connector
        .crawl(job(&targets(1), Some(&checkpoint)), &second)
        .await
        .expect("the lease lives");
    assert_eq!(second.words(1), ["ok"]);
    assert_eq!(
        apify.starts.load(Ordering::SeqCst),
        1,
        "never a second paid run"
    );

    let forgotten = br#"{"run_id":"long-gone"}"#;
    let third = Recorder::default();
    connector
        .crawl(job(&targets(1), Some(forgotten)), &third)
        .await
        .expect("the lease lives");
    assert_eq!(third.words(1), ["ok"]);
    assert_eq!(apify.starts.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failed_run_still_yields_what_it_holds() {
    for (status, word) in [
        ("FAILED", "failed"),
        ("ABORTED", "failed"),
        ("TIMED-OUT", "timeout"),
    ] {
        let apify = Apify::with(vec![item(1)], status);
        let (connector, recorder) = (apify.serve().await, Recorder::default());
        connector
            .crawl(job(&targets(2), None), &recorder)
            .await
            .expect("the lease lives");
        assert_eq!(recorder.words(2), ["ok", word], "{status}");
    }
}

#[tokio::test]
async fn short_troubles_are_ridden_out() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED")
        .fault("start", 429)
        .fault("poll", 500)
        .fault("items", 502);
    let (connector, recorder) = (apify.serve().await, Recorder::default());
    connector
        .crawl(job(&targets(1), None), &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(apify.starts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_paid_run_outlives_a_longer_trouble() {
    let apify = Apify::with(vec![item(1)], "SUCCEEDED")
        .faults("poll", 429, 7)
        .faults("items", 429, 6);
    let (connector, recorder) = (apify.serve().await, Recorder::default());
    connector
        .crawl(job(&targets(1), None), &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(apify.starts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_start_is_told_of_every_target_and_not_repeated() {
    for (status, word) in [
        (401, "failed"),
        (402, "blocked"),
        (403, "blocked"),
        (500, "failed"),
    ] {
        let apify = Apify::with(Vec::new(), "SUCCEEDED").fault("start", status);
        let (connector, recorder) = (apify.serve().await, Recorder::default());
        connector
            .crawl(job(&targets(2), None), &recorder)
            .await
            .expect("the lease lives");
        assert_eq!(recorder.words(2), [word, word], "{status}");
        assert_eq!(
            apify.starts.load(Ordering::SeqCst),
            0,
            "a 500 may hide a paid run"
        );
    }
}
