//! Haier's platform: tokens, limits, rows, faults of its own.

use std::time::Duration;

use anyhow::{Context, Result};
use market_sim::{
    HAIER_CLIENT_ID, HAIER_CLIENT_SECRET, HAIER_COUNTY, HAIER_CUSTOMER, HAIER_PASSWORD, SimOptions,
    Source,
};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::World;

const PRODUCTS: &str = "jsh-service-goods-mall-search/api/product-info/procurable-products-out/check-procurable-products";
const PRICES: &str =
    "jsh-service-goods-price/api/goods-price/price-daily-sales/price-query/pt-out-list-price";
const STOCK: &str = "jsh-service-stock-mall/api/page/stock/get-available-stock-open";
const BALANCE: &str = "jsh-service-finance-mall/api/page/account/account-balance-manager/get-payer-account-balance-by-customer-code";
const LOGISTICS: &str = "ylh-cloud-service-stock/api/page/stock/logistics/sass/get-thirdparty-logistics-info-by-order-code-auth";

async fn login(world: &World, secret: &str) -> Result<Response> {
    let url = format!("{}/oauth2/auth", world.sim.source_url(Source::Haier));
    let body = json!({"client_id": HAIER_CLIENT_ID, "client_secret": secret, "grant_type": "client_credentials"});
    Ok(world.client.post(url).json(&body).send().await?)
}

async fn token(world: &World) -> Result<String> {
    let answer: Value = login(world, HAIER_CLIENT_SECRET).await?.json().await?;
    let token = answer["access_token"].as_str().context("no token")?;
    Ok(token.to_owned())
}

async fn call(world: &World, token: &str, path: &str, body: &Value) -> Result<Response> {
    let url = format!("{}/yilihuo/{path}", world.sim.source_url(Source::Haier));
    let request = world.client.post(url).header("authorization", token);
    Ok(request.json(body).send().await?)
}

fn products(codes: &[&str]) -> Value {
    let mut body = json!({
        "customerCode": HAIER_CUSTOMER, "sendToCode": HAIER_CUSTOMER, "supplierCode": "1001",
        "searchType": "PTJSH", "passWord": HAIER_PASSWORD,
    });
    if !codes.is_empty() {
        body["productCodes"] = json!(codes);
    }
    body
}

fn prices(codes: &[&str]) -> Value {
    json!({
        "customerCode": HAIER_CUSTOMER, "sendToCode": HAIER_CUSTOMER, "productCodes": codes,
        "priceType": "PT", "passWord": HAIER_PASSWORD,
    })
}

fn stock(code: &str) -> Value {
    json!({
        "salesCode": HAIER_CUSTOMER, "senderCode": HAIER_CUSTOMER, "productCode": code,
        "countyCode": HAIER_COUNTY, "source": "JSH-B", "sellerPassword": HAIER_PASSWORD,
    })
}

#[tokio::test]
async fn what_is_set_is_told_by_all_calls() -> Result<()> {
    let world = World::start().await?;
    let token = token(&world).await?;
    let set = json!({"source": "haier", "marketplace": "CN", "external_id": "TEST0001", "price": "1999.50", "stock": 41});
    world.control("set", set).await?;
    let rows: Value = call(&world, &token, PRODUCTS, &products(&["TEST0001", "NOBODY"]))
        .await?
        .json()
        .await?;
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(
        (&rows[0]["productCode"], &rows[0]["isSales"]),
        (&json!("TEST0001"), &json!("1"))
    );
    assert!(rows[0]["productGroupNamd"].is_string(), "{rows}");
    let rows: Value = call(&world, &token, PRICES, &prices(&["TEST0001"]))
        .await?
        .json()
        .await?;
    assert_eq!(rows[0]["supplyPrice"], 1999.5);
    let answer: Value = call(&world, &token, STOCK, &stock("TEST0001"))
        .await?
        .json()
        .await?;
    let units: i64 = answer["data"]
        .as_array()
        .context("no list")?
        .iter()
        .filter_map(|entry| entry["stock"].as_str()?.parse::<i64>().ok())
        .sum();
    assert_eq!((units, &answer["success"]), (41, &json!(true)));

    let set = json!({"source": "haier", "marketplace": "CN", "external_id": "TEST0001", "available": false});
    world.control("set", set).await?;
    let rows: Value = call(&world, &token, PRICES, &prices(&["TEST0001"]))
        .await?
        .json()
        .await?;
    assert_eq!(
        (
            &rows[0]["supplyPrice"],
            &rows[0]["isSales"],
            &rows[0]["reason"]
        ),
        (&Value::Null, &json!("0"), &json!("商品暂不可采"))
    );
    let log = world.requests("haier").await?;
    assert_eq!(log[1]["external_ids"], json!(["TEST0001", "NOBODY"]));
    Ok(())
}

