//! PopMart: what answers mean, and how requests go out.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::get;
use chrono::TimeDelta;
use connectors::{Connector, Outcome, ReadCx};

use super::{SOURCE, connector, settings};
use domain::availability::Availability;
use domain::observation::Offer;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Recorder, at, cx, job, observed, target};

const PRODUCT: &[u8] = include_bytes!("fixtures/popmart.json");

fn read(body: &[u8]) -> Outcome {
    let targets = [target(SOURCE, "US", "700")];
    connector().read(body, &cx(&targets)).remove(0).1
}

/// The fixture with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut answer: Value = serde_json::from_slice(PRODUCT).expect("JSON");
    change(&mut answer);
    answer.to_string().into_bytes()
}

#[test]
fn a_product_and_its_skus_are_observed_together() {
    let outcome = read(PRODUCT);
    let [product, set, single] = observed(&outcome) else {
        panic!("{outcome:?}")
    };

    assert_eq!(product.parent_external_id, None);
    assert_eq!(
        (product.values.offer, product.values.price),
        (Offer::Offered, Some(1600))
    );
    assert_eq!(
        product.values.list_price, None,
        "the cheapest is not discounted"
    );
    assert_eq!(
        (product.values.in_stock, product.values.stock_quantity),
        (Some(true), Some(7))
    );
    assert_eq!(product.values.availability, Availability::InStock);
    let content = product.content.as_ref().expect("content");
    assert_eq!(
        content.url.as_deref(),
        Some("https://www.popmart.com/us/products/700")
    );
    assert_eq!(content.series.as_deref(), Some("SKY Wonder Series"));
    assert_eq!(content.brand.as_deref(), Some("SKY"));
    assert_eq!(content.category.as_deref(), Some("Figures"));
    assert_eq!(content.images.len(), 2, "each picture once");
    assert!(content.flags.limited && content.flags.blind_box);
    assert!(!content.flags.new && !content.flags.pre_order);

    assert_eq!(set.parent_external_id.as_deref(), Some("700"));
    assert_eq!(set.listing.external_id, "700_71");
    assert_eq!(
        (set.values.price, set.values.list_price),
        (Some(9600), Some(12_000))
    );
    let title = set
        .content
        .as_ref()
        .and_then(|content| content.title.as_deref());
    assert_eq!(title, Some("SKY Limited Edition Blind Box – Whole set"));
    assert_eq!(
        single.values.currency.as_deref(),
        Some("USD"),
        "named by the other SKU"
    );
}

#[test]
fn a_blind_box_is_told_by_its_kind_its_words_or_its_categories() {
    let plain = |data: &mut Value| {
        data["type"] = json!("normal");
        data["title"] = json!("SKY Figure");
        data["subTitle"] = json!("");
        data["logicCategory"] = json!({"id": 1, "name": "Figures"});
        data["showCategories"] = json!([{"id": 2, "name": "SKY"}]);
    };
    let cases: [(&str, Value, bool); 5] = [
        ("type", json!("normal"), false),
        ("type", json!("secret"), true),
        ("subTitle", json!("A blind box"), true),
        ("logicCategory", json!({"id": 1, "name": "Blind Box"}), true),
        (
            "showCategories",
            json!([{"id": 2, "name": "SKY"}, {"id": 3, "name": "BLIND BOXES"}]),
            true,
        ),
    ];
    for (field, value, expected) in cases {
        let outcome = read(&changed(|answer| {
            plain(&mut answer["data"]);
            answer["data"][field] = value.clone();
        }));
        let content = observed(&outcome)[0].content.as_ref().expect("content");
        assert_eq!(content.flags.blind_box, expected, "{field} {value}");
    }
}

#[test]
fn minor_units_are_taken_as_they_are() {
    let yen = changed(|answer| {
        answer["data"]["skus"][0]["currency"] = json!("JPY");
        answer["data"]["skus"][0]["price"] = json!(2255);
        answer["data"]["skus"][0]["discountPrice"] = json!(2255);
    });
    let outcome = read(&yen);
    let money = observed(&outcome)[1]
        .values
        .money(Some(2255))
        .expect("money");
    assert_eq!(money.to_string(), "2255 JPY");
}

/// What a case changes in the product.
type Change = Box<dyn Fn(&mut Value)>;

