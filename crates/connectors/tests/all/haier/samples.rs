//! The samples of the vendor's formats, where they lie beside the workspace: answers are read with the values they
//! hold, requests are what we would send. A sample that no test here knows is a failure.

use std::path::PathBuf;

use connectors::haier::calls::{self, Ask};
use connectors::haier::{Account, Token};
use connectors::live::LiveCall;
use connectors::{Connector, Credential, Outcome};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::upstream::Upstream;
use super::{code, connector};
use crate::support::{at, cx, observed, sample};

const KNOWN: &[&str] = &[
    "haier-balance-response.json",
    "haier-logistics-request.json",
    "haier-logistics-response.json",
    "haier-prices-request.json",
    "haier-prices-response.json",
    "haier-products-request.json",
    "haier-products-response.json",
    "haier-stock-request.json",
    "haier-stock-response.json",
    "haier-token-request.json",
    "haier-token-response-nested.json",
    "haier-token-response.json",
];

#[test]
fn every_sample_is_known() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstreams/samples");
    let Ok(files) = std::fs::read_dir(root) else {
        return;
    };
    for file in files {
        let name = file.expect("an entry").file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with("haier-");
        assert!(
            !ours || KNOWN.contains(&name.as_ref()),
            "{name} is not read"
        );
    }
}

/// The distributor of the samples.
fn distributor() -> Credential {
    let fields = [
        ("client_id", "CLIENT_ID"),
        ("client_secret", "CLIENT_SECRET"),
        ("customer_code", "8800633175"),
        ("password", "PASSWORD"),
        ("county_code", "110101"),
    ];
    Credential::new(fields.map(|(name, text)| (name.to_owned(), text.to_owned())))
}

#[test]
fn requests_are_those_of_the_samples() {
    let account = Account::read(&distributor()).expect("a whole credential");
    let codes = ["GA0SZC00U".to_owned()];
    let ours = [
        ("token", calls::login(&account)),
        ("products", Ask::Products(Some(&codes)).body(&account)),
        ("prices", Ask::Prices(&codes).body(&account)),
        (
            "stock",
            Ask::Stock {
                product_code: "GA0SZC00U",
                county_code: "110101",
            }
            .body(&account),
        ),
        (
            "logistics",
            Ask::Logistics {
                order_code: "SO.20190106.000003",
                delivery_record_code: Some("SO.20190106.000003.F1"),
                member_id: Some(12_345),
            }
            .body(&account),
        ),
    ];
    for (name, body) in ours {
        if let Some(theirs) = sample(&format!("haier-{name}-request.json")) {
            let theirs: Value = serde_json::from_slice(&theirs).expect("JSON");
            assert_eq!(body, theirs, "{name}");
        }
    }
    assert_eq!(
        Ask::Balance.body(&account),
        json!({"customerCode": "8800633175", "customerPassword": "PASSWORD"})
    );
}

#[test]
fn tokens_are_found_in_both_shapes() {
    for name in [
        "haier-token-response.json",
        "haier-token-response-nested.json",
    ] {
        if let Some(body) = sample(name) {
            let token = Token::read(&body, at()).expect(name);
            assert_eq!(token.expose(), "header.payload.signature");
            assert_eq!((token.renew_at() - at()).num_seconds(), 3_000, "{name}");
        }
    }
}

/// Both products of the samples, as one answer tells them.
fn read(name: &str) -> Option<[Observation; 2]> {
    let targets = [code("GA0SZC00U"), code("GA0SZC00V")];
    let connector = connector("http://127.0.0.1:9");
    let outcomes = connector.read(&sample(name)?, &cx(&targets));
    let of = |place: usize| -> Outcome {
        let told = outcomes.iter().find(|(told, _)| *told == place);
        told.expect("told").1.clone()
    };
    Some([0, 1].map(|place| observed(&of(place))[0].clone()))
}

fn attribute<'a>(observation: &'a Observation, name: &str) -> Option<&'a str> {
    let content = observation.content.as_ref()?;
    content.attributes.get(name).map(String::as_str)
}

#[test]
fn products_are_read() {
    let Some([sold, withheld]) = read("haier-products-response.json") else {
        return;
    };
    let content = sold.content.as_ref().expect("content");
    assert_eq!(content.title.as_deref(), Some("BCD-215STPH"));
    assert_eq!(content.category.as_deref(), Some("冰箱"));
    assert_eq!(content.brand.as_deref(), Some("海尔"));
    assert_eq!(
        content.images,
        [
            "https://example.com/haier/GA0SZC00U.jpg",
            "https://example.com/haier/GA0SZC00U-1.jpg"
        ]
    );
    assert_eq!(attribute(&sold, "model"), Some("BCD-215STPH"));
    assert_eq!(attribute(&sold, "sales_status"), Some("on_sale"));
    assert_eq!(attribute(&sold, "sales_reason"), None);
    assert_eq!(
        (sold.values.offer, sold.values.availability),
        (Offer::NotCollected, Availability::InStock)
    );
    assert_eq!(attribute(&withheld, "sales_status"), Some("off_sale"));
    assert_eq!(attribute(&withheld, "sales_reason"), Some("产品未投放"));
    assert_eq!(
        (withheld.values.offer, withheld.values.in_stock),
        (Offer::None, Some(false))
    );
}

