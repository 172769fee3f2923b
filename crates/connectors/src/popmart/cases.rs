//! The shop's own answers for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
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

pub(super) fn cases() -> Cases {
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
    let unpriced = Seen {
        price: None,
        variants: Some(vec![None, None]),
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
        .with(Kind::ZeroPrice, &target, zero, Expect::Seen(unpriced))
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
                variants: Some(vec![Some(1599); 10_000]),
                ..offered
            }),
        )
}