#[tokio::test]
async fn without_codes_all_that_may_be_ordered_comes_back() -> Result<()> {
    let world = World::start().await?;
    let token = token(&world).await?;
    let rows: Vec<Value> = call(&world, &token, PRODUCTS, &products(&[]))
        .await?
        .json()
        .await?;
    assert!(rows.len() >= 12, "{}", rows.len());
    assert!(rows.iter().all(|row| row["isSales"] == "1"));
    let many: Vec<String> = (0..21).map(|n| format!("C{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = call(&world, &token, PRODUCTS, &products(&many)).await?;
    assert_eq!(refused.status(), 400);
    let refused = call(&world, &token, PRICES, &prices(&[])).await?;
    assert_eq!(refused.status(), 400);
    Ok(())
}

#[tokio::test]
async fn money_and_orders_are_told() -> Result<()> {
    let world = World::start().await?;
    let token = token(&world).await?;
    let body = json!({"customerCode": HAIER_CUSTOMER, "customerPassword": HAIER_PASSWORD});
    let balance: Value = call(&world, &token, BALANCE, &body).await?.json().await?;
    assert!(
        balance["payerAccountBalance"].as_f64() > Some(200_000.0),
        "{balance}"
    );
    let body = json!({"orderCode": "SO.1", "sellerCode": HAIER_CUSTOMER, "sellerPassword": HAIER_PASSWORD});
    let way: Value = call(&world, &token, LOGISTICS, &body).await?.json().await?;
    let told = &way["data"]["getAllLogisticsInfoByOrderCode"];
    assert_eq!(told.as_array().map(Vec::len), Some(2), "{way}");
    let wrong = json!({"customerCode": HAIER_CUSTOMER, "customerPassword": "x"});
    let refused: Value = call(&world, &token, BALANCE, &wrong).await?.json().await?;
    assert_eq!(refused["success"], false);
    Ok(())
}

#[tokio::test]
async fn tokens_are_bare_and_end() -> Result<()> {
    let world = World::with(SimOptions {
        haier_token_life: Duration::from_secs(60),
        ..SimOptions::default()
    })
    .await?;
    assert_eq!(login(&world, "wrong").await?.status(), 401);
    let token = token(&world).await?;
    let status = async |token: &str| -> Result<u16> {
        let answer = call(&world, token, PRODUCTS, &products(&[])).await?;
        Ok(answer.status().as_u16())
    };
    assert_eq!(status(&token).await?, 200);
    assert_eq!(status(&format!("Bearer {token}")).await?, 401);
    let order = json!({"source": "haier", "kind": "expired_token", "count": 1});
    world.control("fault", order).await?;
    assert_eq!(status(&token).await?, 401);
    let token = self::token(&world).await?;
    assert_eq!(status(&token).await?, 200);
    world
        .control("clock", json!({"offset_seconds": 61}))
        .await?;
    assert_eq!(status(&token).await?, 401);
    Ok(())
}

#[tokio::test]
async fn rows_are_spoiled_on_order() -> Result<()> {
    let world = World::start().await?;
    let token = token(&world).await?;
    for (kind, price, rows) in [
        ("zero_price", json!("0"), 1),
        ("word_price", json!("面议"), 1),
        ("duplicate_rows", Value::Null, 2),
    ] {
        let order = json!({"source": "haier", "kind": kind, "count": 1});
        world.control("fault", order).await?;
        let told: Vec<Value> = call(&world, &token, PRICES, &prices(&["LC0A11C01"]))
            .await?
            .json()
            .await?;
        assert_eq!(told.len(), rows, "{kind}");
        if !price.is_null() {
            assert_eq!(
                (&told[0]["supplyPrice"], &told[0]["isSales"]),
                (&price, &json!("1"))
            );
        }
    }
    let order = |source: &str| json!({"source": source, "kind": "zero_price", "count": 1});
    assert_eq!(
        world.control_raw("fault", &order("amazon")).await?.status(),
        422
    );
    for (kind, status) in [
        ("html", 200),
        ("error_body", 200),
        ("401", 401),
        ("truncated", 200),
    ] {
        let order = json!({"source": "haier", "kind": kind, "count": 1});
        world.control("fault", order).await?;
        let answer = call(&world, &token, PRODUCTS, &products(&[])).await?;
        assert_eq!(answer.status(), status, "{kind}");
        let text = answer.text().await.unwrap_or_default();
        assert!(!text.contains("productCode"), "{kind}: {text}");
    }
    Ok(())
}
