//! Recorded answers of the real upstream, read with the values they hold. Runs where the samples lie beside the
//! workspace.

use connectors::amazon::SOURCE;
use connectors::{Connector, Outcome, Target};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};

use crate::support::{cx, observed, sample, target};

/// Reads an Amazon sample: one item, or a page of them.
fn amazon(name: &str, targets: &[Target]) -> Option<Vec<(usize, Outcome)>> {
    let mut body = sample(name)?;
    if !body.trim_ascii_start().starts_with(b"[") {
        body = [&b"["[..], &body, &b"]"[..]].concat();
    }
    Some(super::connector().read(&body, &cx(targets)))
}

fn us(asin: &str) -> Target {
    target(SOURCE, "US", asin)
}

fn only(read: &[(usize, Outcome)]) -> &Observation {
    assert_eq!(read.len(), 1, "{read:?}");
    &observed(&read[0].1)[0]
}

fn title(observation: &Observation) -> &str {
    observation
        .content
        .as_ref()
        .and_then(|content| content.title.as_deref())
        .unwrap_or_default()
}

#[test]
fn junglee_item() {
    let targets = [target(SOURCE, "AU", "B0D3V6Y38G")];
    let Some(read) = amazon("apify-junglee-item.json", &targets) else {
        return;
    };
    let seen = only(&read);
    assert!(title(seen).starts_with("Loop Quiet 2 Ear Plugs"));
    assert_eq!(seen.values.currency.as_deref(), Some("AUD"));
    assert_eq!(
        (seen.values.price, seen.values.offer),
        (Some(3995), Offer::Offered)
    );
    assert_eq!(
        seen.values.buy_box_seller.as_deref(),
        Some("Loop Earplugs AU")
    );
    assert_eq!(seen.values.availability, Availability::InStock);
    assert_eq!(seen.values.rating_hundredths, Some(420));
    assert_eq!(seen.values.review_count, Some(23_642));
    assert_eq!(seen.values.ranks[0].rank, 28);
    assert_eq!(
        seen.values.ranks[0].category,
        "Health, Household & Personal Care"
    );
    assert_eq!((seen.values.ranks[1].rank, seen.values.ranks.len()), (1, 2));
    let content = seen.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("Loop"));
    assert_eq!((content.images.len(), content.features.len()), (7, 5));
}

#[test]
fn junglee_partial_and_error_items() {
    let targets = [target(SOURCE, "AU", "B0FCYRR949")];
    let Some(read) = amazon("apify-junglee-item-partial.json", &targets) else {
        return;
    };
    let seen = only(&read);
    assert_eq!(
        (seen.values.price, seen.values.currency.as_deref()),
        (Some(1299), Some("AUD"))
    );
    assert_eq!(
        (seen.values.in_stock, seen.values.availability),
        (None, Availability::Unknown)
    );
    assert!(seen.values.ranks.is_empty());

    let read = amazon("apify-junglee-error-item.json", &[us("B000000000")]).expect("a sample");
    assert_eq!(read[0].1.as_str(), "not_found");
}

#[test]
fn junglee_reduced_items() {
    let asins = ["B004AP8MNS", "1917857004", "B09FK2TWPC", "B00ZLYUOP6"];
    let targets = asins.map(|asin| target(SOURCE, "CA", asin));
    let Some(read) = amazon("apify-junglee-reduced-items.json", &targets) else {
        return;
    };
    assert_eq!(read.len(), 4);
    let values = |place: usize| &observed(&read[place].1)[0].values;
    assert_eq!(
        (values(0).price, values(0).offer),
        (None, Offer::NotCollected)
    );
    assert_eq!(
        (values(1).price, values(1).currency.as_deref()),
        (Some(2288), Some("CAD"))
    );
    assert_eq!(
        (values(2).price, values(2).rating_hundredths),
        (Some(19_799), None)
    );
}

#[test]
fn axesso_items() {
    let Some(read) = amazon("apify-axesso-item.json", &[us("B0CM9DB6WF")]) else {
        return;
    };
    let seen = only(&read);
    assert_eq!(
        seen.listing.external_id, "B0CM9DB6WF",
        "joined by address, not by ASIN"
    );
    assert_eq!(
        (seen.values.price, seen.values.list_price),
        (Some(999), None)
    );
    assert_eq!(seen.values.currency.as_deref(), Some("USD"));
    assert_eq!(seen.values.rating_hundredths, Some(460));
    assert_eq!(seen.values.review_count, Some(20_796));
    assert_eq!(seen.values.ranks[1].category, "Water Bottles");
    let brand = seen
        .content
        .as_ref()
        .and_then(|content| content.brand.as_deref());
    assert_eq!(brand, Some("Zak Designs"), "without the direction mark");

    let read = amazon("apify-axesso-item-notfound.json", &[us("B0C6XM9DSV")]).expect("a sample");
    assert_eq!(read[0].1, Outcome::NotFound);
    let read = amazon("apify-axesso-item-buyboxused.json", &[us("B0DKTNNS1C")]).expect("a sample");
    assert_eq!(
        only(&read).values.price,
        Some(2099),
        "the new offer, not the used one"
    );
    let read = amazon("apify-axesso-dataset-page.json", &[us("B0BGS8QTSM")]).expect("a sample");
    assert_eq!(
        (only(&read).values.price, only(&read).values.list_price),
        (Some(1040), Some(1599))
    );
}

/// Reads a PopMart sample.
#[test]
fn every_amazon_sample_is_read_without_panic() {
    let targets = [us("B0CM9DB6WF")];
    for name in [
        "apify-run-failed.json",
        "apify-error-400.json",
        "apify-axesso-search-items.json",
    ] {
        let _ = amazon(name, &targets);
    }
}
