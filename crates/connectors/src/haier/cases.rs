//! The platform's own answers for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
use crate::conformance::{Cases, Expect, Kind, Seen};
use crate::{Target, listing_url};

fn price() -> Value {
    json!({
        "productCode": "LC0A11C01", "supplyPrice": 1860.5, "invoicePrice": 1784.69, "marketPrice": 2299,
        "stockRebatePolicy": 0.03, "rebateMoney": 20, "isSales": "1", "reason": "",
    })
}

fn product() -> Value {
    json!({
        "productCode": "LC0A11C01", "productModel": "BCD-218WLC3", "productGroupNamd": "冰箱",
        "productBrandName": "澜川", "productImageUrl": "https://images.example/1.jpg",
        "productLageUrls": [], "isSales": "0", "noSalesReason": "产品未投放",
    })
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut row = price();
    change(&mut row);
    json!([row]).to_string()
}

fn prices(value: impl Into<Value>) -> impl FnOnce(&mut Value) {
    let value = value.into();
    move |row| {
        for name in ["supplyPrice", "invoicePrice", "marketPrice"] {
            row[name] = value.clone();
        }
    }
}

pub(super) fn cases() -> Cases {
    let listing = listing_url::from_id(SOURCE, "CN", "LC0A11C01").expect("a listing");
    let target = Target::new(listing);
    let offered = Seen::at(186_050, "CNY");
    let gone = Seen {
        in_stock: Some(false),
        ..Seen::default()
    };
    let unpriced = Seen {
        in_stock: Some(true),
        ..Seen::default()
    };
    let enveloped = json!({ "success": true, "data": [price()] });
    let stock = |first: &str, second: &str| {
        let warehouse = |code: &str, stock: &str| json!({ "secCode": code, "stock": stock, "warehouseGrade": "0", "timelinessData": null });
        let data = [warehouse("CK01", first), warehouse("RDC1", second)];
        json!({ "success": true, "data": data }).to_string()
    };
    let none_left = Seen {
        stock: Some(0),
        ..gone.clone()
    };
    let renamed = with(|row| {
        *row = json!({ "code": row["productCode"], "price": row["supplyPrice"], "state": "1" });
    });
    let unnamed = with(|row| {
        row["skuCode"] = row["productCode"].take();
    });
    let text = with(|row| {
        prices("1860.50")(row);
        row["isSales"] = json!(1);
    });
    let other = json!([{ "productCode": "QH0A21B01", "productModel": "BC-96TQ1", "isSales": "1" }]);
    let many: Vec<Value> = (0..10_000)
        .map(|number| {
            let mut row = price();
            if number > 0 {
                row["productCode"] = json!(format!("N{number}"));
            }
            row
        })
        .collect();
    let differ =
        json!([price(), { "productCode": "LC0A11C01", "supplyPrice": 18.6, "isSales": "1" }]);
    let seen = Expect::Seen;
    let word = Expect::Word;
    Cases::new()
        .with(Kind::Offered, &target, with(|_| {}), seen(offered.clone()))
        .with(
            Kind::Offered,
            &target,
            enveloped.to_string(),
            seen(offered.clone()),
        )
        .with(
            Kind::OutOfStock,
            &target,
            with(|row| {
                prices(Value::Null)(row);
                row["isSales"] = json!("0");
                row["reason"] = json!("价格未生效");
            }),
            seen(gone.clone()),
        )
        .with(
            Kind::OutOfStock,
            &target,
            json!([product()]).to_string(),
            seen(gone),
        )
        .with(Kind::OutOfStock, &target, stock("0", "0"), seen(none_left))
        .with(
            Kind::NotFound,
            &target,
            other.to_string(),
            word(&["not_found"]),
        )
        .with(Kind::NotFound, &target, "[]", word(&["not_found"]))
        .with(Kind::LayoutChanged, &target, renamed, word(&["malformed"]))
        .with(Kind::LayoutChanged, &target, unnamed, word(&["malformed"]))
        .with(
            Kind::ZeroPrice,
            &target,
            with(prices("0")),
            seen(unpriced.clone()),
        )
        .with(Kind::ZeroPrice, &target, with(prices(0)), seen(unpriced))
        .with(Kind::PriceAsText, &target, text, seen(offered.clone()))
        .with(
            Kind::PriceAsText,
            &target,
            with(prices("面议")),
            word(&["malformed"]),
        )
        // The platform never names one.
        .with(
            Kind::NoCurrency,
            &target,
            with(|_| {}),
            seen(offered.clone()),
        )
        .with(
            Kind::ErrorBody,
            &target,
            json!({ "success": false, "data": null, "message": "系统繁忙" }).to_string(),
            word(&["failed"]),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            json!([price(), price()]).to_string(),
            seen(offered.clone()),
        )
        .with(
            Kind::DuplicateIds,
            &target,
            differ.to_string(),
            word(&["malformed"]),
        )
        .with(
            Kind::TenThousand,
            &target,
            json!(many).to_string(),
            seen(offered),
        )
}
