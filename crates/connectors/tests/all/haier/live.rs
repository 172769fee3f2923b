//! Live reads: parameters, shapes, and what they leave for the catalogue.

use connectors::Connector;
use connectors::haier::live::check;
use connectors::live::{LiveAnswer, LiveCall};
use market_sim::{HAIER_COUNTY, Sim};
use serde_json::json;

use super::{connector, credential};
use crate::support::{control, sim};

fn call(name: &str, parameters: &[(&str, &str)]) -> LiveCall {
    LiveCall {
        name: name.to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
    }
}

/// Parameters as a caller gives them.
type Given<'a> = &'a [(&'a str, &'a str)];

#[test]
fn parameters_are_checked_by_name() {
    let many = (0..101)
        .map(|n| format!("C{n}"))
        .collect::<Vec<_>>()
        .join(",");
    let wrong: [(&str, Given<'_>, &str); 14] = [
        ("prices", &[], "product_codes"),
        ("prices", &[("product_codes", " , ")], "product_codes"),
        ("prices", &[("product_codes", "A,,B C")], "product_codes"),
        ("products", &[("product_codes", &many)], "product_codes"),
        ("products", &[("product_code", "A")], "product_code"),
        ("stock", &[("county_code", "370212")], "product_code"),
        (
            "stock",
            &[("product_code", "A/B"), ("county_code", "370212")],
            "product_code",
        ),
        (
            "stock",
            &[("product_code", "A"), ("county_code", "37021")],
            "county_code",
        ),
        (
            "stock",
            &[("product_code", "A"), ("county_code", "37021x")],
            "county_code",
        ),
        ("logistics", &[], "order_code"),
        ("logistics", &[("order_code", "  ")], "order_code"),
        (
            "logistics",
            &[("order_code", "SO.1"), ("member_id", "x")],
            "member_id",
        ),
        ("balance", &[("order_code", "SO.1")], "order_code"),
        ("orders", &[], "name"),
    ];
    for (name, parameters, field) in wrong {
        let complaint = check(&call(name, parameters)).expect_err(name);
        assert_eq!(complaint.field, field, "{name} {parameters:?}: {complaint}");
    }
    let right: [(&str, Given<'_>); 6] = [
        ("products", &[]),
        ("products", &[("product_codes", "a1, B2 ,a1")]),
        ("prices", &[("product_codes", "A1")]),
        (
            "stock",
            &[("product_code", "A1"), ("county_code", "370212")],
        ),
        ("balance", &[]),
        ("logistics", &[("order_code", "SO.1"), ("member_id", "12")]),
    ];
    for (name, parameters) in right {
        assert_eq!(
            check(&call(name, parameters)),
            Ok(()),
            "{name} {parameters:?}"
        );
    }
}

async fn read(sim: &Sim, changes: &[(&str, &str)], call: &LiveCall) -> LiveAnswer {
    let connector = connector(&sim.source_url(market_sim::Source::Haier));
    let answer = connector.live(call, &credential(changes)).await;
    answer.expect("an answer")
}

#[tokio::test]
async fn products_and_prices_come_with_observations() {
    let sim = sim().await;
    let set = json!({"source": "haier", "marketplace": "CN", "external_id": "LIVE0001", "price": "1234.00", "list_price": "1500", "stock": 9});
    control(&sim, "set", set).await;
    let all = read(&sim, &[], &call("products", &[])).await;
    let rows = all.body["products"].as_array().expect("rows").len();
    assert!(rows >= 12, "{rows}");
    assert_eq!(all.observations.len(), rows);

    let some = [("product_codes", "live0001,NOBODY")];
    let products = read(&sim, &[], &call("products", &some)).await;
    assert_eq!(products.body["not_found"], json!(["NOBODY"]));
    assert_eq!(products.body["products"][0]["on_sale"], true);
    let prices = read(&sim, &[], &call("prices", &some)).await;
    let row = &prices.body["prices"][0];
    assert_eq!(
        row["price"],
        json!({"amount": "1234.00", "currency": "CNY"})
    );
    assert_eq!(row["price_kind"], "supply");
    let [seen] = prices.observations.as_slice() else {
        panic!("{:?}", prices.observations)
    };
    assert_eq!(
        (seen.values.price, seen.values.list_price),
        (Some(123_400), Some(150_000))
    );
    assert_eq!(
        seen.values.in_stock,
        Some(true),
        "by the platform's word alone"
    );
    // With a county, other looks learn the stock: this one must not speak against them.
    let prices = read(
        &sim,
        &[("county_code", HAIER_COUNTY)],
        &call("prices", &some),
    )
    .await;
    assert_eq!(prices.observations[0].values.in_stock, None);
}

#[tokio::test]
async fn stock_is_of_a_county() {
    let sim = sim().await;
    let set =
        json!({"source": "haier", "marketplace": "CN", "external_id": "LIVE0002", "stock": 31});
    control(&sim, "set", set).await;
    let own = [("county_code", HAIER_COUNTY)];
    let asked = [("product_code", "LIVE0002")];
    let stock = read(&sim, &own, &call("stock", &asked)).await;
    assert_eq!(stock.body["stock"], 31);
    assert_eq!(stock.body["county_code"], HAIER_COUNTY);
    assert_eq!(stock.body["warehouses"].as_array().map(Vec::len), Some(2));
    let values = &stock.observations[0].values;
    assert_eq!((values.stock_quantity, values.in_stock), (Some(31), None));

    let elsewhere = [("product_code", "LIVE0002"), ("county_code", "110101")];
    let stock = read(&sim, &own, &call("stock", &elsewhere)).await;
    assert_eq!(stock.body["stock"], 31);
    assert!(
        stock.observations.is_empty(),
        "two counties would mix in one history"
    );
    let stock = read(&sim, &[], &call("stock", &elsewhere)).await;
    assert_eq!(stock.observations.len(), 1);

    let connector = connector(&sim.source_url(market_sim::Source::Haier));
    let nowhere = connector
        .live(&call("stock", &asked), &credential(&[]))
        .await;
    let outcome = nowhere.expect_err("no county");
    assert!(outcome.reason().contains("county_code"), "{outcome:?}");
}

#[tokio::test]
async fn balance_and_logistics_are_about_no_product() {
    let sim = sim().await;
    let balance = read(&sim, &[], &call("balance", &[])).await;
    assert_eq!(balance.body["balance"]["currency"], "CNY");
    let amount = balance.body["balance"]["amount"].as_str().expect("a text");
    assert!(
        amount.parse::<f64>().is_ok_and(|amount| amount > 200_000.0),
        "{amount}"
    );
    assert!(balance.observations.is_empty());
    let way = read(
        &sim,
        &[],
        &call("logistics", &[("order_code", "SO.20260501.7")]),
    )
    .await;
    assert_eq!(way.body["events"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        way.body["deliveries"][0]["deliveryRecordCode"],
        "SO.20260501.7.F1"
    );
    let way = read(&sim, &[], &call("logistics", &[("order_code", "X1")])).await;
    assert_eq!(way.body["events"], json!([]));
}
