//! Setting, sampling, the clock, and what control refuses.

use anyhow::Result;
use market_sim::{APIFY_TOKEN, SimOptions, Source};
use serde_json::{Value, json};

use crate::support::World;

fn set(asin: &str, more: Value) -> Value {
    let mut body = json!({"source": "amazon", "marketplace": "US", "external_id": asin});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

#[tokio::test]
async fn a_set_listing_is_served_as_set() -> Result<()> {
    let world = World::start().await?;
    let change = json!({"price": "24.99", "stock": 9, "rank": 42, "rating": 4.25, "reviews": 1234});
    let state = world.control("set", set("B0SETTEST1", change)).await?;
    assert_eq!(
        state["price"],
        json!({"amount": "24.99", "currency": "USD"})
    );
    assert_eq!(state["rank"], 42);
    let item = world.item("B0SETTEST1").await?;
    assert_eq!(item["price"], json!({"value": 24.99, "currency": "$"}));
    assert_eq!(item["inStock"], true);
    assert_eq!(item["inStockText"], "Only 9 left in stock - order soon.");
    assert_eq!(item["bestsellerRanks"][0]["rank"], 42);
    assert_eq!(item["stars"], 4.25);
    assert_eq!(item["reviewsCount"], 1234);
    assert!(item["title"].as_str().is_some_and(|title| title.len() > 10));

    // A number does as well as a string; null makes the source say nothing.
    world
        .control("set", set("B0SETTEST1", json!({"price": 19.99})))
        .await?;
    assert_eq!(world.item("B0SETTEST1").await?["price"]["value"], 19.99);
    world
        .control("set", set("B0SETTEST1", json!({"price": null})))
        .await?;
    let item = world.item("B0SETTEST1").await?;
    assert_eq!(
        (&item["price"], &item["inStock"]),
        (&Value::Null, &json!(true))
    );

    world
        .control(
            "set",
            set("B0SETTEST1", json!({"price": "5", "available": false})),
        )
        .await?;
    let item = world.item("B0SETTEST1").await?;
    assert_eq!(
        (&item["price"], &item["inStock"]),
        (&Value::Null, &json!(false))
    );
    world
        .control("set", set("B0SETTEST1", json!({"available": true})))
        .await?;
    assert_eq!(world.item("B0SETTEST1").await?["price"]["value"], 5);

    world
        .control("set", set("B0SETTEST1", json!({"gone": true})))
        .await?;
    assert_eq!(world.item("B0SETTEST1").await?["error"], "no_results_found");
    Ok(())
}

#[tokio::test]
async fn a_set_price_is_never_hidden_by_an_outage_of_the_market() -> Result<()> {
    let world = World::start().await?;
    for listing in world.sim.market().catalogue().to_vec() {
        if listing.key.source != Source::Amazon {
            continue;
        }
        let body = json!({
            "source": "amazon",
            "marketplace": listing.key.marketplace,
            "external_id": listing.key.external_id,
            "price": "100",
        });
        let state = world.control("set", body).await?;
        assert_eq!(state["available"], true, "{state}");
        assert!(
            state["price"]["amount"]
                .as_str()
                .is_some_and(|a| a.starts_with("100")),
            "{state}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_later_of_set_and_sample_wins() -> Result<()> {
    let world = World::start().await?;
    let sample = json!({"asin": "B0SAMPLE01", "title": "As recorded", "price": {"value": 1, "currency": "$"}, "odd": [1]});
    let body = set("B0SAMPLE01", json!({ "body": sample }));
    world.control("sample", body.clone()).await?;
    assert_eq!(world.item("B0SAMPLE01").await?, sample);
    world
        .control("set", set("B0SAMPLE01", json!({"price": "7.77"})))
        .await?;
    assert_eq!(world.item("B0SAMPLE01").await?["price"]["value"], 7.77);
    world.control("sample", body).await?;
    assert_eq!(world.item("B0SAMPLE01").await?, sample);
    world.control("reset", json!({})).await?;
    assert_eq!(world.item("B0SAMPLE01").await?["error"], "no_results_found");

    let reply = json!({"code": "OK", "data": {"id": "2155", "skus": []}, "odd": true});
    let popmart = |body: Value| json!({"source": "popmart", "marketplace": "jp", "external_id": "2155", "body": body});
    world.control("sample", popmart(reply.clone())).await?;
    assert_eq!(world.details("JP", "2155").await?, reply);
    assert_ne!(
        world.details("US", "2155").await?["code"],
        "OK",
        "only where it was put"
    );
    Ok(())
}

#[tokio::test]
async fn popmart_listings_are_set_by_box() -> Result<()> {
    let world = World::start().await?;
    let body = json!({"source": "popmart", "marketplace": "US", "external_id": "4107", "price": "20.00", "stock": 7});
    world.control("set", body).await?;
    let details = world.details("US", "4107").await?;
    let skus = &details["data"]["skus"];
    assert_eq!(
        (&skus[0]["price"], &skus[1]["price"]),
        (&json!(2_000), &json!(24_000))
    );
    assert_eq!(skus[0]["stock"]["onlineStock"], 7);
    assert_eq!(skus[1]["stock"]["onlineStock"], 0);

    let body = json!({"source": "popmart", "marketplace": "JP", "external_id": "7001", "price": 2255, "stock": 0});
    world.control("set", body).await?;
    let details = world.details("JP", "7001").await?;
    assert_eq!(details["data"]["isAvailable"], false);
    assert_eq!(details["data"]["skus"][0]["price"], 2_255);
    Ok(())
}

#[tokio::test]
async fn unusable_input_is_a_422_that_names_the_field() -> Result<()> {
    let world = World::start().await?;
    let cases = [
        ("set", set("B0BADINPUT", json!({"price": "-1"})), "price"),
        ("set", set("B0BADINPUT", json!({"price": "1.999"})), "price"),
        ("set", set("B0BADINPUT", json!({"price": [1]})), "price"),
        ("set", set("B0BADINPUT", json!({"rating": 5.5})), "rating"),
        ("set", set("B0BADINPUT", json!({"rank": 0})), "rank"),
        ("set", set("B0BADINPUT", json!({"stock": -3})), "stock"),
        ("set", set("B0BADINPUT", json!({"colour": "red"})), "body"),
        ("set", set("short", json!({})), "external_id"),
        (
            "set",
            json!({"source": "ebay", "marketplace": "US", "external_id": "1"}),
            "body",
        ),
        (
            "set",
            json!({"source": "amazon", "marketplace": "ZZ", "external_id": "B0BADINPUT"}),
            "marketplace",
        ),
        (
            "set",
            json!({"source": "popmart", "marketplace": "US", "external_id": "1", "rank": 3}),
            "rank",
        ),
        ("sample", json!({"source": "amazon"}), "body"),
        (
            "fault",
            json!({"source": "amazon", "kind": "teapot", "count": 1}),
            "kind",
        ),
        (
            "fault",
            json!({"source": "popmart", "kind": "run_failed", "count": 1}),
            "kind",
        ),
        (
            "fault",
            json!({"source": "amazon", "kind": "429", "count": -1}),
            "body",
        ),
        (
            "clock",
            json!({"offset_seconds": 1e15 as i64}),
            "offset_seconds",
        ),
    ];
    for (path, body, field) in cases {
        let response = world.control_raw(path, &body).await?;
        assert_eq!(response.status(), 422, "{path} {body}");
        let told: Value = response.json().await?;
        assert_eq!(told["field"], field, "{path} {body}: {told}");
        assert!(told["message"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn the_clock_can_be_moved_and_the_same_instant_looks_the_same() -> Result<()> {
    let world = World::start().await?;
    let listings = format!("{}/_control/listings?source=amazon", world.sim.base_url());
    let prices = async || -> Result<Vec<Value>> {
        let all: Vec<Value> = world.client.get(&listings).send().await?.json().await?;
        Ok(all
            .into_iter()
            .map(|listing| listing["price"].clone())
            .collect())
    };
    let now = prices().await?;
    world
        .control("clock", json!({"offset_seconds": 40 * 86_400}))
        .await?;
    assert_ne!(prices().await?, now);
    Ok(())
}

#[tokio::test]
async fn pictures_are_served_where_items_point() -> Result<()> {
    let world = World::start().await?;
    let item = world.item("B0CQ7LMN42").await?;
    let url = item["thumbnailImage"].as_str().unwrap_or_default();
    assert!(url.starts_with(world.sim.base_url()), "{url}");
    let picture = world.client.get(url).send().await?;
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    assert!(picture.text().await?.contains("Aurelio"));
    Ok(())
}

#[tokio::test]
async fn two_simulators_of_one_seed_agree_and_stopping_frees_the_port() -> Result<()> {
    let first = World::start().await?;
    let second = World::start().await?;
    let (a, b) = (
        first.item("B0CZ3TP7LQ").await?,
        second.item("B0CZ3TP7LQ").await?,
    );
    assert_eq!((&a["title"], &a["price"]), (&b["title"], &b["price"]));
    let port = first
        .sim
        .base_url()
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .parse()?;
    first.sim.stop().await;
    let again = World::with(SimOptions {
        port,
        ..SimOptions::default()
    })
    .await?;
    let runs = again
        .client
        .get(again.apify("actor-runs"))
        .bearer_auth(APIFY_TOKEN)
        .send()
        .await?;
    assert_eq!(runs.status(), 200);
    Ok(())
}
