//! Rows of searches and bestseller lists.

use connectors::{Connector, Hits, MonitorKind, Search, Work};
use domain::availability::Availability;
use domain::observation::Offer;
use serde_json::Value;

use super::super::SOURCE;
use super::super::stub::Apify;
use super::{attribute, only, read, title, us, wait};
use crate::support::{Recorder, target};

/// What a search finds in a dataset of these rows.
fn search(bytes: &[u8], kind: MonitorKind, term: &str, marketplace: &str) -> Hits {
    let rows: Value = serde_json::from_slice(bytes).expect("JSON");
    let rows = match rows {
        Value::Array(rows) => rows,
        row => vec![row],
    };
    let search = Search {
        kind,
        term: term.into(),
        category: None,
        marketplace: marketplace.into(),
        limit: 50,
    };
    wait(async {
        let connector = Apify::with(rows, "SUCCEEDED").serve().await;
        connector
            .search(&search, Work::URGENT, &Recorder::default())
            .await
            .expect("hits")
    })
}

pub(super) fn axesso_search(bytes: &[u8]) {
    let hits = search(bytes, MonitorKind::Keyword, "water bottle", "US");
    assert_eq!(
        (hits.found.len(), hits.total, hits.more),
        (2, Some(48), true)
    );
    let first = &hits.found[0];
    assert_eq!(first.listing.external_id, "B0CLD7RNM8");
    assert!(title(first).starts_with("Zak Designs Barbie Sage"));
    let values = &first.values;
    assert_eq!(
        (values.price, values.list_price, values.currency.as_deref()),
        (Some(999), None, Some("USD"))
    );
    assert_eq!(
        (values.rating_hundredths, values.review_count),
        (Some(460), Some(20_796))
    );
    assert_eq!(
        values.availability,
        Availability::Unknown,
        "a list does not tell"
    );
    assert_eq!(attribute(first, "position"), Some("1"));
    assert_eq!(attribute(first, "sponsored"), None);
    assert_eq!(attribute(first, "monthly_sales"), Some("1000"));
    assert_eq!(
        first.content.as_ref().map(|content| content.images.len()),
        Some(1)
    );
    let second = &hits.found[1];
    assert_eq!(
        (
            second.values.price,
            second.values.offer,
            second.values.currency.as_deref()
        ),
        (None, Offer::NotCollected, None)
    );
    assert_eq!(second.values.rating_hundredths, None);
    assert_eq!(attribute(second, "position"), Some("2"));
    // The same rows, met among the results of products.
    let read = read(bytes, &[us("B08VFC3B3D"), us("B0CLD7RNM8")]);
    assert_eq!(read.len(), 2);
}

pub(super) fn bestseller_junglee(bytes: &[u8]) {
    let page = "https://www.amazon.com.au/gp/bestsellers/health/5148452051";
    let hits = search(bytes, MonitorKind::Category, page, "AU");
    let [hit] = hits.found.as_slice() else {
        panic!("{hits:?}")
    };
    assert_eq!(hit.listing.external_id, "B0D3V6Y38G");
    assert_eq!(title(hit), "Loop Quiet 2 Ear Plugs");
    assert_eq!(
        (hit.values.price, hit.values.currency.as_deref()),
        (Some(3995), Some("AUD"))
    );
    assert_eq!(
        (hit.values.rating_hundredths, hit.values.review_count),
        (Some(420), Some(23_642))
    );
    assert_eq!(attribute(hit, "position"), Some("1"));
    let content = hit.content.as_ref().expect("content");
    assert_eq!(
        content.category.as_deref(),
        Some("Health, Household & Personal Care > Earplugs")
    );
    assert_eq!(content.images.len(), 1);
    let read = read(bytes, &[target(SOURCE, "AU", "B0D3V6Y38G")]);
    assert_eq!(only(&read).values.price, Some(3995));
}

pub(super) fn bestseller_crawlerbros(bytes: &[u8]) {
    let hits = search(bytes, MonitorKind::Category, "Electronics", "US");
    let told: Vec<_> = hits
        .found
        .iter()
        .map(|hit| {
            let values = &hit.values;
            (
                hit.listing.external_id.as_str(),
                values.price,
                values.rating_hundredths,
                values.review_count,
                attribute(hit, "position"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "B08XVYZ1Y5",
                Some(2299),
                Some(450),
                Some(125_432),
                Some("1")
            ),
            ("B0933BVK6T", Some(2899), None, None, Some("2")),
        ]
    );
    let first = &hits.found[0];
    assert_eq!(first.values.currency.as_deref(), Some("USD"));
    assert_eq!(title(first), "Amazon Fire TV Stick 4K");
    let content = first.content.as_ref().expect("content");
    assert_eq!(content.category.as_deref(), Some("Electronics"));
    assert_eq!(attribute(first, "offers"), Some("1"));
}
