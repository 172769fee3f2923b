//! Items of both actors for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
use crate::conformance::{Cases, Expect, Kind, Seen};
use crate::{Target, listing_url};

const ASIN: &str = "B0KIT00001";
const PAGE: &str = "https://www.amazon.com/dp/B0KIT00001";

fn junglee() -> Value {
    json!({
        "title": "Paper Lamp", "url": PAGE, "asin": ASIN, "loadedCountryCode": "US",
        "price": { "value": 24.5, "currency": "$" }, "listPrice": { "value": 30, "currency": "$" },
        "inStock": true, "inStockText": "In Stock", "stars": 4.5, "reviewsCount": 12,
    })
}

fn axesso() -> Value {
    json!({
        "statusCode": 200, "statusMessage": "FOUND", "url": PAGE, "asin": ASIN,
        "title": "Paper Lamp", "price": 24.5, "retailPrice": 30.0,
        "warehouseAvailability": "In Stock", "productRating": "4.5 out of 5 stars",
    })
}

fn page(mut item: Value, change: impl FnOnce(&mut Value)) -> String {
    change(&mut item);
    json!([item]).to_string()
}

/// Gives all fields but the product's name other names.
fn renamed(item: &mut Value) {
    let fields = item.as_object_mut().expect("an object");
    *fields = std::mem::take(fields)
        .into_iter()
        .map(|(name, value)| match name.as_str() {
            "asin" | "url" | "statusCode" => (name, value),
            _ => (format!("{name}V2"), value),
        })
        .collect();
}

fn rows(item: &Value) -> String {
    let other = |number: u32| {
        let mut item = item.clone();
        item["asin"] = json!(format!("B0OTH{number:05}"));
        item["url"] = json!(format!("https://www.amazon.com/dp/B0OTH{number:05}"));
        item
    };
    let rows = (0..10_000).map(other).chain([item.clone()]);
    Value::from_iter(rows).to_string()
}

pub(super) fn cases() -> Cases {
    let listing = listing_url::from_id(SOURCE, "US", ASIN).expect("a listing");
    let target = Target::new(listing);
    let offered = || Expect::Seen(Seen::at(2450, "USD"));
    let unpriced = || {
        Expect::Seen(Seen {
            in_stock: Some(true),
            ..Seen::default()
        })
    };
    let gone = || {
        Expect::Seen(Seen {
            in_stock: Some(false),
            ..Seen::default()
        })
    };
    // The listing itself is none of its variants, and one without a price is only an attribute.
    let family = || {
        Expect::Seen(Seen {
            variants: Some(vec![Some(2600)]),
            ..Seen::at(2450, "USD")
        })
    };
    let twice = |item: Value| json!([item, item]).to_string();
    let unknown = json!([{ "error": "no_results_found", "input": PAGE }]).to_string();
    let unknown_too =
        json!([{ "statusCode": 404, "statusMessage": "NOT_FOUND", "url": PAGE }]).to_string();
    let error = json!({ "error": { "type": "actor-disabled", "message": "no" } }).to_string();
    let malformed = || Expect::Word(&["malformed"]);
    Cases::new()
        .with(Kind::Offered, &target, page(junglee(), |_| {}), offered())
        .with(Kind::Offered, &target, page(axesso(), |_| {}), offered())
        .with(
            Kind::OutOfStock,
            &target,
            page(junglee(), |item| {
                item["price"] = Value::Null;
                item["inStock"] = json!(false);
                item["inStockText"] = json!("Currently unavailable.");
            }),
            gone(),
        )
        .with(
            Kind::OutOfStock,
            &target,
            page(axesso(), |item| {
                item["price"] = json!(0);
                item["warehouseAvailability"] = json!("Currently unavailable.");
            }),
            gone(),
        )
        .with(
            Kind::NotFound,
            &target,
            unknown,
            Expect::Word(&["not_found"]),
        )
        .with(
            Kind::NotFound,
            &target,
            unknown_too,
            Expect::Word(&["not_found"]),
        )
        .with(
            Kind::LayoutChanged,
            &target,
            page(junglee(), renamed),
            malformed(),
        )
        .with(
            Kind::LayoutChanged,
            &target,
            page(axesso(), renamed),
            malformed(),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            page(junglee(), |item| item["price"]["value"] = json!(0)),
            malformed(),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            page(axesso(), |item| item["price"] = json!(0)),
            unpriced(),
        )
        .with(
            Kind::PriceAsText,
            &target,
            page(junglee(), |item| item["price"] = json!("24.50")),
            offered(),
        )
        .with(
            Kind::PriceAsText,
            &target,
            page(axesso(), |item| item["price"] = json!("$24.50")),
            offered(),
        )
        .with(
            Kind::PriceAsText,
            &target,
            page(axesso(), |item| item["price"] = json!("ask us")),
            malformed(),
        )
        .with(
            Kind::Variants,
            &target,
            page(junglee(), |item| {
                item["variantDetails"] = json!([
                    { "asin": ASIN, "name": "White", "price": { "value": 24.5, "currency": "$" } },
                    { "asin": "B0KIT00002", "name": "Red", "price": { "value": 26, "currency": "$" } },
                    { "asin": "B0KIT00003", "name": "Blue", "price": null },
                ]);
            }),
            family(),
        )
        .with(
            Kind::Variants,
            &target,
            page(axesso(), |item| {
                item["variations"] = json!([{ "variationName": "color_name", "values": [
                    { "value": "White", "asin": ASIN, "price": 24.5, "selected": true },
                    { "value": "Red", "asin": "B0KIT00002", "price": 26, "available": true },
                    { "value": "Blue", "asin": "B0KIT00003", "price": 0, "available": false },
                ]}]);
            }),
            family(),
        )
        // The shop's own currency.
        .with(
            Kind::NoCurrency,
            &target,
            page(junglee(), |item| item["price"]["currency"] = Value::Null),
            offered(),
        )
        .with(Kind::ErrorBody, &target, error, malformed())
        .with(Kind::DuplicateIds, &target, twice(junglee()), offered())
        .with(Kind::DuplicateIds, &target, twice(axesso()), offered())
        .with(Kind::TenThousand, &target, rows(&junglee()), offered())
        .with(Kind::TenThousand, &target, rows(&axesso()), offered())
}
