//! Our answers against recorded ones, where the recordings are at hand: the same fields with the same types.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::support::{World, junglee_input};

/// A recording; `None` on machines that have none.
fn sample(name: &str) -> Result<Option<Value>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstreams/samples");
    match std::fs::read_to_string(root.join(name)) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).context(name.to_owned())?)),
        Err(_) => Ok(None),
    }
}

/// Where ours differs from the recording: fields missing or added, other types. A null fits any type, and only
/// the first element of an array is compared.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    // Known to come in several forms, or with keys that are data.
    const LOOSE: &[&str] = &["/seller", "/starsBreakdown", "/json/stock"];
    if LOOSE.iter().any(|loose| path.ends_with(loose)) {
        return;
    }
    match (ours, theirs) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(ours), Value::Object(theirs)) => {
            for name in theirs.keys().filter(|name| !ours.contains_key(*name)) {
                found.push(format!("{path}/{name} is missing"));
            }
            for (name, value) in ours {
                match theirs.get(name) {
                    Some(other) => differences(&format!("{path}/{name}"), value, other, found),
                    // An empty object in the recording says nothing about its keys.
                    None if theirs.is_empty() => {}
                    None => found.push(format!("{path}/{name} is ours alone")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            if let (Some(first), Some(other)) = (ours.first(), theirs.first()) {
                differences(&format!("{path}[]"), first, other, found);
            }
        }
        _ => {
            let kind = |value: &Value| match value {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                _ => "object",
            };
            if kind(ours) != kind(theirs) {
                found.push(format!(
                    "{path} is {} instead of {}",
                    kind(ours),
                    kind(theirs)
                ));
            }
        }
    }
}

fn assert_shape(name: &str, ours: &Value) -> Result<()> {
    if let Some(theirs) = sample(name)? {
        let mut found = Vec::new();
        differences("", ours, &theirs, &mut found);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn apify_answers_have_the_recorded_shapes() -> Result<()> {
    let world = World::start().await?;
    let url = "https://www.amazon.com/dp/B0CQ7LMN42".to_owned();
    let mut item = world.item("B0CQ7LMN42").await?;
    assert_shape("apify-junglee-item.json", &item)?;
    // Listing runs only have it; the partial recording keeps it null.
    item["categoryPageData"] = Value::Null;
    assert_shape("apify-junglee-item-partial.json", &item)?;
    assert_shape(
        "apify-junglee-error-item.json",
        &world.item("B000000000").await?,
    )?;

    let axesso = "acts/axesso_data~amazon-product-details-scraper/run-sync-get-dataset-items";
    let input = json!({ "urls": [url, "https://www.amazon.com/dp/B000000000"] });
    let rows: Vec<Value> = world.post(axesso, &input).send().await?.json().await?;
    assert_shape("apify-axesso-item.json", &rows[0])?;
    assert_shape("apify-axesso-item-notfound.json", &rows[1])?;

    let lists = async |actor: &str, input: Value| -> Result<Value> {
        let path = format!("acts/{actor}/run-sync-get-dataset-items");
        Ok(world.post(&path, &input).send().await?.json().await?)
    };
    let search = json!({ "input": [{ "keyword": "kettle", "domainCode": "com" }] });
    let found = lists(market_sim::AXESSO_SEARCH_ACTOR, search).await?;
    assert_shape("apify-axesso-search-items.json", &found)?;
    let best = json!({ "categoryUrls": ["https://www.amazon.com/gp/bestsellers/kitchen"] });
    let found = lists(market_sim::BESTSELLERS_ACTOR, best.clone()).await?;
    assert_shape("apify-bestseller-item-junglee-shape.json", &found[0])?;
    let found = lists(market_sim::CRAWLERBROS_ACTOR, best).await?;
    assert_shape("apify-bestseller-items-crawlerbros.json", &found)?;

    let start = "acts/junglee~Amazon-crawler/runs";
    let ready: Value = world
        .post(start, &junglee_input(std::slice::from_ref(&url)))
        .send()
        .await?
        .json()
        .await?;
    assert_shape("apify-run-ready.json", &ready)?;
    let run = json!({ "data": world.run(&[url]).await? });
    assert_shape("apify-run-succeeded.json", &run)?;
    let missing: Value = world.get("actor-runs/x").send().await?.json().await?;
    assert_shape("apify-error-404.json", &missing)?;
    let bad: Value = world.post(start, &json!({})).send().await?.json().await?;
    assert_shape("apify-error-400.json", &bad)
}

#[tokio::test]
async fn popmart_answers_have_the_recorded_shapes() -> Result<()> {
    let world = World::start().await?;
    assert_shape(
        "popmart-v1-productDetails.json",
        &world.details("US", "4107").await?,
    )?;
    assert_shape(
        "popmart-v1-productDetails-jpy.json",
        &world.details("JP", "4301").await?,
    )?;
    assert_shape(
        "popmart-error-signature.json",
        &world.details("US", "nope").await?,
    )?;

    let params = json!({"pageSize": 2, "page": 1, "strategy": "", "term": ""});
    let params = params.as_object().context("an object")?.clone();
    let found: Value = world
        .shop_post("US", "/shop/v1/search", params)
        .send()
        .await?
        .json()
        .await?;
    assert_shape("popmart-v1-search.json", &found)?;

    let base = world.sim.source_url(market_sim::Source::Popmart);
    let file = format!("{base}/shop_productoncollection-41-1-1-us-en.json");
    let file: Value = world.client.get(file).send().await?.json().await?;
    assert_shape("popmart-cdn-productoncollection.json", &file)?;

    let call = async |procedure: &str, input: Value| -> Result<Value> {
        let request = world.client.post(format!("{base}/rpc/{procedure}"));
        let request = request.header("x-area", "US").header("x-device-type", "pc");
        Ok(request
            .json(&json!({ "json": input }))
            .send()
            .await?
            .json()
            .await?)
    };
    let hits = call(
        "search/public_search",
        json!({"q": "", "page": 1, "pageSize": 5}),
    )
    .await?;
    assert_shape("popmart-v3-search.json", &hits)?;
    let summaries = json!({"page": 1, "pageSize": 50, "collectionId": 41});
    let summaries = call("ec/spu/public_FindSummariesByCollectionId", summaries).await?;
    assert_shape("popmart-v3-collection-summaries.json", &summaries)?;
    let id = &hits["json"]["items"][0]["id"];
    let one = call(
        "ec/spu/public_FindOne",
        json!({"id": id, "channel": "shop"}),
    )
    .await?;
    assert_shape("popmart-v3-findOne.json", &one)?;
    let stock = call("ec/spu/getStock", json!({"spuId": id, "type": "normal"})).await?;
    assert_shape("popmart-v3-getStock.json", &stock)
}