#[test]
fn prices_are_read() {
    let Some([sold, withheld]) = read("haier-prices-response.json") else {
        return;
    };
    let money = sold.values.money(sold.values.price).expect("money");
    assert_eq!(money.to_string(), "2999.00 CNY");
    assert_eq!(
        (sold.values.offer, sold.values.list_price),
        (Offer::Offered, None)
    );
    for (name, text) in [
        ("supply_price", "2999.00"),
        ("invoice_price", "3299.00"),
        ("direct_rebate", "100"),
        ("unit_rebate", "50.00"),
        ("sales_status", "on_sale"),
    ] {
        assert_eq!(attribute(&sold, name), Some(text), "{name}");
    }
    assert_eq!(attribute(&sold, "market_price"), None);
    assert_eq!(
        (withheld.values.offer, withheld.values.price),
        (Offer::None, None)
    );
    assert_eq!(attribute(&withheld, "supply_price"), None);
    assert_eq!(attribute(&withheld, "direct_rebate"), Some("0"));
    assert_eq!(attribute(&withheld, "sales_reason"), Some("商品暂不可采"));
}

#[test]
fn warehouses_are_summed() {
    let Some(body) = sample("haier-stock-response.json") else {
        return;
    };
    let targets = [code("GA0SZC00U")];
    let outcomes = connector("http://127.0.0.1:9").read(&body, &cx(&targets));
    let seen = &observed(&outcomes[0].1)[0];
    assert_eq!(seen.values.stock_quantity, Some(57));
    assert_eq!(
        attribute(seen, "warehouses"),
        Some("WH001: 50 (own), WH002: 7 (upper)")
    );
}

/// The body of a live read whose call is answered by a sample.
async fn live(name: &str, path: &'static str, parameters: &[(&str, &str)]) -> Option<Value> {
    let upstream = Upstream::start().await;
    upstream.answers(path, 200, sample(&format!("haier-{name}-response.json"))?);
    let call = LiveCall {
        name: name.to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
    };
    let answer = connector(&upstream.url).live(&call, &distributor()).await;
    Some(answer.expect(name).body)
}

#[tokio::test]
async fn live_reads_tell_what_the_samples_hold() {
    if let Some(balance) = live("balance", "get-payer-account-balance-by-customer-code", &[]).await
    {
        let wanted = json!({
            "sale_group_code": "8600", "sale_group_name": "示例销售组织",
            "payer_account_code": "8800633175", "payer_account_name": "示例付款方",
            "balance": {"amount": "1000000.00", "currency": "CNY"},
        });
        assert_eq!(balance, wanted);
    }
    let path = "get-thirdparty-logistics-info-by-order-code-auth";
    if let Some(way) = live("logistics", path, &[("order_code", "SO.1")]).await {
        let wanted =
            json!({"order_code": "SO.1", "events": [], "deliveries": [], "third_party": []});
        assert_eq!(way, wanted);
    }
    let asked = [("product_code", "GA0SZC00U")];
    if let Some(stock) = live("stock", "get-available-stock-open", &asked).await {
        let warehouse =
            |code: &str, stock: i64, grade: &str, arrives: &str, hours: &str, moved: bool| {
                json!({
                    "code": code, "stock": stock, "grade": grade, "cut_time": "16:00",
                    "arrives": arrives, "hours": hours, "transfer": moved,
                })
            };
        let wanted = json!({
            "product_code": "GA0SZC00U", "county_code": "110101", "stock": 57,
            "warehouses": [
                warehouse("WH001", 50, "own", "2026-04-22 18:00:00", "48", false),
                warehouse("WH002", 7, "upper", "2026-04-23 18:00:00", "72", true),
            ],
        });
        assert_eq!(stock, wanted);
    }
    let asked = [("product_codes", "GA0SZC00U,GA0SZC00V,GA0SZC00W")];
    if let Some(prices) = live("prices", "pt-out-list-price", &asked).await {
        let cny = |amount: &str| json!({"amount": amount, "currency": "CNY"});
        let wanted = json!({
            "prices": [
                {
                    "product_code": "GA0SZC00U", "price": cny("2999.00"), "price_kind": "supply",
                    "supply_price": cny("2999.00"), "invoice_price": cny("3299.00"), "market_price": null,
                    "direct_rebate": "100", "unit_rebate": cny("50.00"), "rebate_policy": null,
                    "on_sale": true, "reason": null,
                },
                {
                    "product_code": "GA0SZC00V", "price": null, "price_kind": null,
                    "supply_price": null, "invoice_price": null, "market_price": null,
                    "direct_rebate": "0", "unit_rebate": cny("0.00"), "rebate_policy": null,
                    "on_sale": false, "reason": "商品暂不可采",
                },
            ],
            "not_found": ["GA0SZC00W"],
        });
        assert_eq!(prices, wanted);
    }
    if let Some(products) = live("products", "check-procurable-products", &[]).await {
        let wanted = json!({
            "product_code": "GA0SZC00U", "model": "BCD-215STPH", "brand": "海尔", "category": "冰箱",
            "images": ["https://example.com/haier/GA0SZC00U.jpg", "https://example.com/haier/GA0SZC00U-1.jpg"],
            "on_sale": true, "reason": null,
        });
        assert_eq!(products["products"][0], wanted);
        assert_eq!(products["products"][1]["reason"], "产品未投放");
        assert_eq!(products["not_found"], json!([]));
    }
}
