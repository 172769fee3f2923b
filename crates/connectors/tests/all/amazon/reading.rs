//! Amazon: what answers mean.

use connectors::{Connector, Outcome};

use super::connector;
use super::stub::{asin, item, targets};
use domain::availability::Availability;
use domain::observation::Offer;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{at, crawl, cx, observed};

const JUNGLEE: &[u8] = include_bytes!("fixtures/junglee.json");

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
        content.attributes.get("material").map(String::as_str),
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
