//! Forms that the known answers do not have, but that the shop's generations may take.

use connectors::{Connector, Outcome};
use domain::observation::Observation;
use serde_json::{Value, json};

use super::{SOURCE, connector};
use crate::support::{cx, observed, target};

fn read(marketplace: &str, body: &Value) -> Outcome {
    let targets = [target(SOURCE, marketplace, "700")];
    let body = body.to_string();
    connector().read(body.as_bytes(), &cx(&targets)).remove(0).1
}

fn seen(marketplace: &str, body: &Value) -> Vec<Observation> {
    observed(&read(marketplace, body)).to_vec()
}

fn details(sku: &Value) -> Value {
    json!({"code": "OK", "message": "success", "now": 1_780_000_000, "ret": 1,
        "data": {"id": 700, "title": "Fox", "isPublish": true, "isAvailable": true, "skus": [sku]}})
}

#[test]
fn a_count_is_a_count_wherever_it_stands() {
    for (stock, units) in [
        (json!({"onlineStock": "12", "onlineLockStock": 1}), Some(12)),
        (json!({"onlineStock": 12.0}), Some(12)),
        (json!(12), Some(12)),
        (json!("12"), Some(12)),
        (json!(0), Some(0)),
        (json!({"onlineStock": null}), None),
        (json!(null), None),
        (json!([]), None),
    ] {
        let sku = json!({"id": 3336, "title": "Single box", "price": 2799, "currency": "usd", "stock": stock});
        let all = seen("US", &details(&sku));
        assert_eq!(all[1].values.stock_quantity, units, "{stock}");
        assert_eq!(all[1].values.currency.as_deref(), Some("USD"));
    }
}

#[test]
fn minor_units_follow_the_currency_of_the_country() {
    for (marketplace, amount) in [
        ("JP", "2799 JPY"),
        ("KR", "2799 KRW"),
        ("VN", "2799 VND"),
        ("TH", "27.99 THB"),
        ("FR", "27.99 EUR"),
        ("GB", "27.99 GBP"),
    ] {
        let sku = json!({"id": "1", "title": "Single box", "price": 2799, "currency": null, "stock": {"onlineStock": 1}});
        let values = &seen(marketplace, &details(&sku))[0].values;
        let money = values.money(values.price).expect("a price");
        assert_eq!(money.to_string(), amount);
    }
}

#[test]
fn a_list_may_be_the_data_itself() {
    let row = json!({"id": "700", "title": "Fox", "tags": null, "bannerImages": null,
        "skus": [{"id": 1, "price": 1500, "currency": "USD", "isSkuSoldOut": 1}]});
    for body in [
        json!({"code": "OK", "ret": 1, "data": [row]}),
        json!({"code": "OK", "ret": 1, "data": {"list": [row], "total": "1"}}),
        json!({"total": 1, "productData": [null, {"id": 8}, row]}),
        json!([row]),
    ] {
        let all = seen("US", &body);
        assert_eq!(all[0].values.price, Some(1500), "{body}");
        assert_eq!(all[0].values.in_stock, Some(false));
    }
    let empty = json!({"code": "OK", "ret": 1, "data": []}).to_string();
    let targets = [target(SOURCE, "US", "700")];
    let told = connector().read(empty.as_bytes(), &cx(&targets));
    assert!(
        told.is_empty(),
        "an empty list says nothing of a product: {told:?}"
    );
}
