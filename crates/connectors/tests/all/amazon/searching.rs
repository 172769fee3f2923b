//! Searching: which rows become hits, in which order, and what is no answer.

use connectors::{Connector, Hits, MonitorKind, Outcome, Search, Urgency, Work};
use serde_json::{Value, json};

use super::stub::{Apify, asin};
use crate::support::Recorder;

fn keyword(term: &str, limit: usize) -> Search {
    Search {
        kind: MonitorKind::Keyword,
        term: term.into(),
        category: None,
        marketplace: "US".into(),
        limit,
    }
}

/// A row of axesso's search; `page` and `place` as the actor counts them.
fn row(n: usize, page: usize, place: usize) -> Value {
    json!({"statusCode": 200, "statusMessage": "FOUND", "domainCode": "com", "currentPage": page,
        "asin": asin(n), "dpUrl": format!("/Some-Title/dp/{}/ref=sr_1_1?qid=1", asin(n)),
        "productDescription": format!("Product {n}"), "price": 5.5, "retailPrice": 0,
        "sponsored": place == 0, "searchResultPosition": place, "resultCount": 900})
}

async fn find(apify: &Apify, search: &Search) -> Result<Hits, Outcome> {
    let connector = apify.serve().await;
    connector
        .search(search, Work::URGENT, &Recorder::default())
        .await
}

fn ids(hits: &Hits) -> Vec<&str> {
    hits.found
        .iter()
        .map(|hit| hit.listing.external_id.as_str())
        .collect()
}

#[tokio::test]
async fn hits_are_in_the_lists_order_each_once_and_no_more_than_asked_for() {
    // Pages are scraped at the same time, and a sponsored product is there twice.
    let rows = vec![
        row(4, 2, 0),
        row(1, 1, 0),
        row(2, 1, 1),
        row(1, 1, 2),
        row(3, 1, 3),
    ];
    let apify = Apify::with(rows, "SUCCEEDED");
    let hits = find(&apify, &keyword("mugs", 3)).await.expect("hits");
    assert_eq!(ids(&hits), [asin(1), asin(2), asin(3)]);
    assert_eq!((hits.total, hits.more), (Some(900), true));
    let attributes = |place: usize| {
        &hits.found[place]
            .content
            .as_ref()
            .expect("content")
            .attributes
    };
    assert_eq!(
        attributes(0).get("sponsored").map(String::as_str),
        Some("yes")
    );
    assert_eq!(attributes(1).get("sponsored"), None);
    assert_eq!(attributes(1).get("position").map(String::as_str), Some("2"));
}

#[tokio::test]
async fn many_rows_are_read_over_pages() {
    let rows = (1..=600).map(|n| row(n, n / 48 + 1, n % 48)).collect();
    let apify = Apify::with(rows, "SUCCEEDED");
    let hits = find(&apify, &keyword("mugs", 1_000)).await.expect("hits");
    assert_eq!(hits.found.len(), 600);
}

#[tokio::test]
async fn nothing_found_is_an_answer_and_an_empty_dataset_is_none() {
    for nothing in [
        json!({"error": "no_results_found", "input": "https://www.amazon.com/s?k=x"}),
        json!({"statusCode": 404, "statusMessage": "NOT_FOUND", "keyword": "x"}),
    ] {
        let apify = Apify::with(vec![nothing], "SUCCEEDED");
        let hits = find(&apify, &keyword("x", 10)).await;
        assert_eq!(hits, Ok(Hits::default()));
    }
    for (rows, status, word) in [
        (vec![], "SUCCEEDED", "failed"),
        (vec![], "TIMED-OUT", "timeout"),
        (
            vec![json!({"error": "captcha_failed"})],
            "SUCCEEDED",
            "blocked",
        ),
        (vec![json!("text"), json!({})], "SUCCEEDED", "malformed"),
    ] {
        let apify = Apify::with(rows, status);
        let outcome = find(&apify, &keyword("x", 10))
            .await
            .expect_err("no answer");
        assert_eq!(outcome.as_str(), word, "{status}");
    }
}

#[tokio::test]
async fn rows_that_cannot_be_understood_are_left_out() {
    let mut free = row(2, 1, 1);
    free["price"] = json!("cheap");
    let mut abroad = row(3, 1, 2);
    abroad["domainCode"] = json!("de");
    let apify = Apify::with(vec![row(1, 1, 0), free, abroad], "SUCCEEDED");
    let hits = find(&apify, &keyword("mugs", 10)).await.expect("hits");
    assert_eq!(ids(&hits), [asin(1)]);
}

#[tokio::test]
async fn what_a_run_cut_short_found_is_told_with_the_hint_that_there_is_more() {
    let apify = Apify::with(vec![row(1, 1, 0)], "FAILED");
    let hits = find(&apify, &keyword("mugs", 10)).await.expect("hits");
    assert_eq!((ids(&hits), hits.more), (vec![asin(1).as_str()], true));
}

#[tokio::test]
async fn a_search_that_is_delivered_again_goes_on_with_its_run() {
    let apify = Apify::with(vec![row(1, 1, 0)], "SUCCEEDED")
        .change(|inner| inner.extra = json!({"usageTotalUsd": 0.01}));
    let connector = apify.serve().await;
    let search = keyword("mugs", 10);
    let first = Recorder::default();
    let found = connector.search(&search, Work::URGENT, &first).await;
    assert_eq!(ids(&found.expect("hits")), [asin(1)]);
    assert_eq!(
        first.costs.lock().expect("not poisoned")[0].micro_usd,
        10_000
    );
    let kept = first.checkpoints.lock().expect("not poisoned").clone();
    for resume in kept {
        let work = Work {
            resume: Some(&resume),
            urgency: Urgency::Medium,
            credential: None,
        };
        let again = Recorder::default();
        let found = connector.search(&search, work, &again).await;
        assert_eq!(ids(&found.expect("hits")), [asin(1)]);
    }
    assert_eq!(apify.starts(), 1);
}

#[tokio::test]
async fn what_cannot_be_searched_for_starts_nothing() {
    let apify = Apify::with(vec![], "SUCCEEDED");
    for (kind, term, marketplace) in [
        (MonitorKind::Brand, "Loop", "US"),
        (MonitorKind::Keyword, " ", "US"),
        (MonitorKind::Keyword, "mugs", "XX"),
        (MonitorKind::Category, "https://evil.example/s?k=x", "US"),
    ] {
        let search = Search {
            kind,
            marketplace: marketplace.into(),
            ..keyword(term, 10)
        };
        let outcome = find(&apify, &search).await.expect_err("no search");
        assert!(!outcome.retryable(), "{outcome:?}");
    }
    assert_eq!(apify.starts(), 0);
}
