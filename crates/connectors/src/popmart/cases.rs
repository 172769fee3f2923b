//! The shop's own answers for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
use super::observe::MOST_SKUS;
use crate::conformance::{Cases, Expect, Kind, Seen};
use crate::{Target, listing_url};

fn product() -> Value {
    json!({
        "code": "OK", "message": "success", "now": 1_780_000_000, "ret": 1,
        "data": {
            "id": "810", "title": "Cloud Garden Series", "isPublish": true, "isAvailable": true,
            "upTime": 1_770_000_000, "downTime": 0,
            "mainImage": "https://images.example/810.jpg",
            "skus": [
                { "id": "9101", "title": "Single box", "price": 1599, "discountPrice": 1599,
                  "currency": "USD", "stock": { "onlineStock": 3, "onlineLockStock": 0 } },
                { "id": "9102", "title": "Whole set", "price": 18_000, "discountPrice": 14_900,
                  "currency": "USD", "stock": { "onlineStock": 1, "onlineLockStock": 0 } },
            ],
        },
    })
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut answer = product();
    change(&mut answer["data"]);
    answer.to_string()
}

/// Gives a field of every SKU another value.
fn each(field: &'static str, value: impl Into<Value>) -> impl FnOnce(&mut Value) {
    let value = value.into();
    move |data| {
        for sku in data["skus"].as_array_mut().expect("a list") {
            sku[field] = value.clone();
        }
    }
}

/// All generations that tell a product in full or in a list.
pub(super) fn cases() -> Cases {
    listed(remote(signed()))
}

/// The signed calls.
fn signed() -> Cases {
    let listing = listing_url::from_id(SOURCE, "US", "810").expect("a listing");
    let target = Target::new(listing);
    let offered = Seen {
        stock: Some(4),
        variants: Some(vec![Some(1599), Some(14_900)]),
        ..Seen::at(1599, "USD")
    };
    let gone = Seen {
        in_stock: Some(false),
        stock: Some(0),
        ..offered.clone()
    };
    let renamed = with(|data| {
        let skus = data["skus"].take();
        data["items"] = skus;
        data["spuId"] = data["id"].take();
    });
    let zero = with(|data| {
        each("price", 0)(data);
        each("discountPrice", 0)(data);
    });
    let twice = with(|data| {
        let skus = data["skus"].as_array_mut().expect("a list");
        skus.push(skus[0].clone());
    });
    let many = with(|data| {
        let sku = data["skus"][0].clone();
        let skus = (0..10_000).map(|number| {
            let mut sku = sku.clone();
            sku["id"] = json!((20_000 + number).to_string());
            sku
        });
        data["skus"] = skus.collect();
    });
    let error = json!({ "code": "5000", "data": null, "message": "busy", "ret": 0 });
    let unknown = json!({ "code": "404", "data": null, "message": "product not found", "ret": 0 });
    Cases::new()
        .with(
            Kind::Offered,
            &target,
            with(|_| {}),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::Variants,
            &target,
            with(|_| {}),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::OutOfStock,
            &target,
            with(each(
                "stock",
                json!({ "onlineStock": 0, "onlineLockStock": 2 }),
            )),
            Expect::Seen(gone),
        )
        .with(
            Kind::NotFound,
            &target,
            unknown.to_string(),
            Expect::Word(&["not_found"]),
        )
        .with(
            Kind::LayoutChanged,
            &target,
            renamed,
            Expect::Word(&["malformed"]),
        )
        .with(Kind::ZeroPrice, &target, zero, Expect::Word(&["malformed"]))
        .with(
            Kind::PriceAsText,
            &target,
            with(each("price", "15.99")),
            Expect::Word(&["malformed"]),
        )
        // The country's own currency.
        .with(
            Kind::NoCurrency,
            &target,
            with(each("currency", Value::Null)),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::ErrorBody,
            &target,
            error.to_string(),
            Expect::Word(&["failed"]),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            twice,
            Expect::Seen(Seen {
                stock: None,
                ..offered.clone()
            }),
        )
        .with(
            Kind::TenThousand,
            &target,
            many,
            Expect::Seen(Seen {
                stock: None,
                variants: Some(vec![Some(1599); MOST_SKUS]),
                ..offered
            }),
        )
}

const ID: &str = "0c0ffee0-0000-4000-8000-000000000810";

