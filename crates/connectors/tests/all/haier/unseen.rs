//! Forms that the description of the interface does not show, but leaves open.

use connectors::{Connector, Outcome};
use serde_json::{Value, json};

use super::{code, connector};
use crate::support::{cx, observed};

fn read(body: &Value) -> Outcome {
    let targets = [code("NX0D61D01")];
    let body = body.to_string();
    let connector = connector("http://127.0.0.1:9");
    connector.read(body.as_bytes(), &cx(&targets)).remove(0).1
}

#[test]
fn an_envelope_may_say_more_than_its_data() {
    let row = json!({"productCode": "nx0d61d01", "supplyPrice": "2,999.00", "invoicePrice": 2849.05,
        "stockRebatePolicy": "0.05", "rebateMoney": null, "isSales": true, "reason": null});
    for body in [
        json!({"success": "true", "code": "200", "message": "成功", "data": [row], "traceId": "x"}),
        json!({"code": 200, "data": row}),
        json!([row, row]),
    ] {
        let seen = observed(&read(&body))[0].clone();
        assert_eq!(seen.values.price, Some(299_900), "{body}");
        assert_eq!(seen.values.currency.as_deref(), Some("CNY"));
        let attributes = seen.content.expect("content").attributes;
        assert_eq!(attributes["invoice_price"], "2849.05");
        assert_eq!(attributes["direct_rebate"], "0.05");
    }
}

#[test]
fn warehouses_may_leave_out_all_but_their_stock() {
    let body = json!({"success": true, "data": [
        {"secCode": "CK12", "stock": "40", "warehouseGrade": 0, "timelinessData": null},
        {"secCode": null, "stock": 3.0},
        {"secCode": null, "stock": "3"},
    ]});
    let values = observed(&read(&body))[0].values.clone();
    assert_eq!((values.stock_quantity, values.in_stock), (Some(46), None));
    let none = observed(&read(
        &json!({"success": true, "data": [{"secCode": "A", "stock": "0"}]}),
    ))[0]
        .clone();
    assert_eq!(none.values.in_stock, Some(false));
}

#[test]
fn many_warehouses_are_counted_as_quickly_as_few() {
    let all: Vec<Value> = (0..20_000)
        .map(|number| json!({"secCode": format!("CK{number}"), "stock": "1"}))
        .collect();
    let values = observed(&read(&json!(all)))[0].values.clone();
    assert_eq!(values.stock_quantity, Some(20_000));
}
