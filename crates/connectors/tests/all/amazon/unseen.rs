//! Forms that the recorded answers do not have, but that actors may write: other countries, texts for
//! numbers, nulls, half-filled rows.

use connectors::{Connector, Outcome};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::{SOURCE, connector};
use crate::support::{cx, observed, target};

const ASIN: &str = "B000000007";

fn outcome(marketplace: &str, row: &Value) -> Outcome {
    let targets = [target(SOURCE, marketplace, ASIN)];
    let body = json!([row]).to_string();
    connector().read(body.as_bytes(), &cx(&targets)).remove(0).1
}

fn seen(marketplace: &str, row: &Value) -> Observation {
    observed(&outcome(marketplace, row))[0].clone()
}

#[test]
fn a_german_page_is_read_in_its_own_words() {
    let seen = seen(
        "DE",
        &json!({
            "url": format!("https://www.amazon.de/dp/{ASIN}?language=de_DE"), "asin": ASIN,
            "title": "Wasserkocher", "brand": null, "price": {"value": "1.299,50", "currency": "€"},
            "listPrice": {"value": 1499, "currency": "EUR"}, "inStock": null,
            "inStockText": "Nur noch 3 auf Lager", "stars": "4,6 von 5 Sternen",
            "reviewsCount": "1.204", "bestsellerRanks": null, "seller": "Amazon",
            "breadCrumbs": "Küche › Wasserkocher", "variantDetails": null, "features": "Leise",
            "attributes": [{"key": "Amazon Bestseller-Rang",
                "value": "Nr. 1.260 in Küche (Siehe Top 100 in Küche) Nr. 2 in Wasserkocher"}],
        }),
    );
    let values = &seen.values;
    assert_eq!(
        (values.price, values.list_price),
        (Some(129_950), Some(149_900))
    );
    assert_eq!(values.currency.as_deref(), Some("EUR"));
    assert_eq!(values.buy_box_seller.as_deref(), Some("Amazon"));
    assert_eq!(
        (values.in_stock, values.stock_quantity),
        (Some(true), Some(3))
    );
    assert_eq!(
        (values.rating_hundredths, values.review_count),
        (Some(460), Some(1_204))
    );
    let ranks: Vec<i32> = values.ranks.iter().map(|rank| rank.rank).collect();
    assert_eq!(ranks, [1_260, 2]);
    let content = seen.content.expect("content");
    assert_eq!(content.category.as_deref(), Some("Küche > Wasserkocher"));
    assert_eq!(content.features, ["Leise"]);
}

#[test]
fn a_country_without_minor_units_keeps_its_figures() {
    for price in [
        json!(2255),
        json!("￥2,255"),
        json!({"value": 2255.0, "currency": null}),
    ] {
        let row = json!({"statusCode": 200, "statusMessage": "FOUND", "asin": ASIN,
            "url": format!("https://www.amazon.co.jp/dp/{ASIN}"), "title": "やかん", "price": price,
            "retailPrice": 0, "productRating": "5つ星のうち4.2", "warehouseAvailability": "残り2点"});
        let values = seen("JP", &row).values;
        assert_eq!(
            (values.price, values.list_price),
            (Some(2255), None),
            "{price}"
        );
        assert_eq!(values.currency.as_deref(), Some("JPY"));
        assert_eq!(
            (values.rating_hundredths, values.stock_quantity),
            (Some(420), Some(2))
        );
    }
}

#[test]
fn a_currency_that_nobody_knows_is_not_replaced_by_a_guess() {
    let row = |currency: Value| {
        json!({"url": format!("https://www.amazon.com/dp/{ASIN}"), "asin": ASIN, "title": "Kettle",
            "price": {"value": 20, "currency": currency}})
    };
    assert_eq!(outcome("US", &row(json!("points"))).as_str(), "malformed");
    for (currency, code) in [
        (json!("$"), "USD"),
        (json!("usd"), "USD"),
        (json!(null), "USD"),
        (json!(""), "USD"),
        (json!("₪"), "ILS"),
    ] {
        let values = seen("US", &row(currency)).values;
        assert_eq!(values.currency.as_deref(), Some(code));
    }
}

#[test]
fn what_a_selector_says_of_variants_does_not_spoil_the_product() {
    let row = json!({"statusCode": 200, "statusMessage": "FOUND", "asin": ASIN, "title": "Kettle",
        "url": format!("https://www.amazon.com/dp/{ASIN}"), "price": 20.5, "warehouseAvailability": "In Stock",
        "variations": [{"variationName": "Color", "values": [
            {"asin": "B000000008", "value": "Red", "price": "2 options from $9.99"},
            {"asin": "B000000009", "value": "Blue", "price": "$19.99", "available": "true"},
            {"asin": null, "value": "None"}, null]}, null, {"values": null}]});
    let Outcome::Observed(all) = outcome("US", &row) else {
        panic!("{row}")
    };
    let prices: Vec<_> = all
        .iter()
        .map(|one| {
            (
                one.listing.external_id.as_str(),
                one.values.price,
                one.values.in_stock,
            )
        })
        .collect();
    assert_eq!(
        prices,
        [
            (ASIN, Some(2050), Some(true)),
            ("B000000009", Some(1999), Some(true))
        ]
    );
    let content = all[0].content.as_ref().expect("content");
    assert_eq!(content.attributes["variants"], "B000000008");
}

#[test]
fn a_row_of_nulls_with_a_name_says_that_little_and_no_more() {
    let mut row = json!({"asin": ASIN, "title": "Kettle", "url": null, "input": null});
    for name in [
        "price",
        "listPrice",
        "inStock",
        "inStockText",
        "stars",
        "reviewsCount",
        "seller",
        "offers",
        "breadCrumbs",
        "features",
        "attributes",
        "highResolutionImages",
        "variantAsins",
        "bestsellerRanks",
        "categoryPageData",
        "isAmazonChoice",
        "loadedCountryCode",
    ] {
        row[name] = Value::Null;
    }
    let seen = seen("US", &row);
    assert_eq!(
        (
            seen.values.offer,
            seen.values.price,
            seen.values.availability
        ),
        (Offer::NotCollected, None, Availability::Unknown)
    );
    assert_eq!(seen.values.currency, None);
}

#[test]
fn items_in_items_and_bare_values_are_malformed_not_a_panic() {
    let targets = [target(SOURCE, "US", ASIN)];
    for body in [
        json!([[{"asin": ASIN, "title": "Kettle"}]]),
        json!([ASIN, null, 7]),
        json!({"items": []}),
    ] {
        let read = connector().read(body.to_string().as_bytes(), &cx(&targets));
        let seen = read.iter().any(|(_, outcome)| outcome.as_str() == "ok");
        assert!(!seen, "{body}");
    }
}