/// The RPC's details.
fn remote(cases: Cases) -> Cases {
    let one = |change: fn(&mut Value)| {
        let mut answer = json!({ "json": {
            "id": ID, "name_trans": { "en": "Cloud Garden Series" }, "slugTitle": null,
            "publish": true, "show": true, "saleStartAt": "2026-02-02T10:00:00.000Z",
            "saleEndAt": null, "currentTimestamp": 1_780_000_000_000_i64,
            "skus": [
                { "id": "0c0ffee0-0000-4000-8000-000000000001", "tmpStock": 3, "price": 1500,
                  "name_trans": { "en": "Single box" } },
                { "id": "0c0ffee0-0000-4000-8000-000000000002", "tmpStock": 0, "price": 9000,
                  "name_trans": { "en": "Whole set" } },
            ],
            "sales": 0, "indexData": { "remainStock": 3 },
        }});
        change(&mut answer["json"]);
        answer.to_string()
    };
    let listing = listing_url::from_id(SOURCE, "FR", ID).expect("a listing");
    let target = Target::new(listing);
    let offered = Seen {
        stock: Some(3),
        variants: Some(vec![Some(1500), Some(9000)]),
        ..Seen::at(1500, "EUR")
    };
    cases
        .with(
            Kind::Offered,
            &target,
            one(|_| {}),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::NoCurrency,
            &target,
            one(|_| {}),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::OutOfStock,
            &target,
            one(|product| {
                product["skus"][0]["tmpStock"] = json!(0);
                product["indexData"]["remainStock"] = json!(0);
            }),
            Expect::Seen(Seen {
                in_stock: Some(false),
                stock: Some(0),
                ..offered.clone()
            }),
        )
        .with(
            Kind::LayoutChanged,
            &target,
            one(|product| product["variants"] = product["skus"].take()),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            one(|product| product["skus"][0]["price"] = json!(0)),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::PriceAsText,
            &target,
            one(|product| product["skus"][1]["price"] = json!("90.00")),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            one(|product| {
                let again = product["skus"][0].clone();
                product["skus"].as_array_mut().expect("a list").push(again);
            }),
            Expect::Seen(offered),
        )
        .with(
            Kind::NotFound,
            &target,
            r#"{"code":"NOT_FOUND","message":"Product not found"}"#,
            Expect::Word(&["not_found"]),
        )
        .with(
            Kind::ErrorBody,
            &target,
            r#"{"json":{"code":"INTERNAL_SERVER_ERROR","status":500,"message":"x"}}"#,
            Expect::Word(&["failed"]),
        )
}

/// Rows of the unsigned files.
fn listed(cases: Cases) -> Cases {
    let row = |id: &str, price: Value, sold_out: bool| {
        json!({
            "id": id, "title": "Cloud Garden Series", "subTitle": "", "upTime": 1_770_000_000,
            "bannerImages": ["https://images.example/810.jpg"], "isHot": false, "isNew": true,
            "skus": [{ "id": "9101", "price": price, "discountPrice": price, "currency": "USD",
                       "stock": { "onlineStock": if sold_out { 0 } else { 3 }, "onlineLockStock": 0 },
                       "mainImage": "", "isSkuSoldOut": sold_out }],
        })
    };
    let file = |rows: Vec<Value>| {
        json!({ "total": rows.len(), "name": "NEW", "desc": "", "id": "331", "productData": rows })
            .to_string()
    };
    let listing = listing_url::from_id(SOURCE, "US", "810").expect("a listing");
    let target = Target::new(listing);
    let offered = Seen {
        stock: Some(3),
        variants: Some(vec![Some(1599)]),
        ..Seen::at(1599, "USD")
    };
    let good = || row("810", json!(1599), false);
    cases
        .with(
            Kind::Offered,
            &target,
            file(vec![row("811", json!(99), false), good()]),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            file(vec![good(), good()]),
            Expect::Seen(offered.clone()),
        )
        .with(
            Kind::OutOfStock,
            &target,
            file(vec![row("810", json!(1599), true)]),
            Expect::Seen(Seen {
                in_stock: Some(false),
                stock: Some(0),
                ..offered
            }),
        )
        .with(
            Kind::ZeroPrice,
            &target,
            file(vec![row("810", json!(0), false)]),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::NotFound,
            &target,
            file(vec![row("811", json!(99), false)]),
            Expect::Word(&["nothing"]),
        )
}
