use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use journey_tests::api::Api;
use journey_tests::market::Market;
use journey_tests::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{one_process, told};

/// What a test waits for at the most: five times what the product promises, since a shared machine may be busy.
const LIMIT: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_products_with_a_past() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let api = installation.demo();
        let products = api.get("/products?limit=200").await?;
        let items = products["items"].as_array().context("no items")?;
        let roots = items.iter().filter(|item| item["parent_id"].is_null());
        ensure!(roots.count() >= 24, "only {} products", items.len());
        for source in ["amazon", "popmart"] {
            ensure!(
                items.iter().any(|item| item["source"] == source),
                "no product of {source}"
            );
        }
        let mut with_past = 0;
        for item in items.iter().filter(|item| !item["tracking_id"].is_null()) {
            let history = api
                .get(&format!("/products/{}/history?metric=price", item["id"]))
                .await?;
            let first = history["metrics"]["price"]["t"]
                .get(0)
                .and_then(Value::as_str);
            let first = first.map(str::parse::<DateTime<Utc>>).transpose()?;
            with_past += usize::from(
                first.is_some_and(|first| Utc::now() - first > chrono::Duration::days(85)),
            );
        }
        ensure!(
            with_past >= 24,
            "only {with_past} products have 90 days of history"
        );
        Ok(())
    })
    .await
}

/// A price falls by a fifth; the person is told, in the list and on the open stream.
pub async fn a_falling_price_is_told(api: &Api, market: &Market, asin: &str) -> anyhow::Result<()> {
    market
        .set(
            "amazon",
            "US",
            asin,
            json!({ "price": "50.00", "stock": 9, "available": true }),
        )
        .await?;
    let product = api.track("amazon", "US", asin).await?;
    let seen = api.observed(product, LIMIT).await?;
    ensure!(
        seen["price"] == json!({ "amount": "50.00", "currency": "USD" }),
        "unexpected price in {seen}"
    );

    let told_in_stream = api
        .event_after(
            "alert.raised",
            LIMIT,
            async || {
                market
                    .set("amazon", "US", asin, json!({ "price": "40.00" }))
                    .await?;
                api.post(&format!("/products/{product}/refresh"), json!({}))
                    .await
                    .map(drop)
            },
            |alert| alert["product_id"] == product,
        )
        .await?;
    let listed = until("the alert in the list", LIMIT, async || {
        let alerts = api.get(&format!("/alerts?product_id={product}")).await?;
        Ok(alerts["items"].get(0).cloned())
    })
    .await?;
    for alert in [&told_in_stream, &listed] {
        ensure!(alert["kind"] == "price", "{alert}");
        ensure!(
            alert["before"] == json!({ "amount": "50.00", "currency": "USD" }),
            "{alert}"
        );
        ensure!(
            alert["after"] == json!({ "amount": "40.00", "currency": "USD" }),
            "{alert}"
        );
        ensure!(alert["percent"].as_f64() == Some(-20.0), "{alert}");
        ensure!(alert["product"]["title"] == seen["title"], "{alert}");
    }
    let acknowledged = api
        .post(&format!("/alerts/{}/ack", text(&listed["id"])?), json!({}))
        .await?;
    ensure!(!acknowledged["acknowledged_at"].is_null(), "{acknowledged}");
    Ok(())
}

fn text(value: &Value) -> anyhow::Result<&str> {
    value.as_str().context("not a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_falling_price_raises_an_alert() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(
        &installation,
        a_falling_price_is_told(&installation.demo(), &installation.market(), "B0JRNY0001"),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_without_price_is_an_observation_without_price() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        market
            .set(
                "amazon",
                "US",
                "B0JRNY0002",
                json!({ "price": "12.00", "available": true }),
            )
            .await?;
        let product = api.track("amazon", "US", "B0JRNY0002").await?;
        api.observed(product, LIMIT).await?;
        market
            .set("amazon", "US", "B0JRNY0002", json!({ "available": false }))
            .await?;
        api.post(&format!("/products/{product}/refresh"), json!({}))
            .await?;
        let gone = until("the product out of stock", LIMIT, async || {
            let found = api.get(&format!("/products/{product}")).await?;
            Ok((found["in_stock"] == false).then_some(found))
        })
        .await?;
        ensure!(
            gone["price"].is_null(),
            "no offer must have no price: {gone}"
        );
        let history = api
            .get(&format!("/products/{product}/history?metric=price"))
            .await?;
        let values = history["metrics"]["price"]["v"]
            .as_array()
            .context("no values")?;
        ensure!(
            values.last().is_some_and(Value::is_null),
            "no offer must be a gap: {history}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_answer_fails_that_crawl_and_says_so() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        let product = api.track("popmart", "US", "990001").await?;
        market
            .sample(
                "popmart",
                "US",
                "990001",
                json!({ "code": "OK", "data": { "id": 7 } }),
            )
            .await?;
        let crawl = api
            .post("/crawl/manual", json!({ "product_ids": [product] }))
            .await?;
        let id = crawl["crawl_id"]
            .as_str()
            .or(crawl["id"].as_str())
            .context("no crawl id")?
            .to_owned();
        let ended = until("the crawl's end", Duration::from_secs(60), async || {
            let found = api.get(&format!("/crawls/{id}")).await?;
            Ok((found["status"] != "running" && found["status"] != "idle").then_some(found))
        })
        .await?;
        ensure!(ended["status"] == "failed", "{ended}");
        let target = &ended["targets"]["items"][0];
        ensure!(
            target["outcome"].is_string() && target["outcome"] != "ok",
            "{ended}"
        );
        ensure!(
            target["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{ended}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_with_the_same_idempotency_key_happens_once() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let api = installation.demo();
        let key = uuid::Uuid::new_v4().to_string();
        let create = |name: &'static str| {
            let request = api
                .request(Method::POST, "/api-keys")
                .header("idempotency-key", &key);
            api.answer(request.json(&json!({ "name": name, "scopes": ["read"] })))
        };
        let first = create("once").await?;
        ensure!(first.status == 201, "{first:?}");
        ensure!(
            create("once").await? == first,
            "the first answer is given again"
        );
        ensure!(
            create("other").await?.status == 422,
            "another body with the same key is refused"
        );
        Ok(())
    })
    .await
}
