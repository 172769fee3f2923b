//! Tokens on the wire, and what becomes of answers that are none.

use connectors::Connector;
use serde_json::{Value, json};

use super::upstream::Upstream;
use super::{code, connector, crawl, credential, with};

const AUTH: &str = "oauth2/auth";
const PRODUCTS: &str = "check-procurable-products";
const PRICES: &str = "pt-out-list-price";
const STOCK: &str = "get-available-stock-open";
const BALANCE: &str = "get-payer-account-balance-by-customer-code";

fn row(more: &Value) -> Value {
    let mut row = json!({"productCode": "NX0D61D01", "isSales": "1"});
    for (name, value) in more.as_object().expect("an object") {
        row[name] = value.clone();
    }
    row
}

async fn upstream() -> Upstream {
    let upstream = Upstream::start().await;
    let product = json!([row(&json!({"productModel": "ES60H-N5"}))]);
    upstream.answers(PRODUCTS, 200, product.to_string());
    let price = json!([row(&json!({"supplyPrice": "890.00"}))]);
    upstream.answers(PRICES, 200, price.to_string());
    upstream
}

#[tokio::test]
async fn one_login_serves_all_calls_of_a_credential() {
    let upstream = upstream().await;
    let (connector, credential) = (connector(&upstream.url), credential(&[]));
    let targets: Vec<_> = (0..45).map(|n| code(&format!("C{n}"))).collect();
    let (first, second) = futures::join!(
        crawl(&connector, &credential, &targets),
        crawl(&connector, &credential, &targets),
    );
    for recorder in [first, second] {
        let words = recorder.words(targets.len());
        assert!(words.iter().all(|word| *word == "not_found"), "{words:?}");
    }
    assert_eq!(upstream.asked(AUTH).len(), 1);
    let asked = upstream.asked(PRODUCTS);
    let sizes: Vec<_> = asked
        .iter()
        .map(|asked| asked.body["productCodes"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(
        sizes.iter().filter(|size| **size == 20).count(),
        4,
        "{sizes:?}"
    );
    assert_eq!(
        sizes.iter().filter(|size| **size == 5).count(),
        2,
        "{sizes:?}"
    );
    assert!(asked.iter().all(|asked| asked.authorization == "a.b.c"));
    assert_eq!(upstream.asked(PRICES).len(), 6);
}

#[tokio::test]
async fn the_other_place_for_logins_and_the_prefix_are_used() {
    let upstream = upstream().await;
    upstream.answers(AUTH, 404, "");
    let token = r#"{"success":true,"data":{"token":"x.y.z"}}"#;
    upstream.answers("oauth2/token", 200, token);
    let connector = with(&upstream.url, "Bearer");
    let recorder = crawl(&connector, &credential(&[]), &[code("NX0D61D01")]).await;
    assert_eq!(recorder.words(1), ["ok"]);
    assert_eq!(upstream.asked(PRODUCTS)[0].authorization, "Bearer x.y.z");
    assert_eq!(
        upstream.asked("oauth2/token")[0].body,
        json!({
            "client_id": market_sim::HAIER_CLIENT_ID,
            "client_secret": market_sim::HAIER_CLIENT_SECRET,
            "grant_type": "client_credentials",
        })
    );
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let upstream = upstream().await;
    upstream.answers(PRODUCTS, 401, "");
    upstream.answers(PRICES, 401, "");
    let connector = connector(&upstream.url);
    let targets: Vec<_> = (0..60).map(|n| code(&format!("C{n}"))).collect();
    let recorder = crawl(&connector, &credential(&[]), &targets).await;
    let words = recorder.words(60);
    assert!(words.iter().all(|word| *word == "blocked"), "{words:?}");
    assert_eq!(
        upstream.asked(PRODUCTS).len(),
        2,
        "nothing is asked any more"
    );
    assert!((2..=3).contains(&upstream.asked(AUTH).len()));
}

#[tokio::test]
async fn a_token_may_be_refused_in_words() {
    let upstream = upstream().await;
    let refused = r#"{"success":false,"message":"Token已失效"}"#;
    upstream.answers(BALANCE, 200, refused);
    let connector = connector(&upstream.url);
    let outcome = connector
        .check(&credential(&[]))
        .await
        .expect_err("refused");
    assert_eq!(outcome.as_str(), "blocked");
    assert_eq!(upstream.asked(AUTH).len(), 2);
}

#[tokio::test]
async fn a_login_that_gives_no_token_says_why() {
    let cases = [
        (200, "<html>maintenance</html>", "malformed"),
        (200, r#"{"success":true,"data":null}"#, "malformed"),
        (200, r#"{"success":false,"message":"应用已停用"}"#, "failed"),
        (401, r#"{"message":"invalid client"}"#, "blocked"),
        (400, "", "blocked"),
        (403, "", "blocked"),
        (404, "", "failed"),
    ];
    for (status, body, word) in cases {
        let upstream = upstream().await;
        upstream.answers(AUTH, status, body);
        let connector = connector(&upstream.url);
        let recorder = crawl(&connector, &credential(&[]), &[code("NX0D61D01")]).await;
        assert_eq!(recorder.words(1), [word], "{status} {body}");
        assert!(upstream.asked(PRODUCTS).is_empty());
    }
}

#[tokio::test]
async fn no_reason_repeats_a_secret() {
    let upstream = upstream().await;
    let told = r#"{"success":false,"message":"password hunter2-hunter2 is wrong"}"#;
    upstream.answers(BALANCE, 200, told);
    let connector = connector(&upstream.url);
    let credential = credential(&[("customer_password", "hunter2-hunter2")]);
    let outcome = connector.check(&credential).await.expect_err("refused");
    assert_eq!(outcome.as_str(), "blocked");
    assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
    assert!(outcome.reason().contains("***"), "{outcome:?}");
    assert_eq!(
        upstream.asked(BALANCE)[0].body["customerPassword"],
        "hunter2-hunter2"
    );
}

#[tokio::test]
async fn what_one_call_does_not_tell_is_not_collected() {
    let upstream = upstream().await;
    let connector = connector(&upstream.url);
    let (target, with_county) = (code("NX0D61D01"), credential(&[("county_code", "370212")]));
    let without = credential(&[]);
    let seen = async |credential| {
        let targets = std::slice::from_ref(&target);
        let recorder = crawl(&connector, credential, targets).await;
        let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
        crate::support::observed(&outcomes[0].1)[0].clone()
    };

    // Without the stock nobody knows whether it is there.
    upstream.answers(STOCK, 200, "<html>");
    let told = seen(&with_county).await;
    assert_eq!(told.values.price, Some(89_000));
    assert_eq!(
        (told.values.in_stock, told.values.stock_quantity),
        (None, None)
    );
    let content = told.content.expect("content");
    assert_eq!(content.title.as_deref(), Some("ES60H-N5"));
    assert!(
        content.attributes.is_empty(),
        "part of them would replace the whole"
    );

    // Without a county the platform's word counts.
    let told = seen(&without).await;
    assert_eq!(
        (told.values.in_stock, told.values.stock_quantity),
        (Some(true), None)
    );

    // No prices.
    upstream.answers(PRICES, 200, r#"{"success":false,"message":"系统繁忙"}"#);
    let told = seen(&without).await;
    assert_eq!(told.values.offer, domain::observation::Offer::NotCollected);
    assert_eq!(
        (told.values.price, told.values.in_stock),
        (None, Some(true))
    );
    assert!(told.content.is_some());

    // No products: what the prices tell is kept.
    let price = json!([row(&json!({"supplyPrice": "890.00"}))]);
    upstream.answers(PRICES, 200, price.to_string());
    upstream.answers(PRODUCTS, 200, "[{\"productCode\":\"NX0D6");
    let told = seen(&without).await;
    assert_eq!((told.values.price, told.content), (Some(89_000), None));

    // Neither.
    upstream.answers(PRICES, 404, "");
    let recorder = crawl(&connector, &without, std::slice::from_ref(&target)).await;
    assert_eq!(recorder.words(1), ["malformed"]);
}

#[tokio::test]
async fn a_credential_that_is_not_whole_asks_nothing() {
    let upstream = upstream().await;
    let connector = connector(&upstream.url);
    for (field, text) in [
        ("client_id", ""),
        ("client_secret", " "),
        ("customer_code", ""),
        ("password", ""),
        ("county_code", "12"),
    ] {
        let credential = credential(&[(field, text)]);
        let outcome = connector.check(&credential).await.expect_err(field);
        assert!(outcome.reason().contains(field), "{outcome:?}");
        assert!(!outcome.retryable());
        let recorder = crawl(&connector, &credential, &[code("NX0D61D01")]).await;
        assert_eq!(recorder.words(1), ["failed"]);
    }
    assert!(upstream.asked("").is_empty());
}