#[test]
fn time_and_flags_decide_the_availability() {
    let future = at().timestamp() + 3600;
    let cases: [(&str, Change, Availability); 4] = [
        (
            "announced",
            Box::new(move |data| data["isAvailable"] = json!(false)),
            Availability::ComingSoon,
        ),
        (
            "orders taken before",
            Box::new(|_| ()),
            Availability::PreOrder,
        ),
        (
            "taken down",
            Box::new(|data| data["downTime"] = json!(1)),
            Availability::Discontinued,
        ),
        (
            "sold out",
            Box::new(|data| {
                data["upTime"] = json!(1);
                data["isAvailable"] = json!(false);
            }),
            Availability::OutOfStock,
        ),
    ];
    for (what, change, expected) in cases {
        let body = changed(|answer| {
            answer["data"]["upTime"] = json!(future);
            change(&mut answer["data"]);
        });
        let outcome = read(&body);
        assert_eq!(
            observed(&outcome)[0].values.availability,
            expected,
            "{what}"
        );
    }
    let later = ReadCx {
        observed_at: at() + TimeDelta::hours(2),
        targets: &[target(SOURCE, "US", "700")],
    };
    let body = changed(|answer| answer["data"]["upTime"] = json!(future));
    let outcome = connector().read(&body, &later).remove(0).1;
    let Outcome::Observed(observations) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        observations[0].values.availability,
        Availability::InStock,
        "released meanwhile"
    );
}

#[test]
fn a_product_without_prices_is_observed_without_a_price() {
    let body = changed(|answer| {
        answer["data"]["skus"] = json!([{"id": "71", "price": null}, {"id": "72"}]);
    });
    let outcome = read(&body);
    for observation in observed(&outcome) {
        assert_eq!(
            (observation.values.offer, observation.values.price),
            (Offer::NotCollected, None)
        );
    }
}

#[test]
fn what_is_not_ok_says_why() {
    let word = |body: &[u8]| read(body).as_str();
    assert_eq!(word(b"<html>captcha</html>"), "malformed");
    assert_eq!(word(br#"{"code":"OK","data":{"id":"700"}}"#), "malformed");
    assert_eq!(
        word(br#"{"code":"OK","data":{"id":"701","title":"x"}}"#),
        "malformed"
    );
    assert_eq!(word(br#"{"code":"OK","data":null}"#), "not_found");
    assert_eq!(
        word(br#"{"code":"1002","data":null,"message":"product does not exist"}"#),
        "not_found"
    );
    let signature =
        read(br#"{"code":"4001","data":null,"message":"Authentication signature error"}"#);
    assert_eq!(
        (signature.as_str(), signature.retryable()),
        ("failed", false)
    );
    assert!(signature.reason().contains("sign_salt"));
    assert_eq!(
        word(br#"{"code":"5000","data":null,"message":"busy"}"#),
        "failed"
    );
}

#[tokio::test]
async fn refusals_pause_the_source_and_carry_retry_after() {
    let answer = |headers: HeaderMap, uri: Uri| async move {
        assert!(
            headers["user-agent"]
                .to_str()
                .is_ok_and(|agent| agent.contains("Mozilla"))
        );
        match uri.query().unwrap_or_default() {
            "spuId=1" => StatusCode::from_u16(471).expect("a status").into_response(),
            "spuId=2" => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")]).into_response(),
            "spuId=700" => PRODUCT.into_response(),
            _ => StatusCode::BAD_GATEWAY.into_response(),
        }
    };
    let router = axum::Router::new().route("/shop/v1/shop/productDetails", get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let mut settings = settings();
    settings.base_url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let connector = super::one_by_one(&settings);

    let recorder = Recorder::default();
    let targets = ["700", "3", "2", "4"].map(|id| target(SOURCE, "US", id));
    connector
        .crawl(job(&targets, None), &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(
        recorder.words(4),
        ["ok", "failed", "rate_limited", "rate_limited"]
    );
    let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
    for (place, least) in [(2, 600), (3, 590)] {
        let told = outcomes
            .iter()
            .find(|(told, _)| *told == place)
            .expect("told");
        assert!(
            told.1.retry_after() >= Some(Duration::from_secs(least)),
            "{told:?}"
        );
    }

    let recorder = Recorder::default();
    let targets = [target(SOURCE, "US", "1")];
    super::with(&settings)
        .crawl(job(&targets, None), &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(recorder.words(1), ["blocked"]);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn arbitrary_values_in_known_fields_never_panic(
        number in any::<i64>(), float in any::<f64>(), text in ".{0,20}", pick in 0..4_u8,
    ) {
        let value = match pick {
            0 => json!(number),
            1 => json!(float),
            2 => json!(text),
            _ => json!([text]),
        };
        for field in ["price", "discountPrice", "currency", "stock", "id", "title"] {
            let body = changed(|answer| answer["data"]["skus"][0][field] = value.clone());
            let outcome = read(&body);
            if let Outcome::Observed(_) = outcome {
                observed(&outcome);
            }
            read(&changed(|answer| answer["data"][field] = value.clone()));
        }
        for field in ["upTime", "downTime", "brand", "banners", "skus", "showCategories"] {
            read(&changed(|answer| answer["data"][field] = value.clone()));
        }
    }
}
