//! Recorded answers of the real upstream, each read with the values it holds. Runs where the samples lie beside the
//! workspace; a sample that nobody reads is a failure.

mod inputs;
mod lists;
mod products;
mod runs;

use connectors::{Connector, MonitorKind, Outcome, Target};
use domain::observation::Observation;
use serde_json::{Value, json};

use super::{SOURCE, connector};
use crate::support::{cx, observed, samples, target};
use inputs::{same_input, same_search_input};
use lists::{axesso_search, bestseller_crawlerbros, bestseller_junglee};
use products::{
    axesso_item, axesso_page, axesso_used_buy_box, junglee_item, junglee_partial, junglee_reduced,
};
use runs::{ended, goes_on, passes, refused};

/// Reads a sample, or fails.
type Reader = fn(&[u8]);

/// Who reads which sample.
const READERS: &[(&str, Reader)] = &[
    ("apify-axesso-dataset-page.json", axesso_page),
    ("apify-axesso-input.json", |bytes| {
        same_input(bytes, "US", |settings| {
            settings.actor = "axesso_data~amazon-product-details-scraper".into();
        });
    }),
    ("apify-axesso-item-buyboxused.json", axesso_used_buy_box),
    ("apify-axesso-item-notfound.json", |bytes| {
        assert_eq!(read(bytes, &[us("B0C6XM9DSV")]), [(0, Outcome::NotFound)]);
    }),
    ("apify-axesso-item.json", axesso_item),
    ("apify-axesso-search-input.json", |bytes| {
        same_search_input(bytes, MonitorKind::Keyword, "water bottle");
    }),
    ("apify-axesso-search-items.json", axesso_search),
    (
        "apify-bestseller-item-junglee-shape.json",
        bestseller_junglee,
    ),
    (
        "apify-bestseller-items-crawlerbros.json",
        bestseller_crawlerbros,
    ),
    ("apify-bestsellers-input.json", |bytes| {
        let page = "https://www.amazon.com/Best-Sellers-Health-Household/zgbs/hpc";
        same_search_input(bytes, MonitorKind::Category, page);
    }),
    ("apify-error-400.json", |bytes| {
        refused(bytes, 400, "failed")
    }),
    ("apify-error-401.json", |bytes| {
        refused(bytes, 401, "failed")
    }),
    ("apify-error-402.json", |bytes| {
        refused(bytes, 402, "blocked")
    }),
    ("apify-error-403-permission.json", |bytes| {
        refused(bytes, 403, "blocked");
    }),
    // Unknown to Apify is not unknown to Amazon.
    ("apify-error-404.json", |bytes| {
        refused(bytes, 404, "failed")
    }),
    ("apify-error-408-sync.json", |bytes| passes(bytes, 408)),
    ("apify-error-429.json", |bytes| passes(bytes, 429)),
    ("apify-junglee-error-item.json", |bytes| {
        assert_eq!(read(bytes, &[us("B000000000")]), [(0, Outcome::NotFound)]);
    }),
    ("apify-junglee-input.json", |bytes| {
        same_input(bytes, "US", |_| {});
    }),
    ("apify-junglee-item-partial.json", junglee_partial),
    ("apify-junglee-item.json", junglee_item),
    ("apify-junglee-reduced-items.json", junglee_reduced),
    ("apify-run-aborted.json", |bytes| {
        ended(bytes, "failed", "the run was aborted");
    }),
    ("apify-run-failed.json", |bytes| {
        ended(bytes, "failed", "The Actor process has exited with code 1.");
    }),
    ("apify-run-ready.json", goes_on),
    ("apify-run-running.json", goes_on),
    ("apify-run-succeeded.json", |bytes| {
        ended(bytes, "failed", "the run ended without this product");
    }),
    ("apify-run-timed-out.json", |bytes| {
        ended(bytes, "timeout", "")
    }),
    // Webhooks are not used, since nobody signs them; the run they carry is the run that polls show.
    ("apify-webhook-succeeded.json", |bytes| {
        let told: Value = serde_json::from_slice(bytes).expect("JSON");
        assert_eq!(told["eventData"]["actorRunId"], told["resource"]["id"]);
        let run = json!({"data": told["resource"]}).to_string();
        ended(
            run.as_bytes(),
            "failed",
            "the run ended without this product",
        );
    }),
];

#[test]
fn every_sample_is_read_with_its_values() {
    let all = samples("apify-");
    for (name, bytes) in &all {
        let (_, reader) = READERS
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("nobody reads {name}"));
        eprintln!("{name}");
        reader(bytes);
    }
    assert!(all.is_empty() || all.len() >= READERS.len());
}

fn us(asin: &str) -> Target {
    target(SOURCE, "US", asin)
}

/// Reads an Amazon sample: one item, or a page of them.
fn read(bytes: &[u8], targets: &[Target]) -> Vec<(usize, Outcome)> {
    let mut body = bytes.to_vec();
    if !body.trim_ascii_start().starts_with(b"[") {
        body = [&b"["[..], &body, &b"]"[..]].concat();
    }
    connector().read(&body, &cx(targets))
}

fn only(read: &[(usize, Outcome)]) -> &Observation {
    assert_eq!(read.len(), 1, "{read:?}");
    let seen = observed(&read[0].1);
    assert_eq!(seen.len(), 1, "no variant has a price here");
    &seen[0]
}

fn title(observation: &Observation) -> &str {
    let content = observation.content.as_ref().expect("content");
    content.title.as_deref().unwrap_or_default()
}

fn attribute<'a>(observation: &'a Observation, name: &str) -> Option<&'a str> {
    let content = observation.content.as_ref().expect("content");
    content.attributes.get(name).map(String::as_str)
}

fn ranks(observation: &Observation) -> Vec<(i32, &str)> {
    let ranks = &observation.values.ranks;
    ranks
        .iter()
        .map(|entry| (entry.rank, entry.category.as_str()))
        .collect()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}
