//! What rows mean: precedence of prices, reasons, and the traps of the format.

use connectors::{Connector, Outcome};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::{code, connector};
use crate::support::{cx, observed};

fn read(body: &[u8]) -> Outcome {
    let targets = [code("NX0D61D01")];
    let connector = connector("http://127.0.0.1:9");
    connector.read(body, &cx(&targets)).remove(0).1
}

fn seen(row: &Value) -> Observation {
    observed(&read(json!([row]).to_string().as_bytes()))[0].clone()
}

/// A price row with these fields.
fn price(fields: &Value) -> Value {
    let mut row = json!({"productCode": "NX0D61D01", "isSales": "1", "reason": ""});
    for (name, value) in fields.as_object().expect("an object") {
        row[name] = value.clone();
    }
    row
}

fn attribute(observation: &Observation, name: &str) -> Option<String> {
    observation.content.as_ref()?.attributes.get(name).cloned()
}

#[test]
fn the_supply_price_is_shown_then_the_invoice_then_the_market_price() {
    let cases = [
        (
            json!({"supplyPrice": "890", "invoicePrice": 852.2, "marketPrice": "1199.00"}),
            Some(89_000),
            Some(119_900),
        ),
        (
            json!({"supplyPrice": "0", "invoicePrice": 852.2, "marketPrice": 1199}),
            Some(85_220),
            Some(119_900),
        ),
        (
            json!({"supplyPrice": null, "invoicePrice": "", "marketPrice": "1199"}),
            Some(119_900),
            None,
        ),
        (
            json!({"supplyPrice": 890, "marketPrice": 800}),
            Some(89_000),
            None,
        ),
        (json!({"supplyPrice": "1,890.50"}), Some(189_050), None),
        (json!({"supplyPrice": -5, "invoicePrice": 0}), None, None),
        (json!({}), None, None),
    ];
    for (fields, price_minor, list_price) in cases {
        let row = price(&merged(&fields, &json!({"rebateMoney": 0})));
        let values = seen(&row).values;
        assert_eq!(
            (values.price, values.list_price),
            (price_minor, list_price),
            "{fields}"
        );
        let offer = match price_minor {
            Some(_) => Offer::Offered,
            None => Offer::NotCollected,
        };
        assert_eq!(values.offer, offer, "{fields}");
        let currency = price_minor.map(|_| "CNY");
        assert_eq!(values.currency.as_deref(), currency, "{fields}");
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let mut all = one.clone();
    for (name, value) in other.as_object().expect("an object") {
        all[name] = value.clone();
    }
    all
}

#[test]
fn what_may_not_be_ordered_is_not_offered_and_says_why() {
    let cases = [
        ("价格未生效", Availability::OutOfStock),
        ("商品暂不可采", Availability::OutOfStock),
        ("产品已停产", Availability::Discontinued),
        ("产品未上市", Availability::ComingSoon),
    ];
    for (reason, availability) in cases {
        let row = price(&json!({"supplyPrice": 890, "isSales": "0", "reason": reason}));
        let seen = seen(&row);
        assert_eq!(
            (seen.values.offer, seen.values.price),
            (Offer::None, None),
            "{reason}"
        );
        assert_eq!(
            (seen.values.availability, seen.values.in_stock),
            (availability, Some(false)),
            "{reason}"
        );
        assert_eq!(attribute(&seen, "sales_reason").as_deref(), Some(reason));
        assert_eq!(attribute(&seen, "supply_price").as_deref(), Some("890.00"));
    }
}

#[test]
fn the_rebate_is_a_number_a_text_a_code_or_two_of_them() {
    let cases: [(&str, Option<&str>, Option<&str>); 5] = [
        ("\"stockRebatePolicy\":0.0500", Some("0.05"), None),
        ("\"stockRebatePolicy\":\"0.05\"", Some("0.05"), None),
        ("\"stockRebatePolicy\":\"DTDBF\"", None, Some("DTDBF")),
        (
            "\"stockRebatePolicy\":0.05,\"stockRebatePolicy\":\"COM\"",
            Some("0.05"),
            Some("COM"),
        ),
        ("\"stockRebatePolicy\":null", None, None),
    ];
    for (fields, direct, policy) in cases {
        let body =
            format!(r#"[{{"productCode":"NX0D61D01","supplyPrice":890,"isSales":1,{fields}}}]"#);
        let outcome = read(body.as_bytes());
        let seen = &observed(&outcome)[0];
        assert_eq!(
            attribute(seen, "direct_rebate").as_deref(),
            direct,
            "{fields}"
        );
        assert_eq!(
            attribute(seen, "rebate_policy").as_deref(),
            policy,
            "{fields}"
        );
    }
}

#[test]
fn names_are_read_with_their_misspellings_and_without() {
    let row = json!({
        "productCode": "nx0d61d01", "productModel": " ES60H-N5 ", "productGroupName": "热水器",
        "productBrandName": "暖象", "productImageUrl": "//images.example/1.jpg",
        "productLageUrls": ["https://images.example/1.jpg", null, 5, "javascript:alert(1)", "https://images.example/2.jpg"],
        "isSales": 1, "noSalesReason": null,
    });
    let seen = seen(&row);
    let content = seen.content.expect("content");
    assert_eq!(content.title.as_deref(), Some("ES60H-N5"));
    assert_eq!(content.category.as_deref(), Some("热水器"));
    assert_eq!(
        content.images,
        [
            "https://images.example/1.jpg",
            "https://images.example/2.jpg"
        ]
    );
}

#[test]
fn what_cannot_be_told_apart_is_no_value() {
    let word = |body: Value| read(body.to_string().as_bytes()).as_str();
    let row = |supply: Value| price(&json!({ "supplyPrice": supply }));
    assert_eq!(
        word(json!([row(json!(890)), row(json!("89"))])),
        "malformed"
    );
    assert_eq!(word(json!([row(json!(890)), row(json!(890))])), "ok");
    assert_eq!(word(json!([row(json!("面议"))])), "malformed");
    assert_eq!(word(json!([row(json!({"amount": 1}))])), "malformed");
    assert_eq!(word(json!([row(json!(1e300))])), "malformed");
    assert_eq!(word(json!({"success": true, "data": null})), "malformed");
    assert_eq!(word(json!({"success": false, "message": "x"})), "failed");
    // One row has lost its code: it may be ours.
    assert_eq!(
        word(json!([{"productModel": "A", "isSales": "1"}])),
        "malformed"
    );
    let warehouse = |stock: Value| json!({"secCode": "CK1", "stock": stock, "warehouseGrade": "0"});
    assert_eq!(word(json!([warehouse(json!("many"))])), "malformed");
    assert_eq!(word(json!([warehouse(json!(-1))])), "malformed");
    assert_eq!(
        word(json!([warehouse(json!(5)), warehouse(json!(6))])),
        "malformed"
    );
    let outcome = read(
        json!([warehouse(json!(5)), warehouse(json!(5))])
            .to_string()
            .as_bytes(),
    );
    assert_eq!(observed(&outcome)[0].values.stock_quantity, Some(5));
    let outcome = read(
        json!([warehouse(json!("9999999999"))])
            .to_string()
            .as_bytes(),
    );
    assert_eq!(observed(&outcome)[0].values.stock_quantity, None);
}
