//! PopMart: signed REST, CDN files, RPC.

use anyhow::{Context, Result};
use market_sim::{POPMART_CLIENT_KEY, SimOptions, Source};
use serde_json::{Value, json};

use crate::support::World;

#[tokio::test]
async fn details_need_a_right_signature() -> Result<()> {
    let world = World::start().await?;
    let good = world.details("US", "4107").await?;
    assert_eq!((&good["code"], &good["ret"]), (&json!("OK"), &json!(1)));
    assert_eq!(good["data"]["id"], "4107");
    assert_eq!(good["data"]["skus"][0]["currency"], "USD");

    let base = world.sim.source_url(Source::Popmart);
    let path = format!("{base}/shop/v1/shop/productDetails?spuId=4107&s=0&t=1");
    let unsigned = world
        .client
        .get(&path)
        .header("clientkey", POPMART_CLIENT_KEY)
        .send()
        .await?;
    assert_eq!(unsigned.status(), 200);
    let refusal: Value = unsigned.json().await?;
    assert_eq!(refusal["code"], "4001");
    assert_eq!(refusal["ret"], 4001);
    assert_eq!(refusal["message"], "Authentication signature error");
    assert_eq!(refusal["data"], Value::Null);

    let open = SimOptions {
        popmart_sign_salt: None,
        ..SimOptions::default()
    };
    let open = World::with(open).await?;
    let base = open.sim.source_url(Source::Popmart);
    let path = format!("{base}/shop/v1/shop/productDetails?spuId=4107");
    assert_eq!(
        open.client.get(&path).send().await?.json::<Value>().await?["code"],
        "OK"
    );
    Ok(())
}

#[tokio::test]
async fn prices_are_minor_units_and_unknown_ids_are_told() -> Result<()> {
    let world = World::start().await?;
    let yen = world.details("JP", "4112").await?;
    assert_eq!(yen["data"]["skus"][0]["currency"], "JPY");
    assert_eq!(yen["data"]["skus"][0]["price"], 3_300);
    let unknown = world.details("JP", "999999").await?;
    assert_ne!(unknown["code"], "OK");
    assert_eq!(unknown["data"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn announced_products_lie_in_the_future() -> Result<()> {
    let world = World::start().await?;
    let details = world.details("US", "4311").await?;
    assert!(details["data"]["upTime"].as_i64() > details["now"].as_i64());
    assert_eq!(details["data"]["isAvailable"], false);
    Ok(())
}

#[tokio::test]
async fn search_and_collections_are_paged() -> Result<()> {
    let world = World::start().await?;
    let params = json!({"pageSize": 2, "page": 1, "strategy": "", "term": "moonlet"});
    let params = params.as_object().context("an object")?.clone();
    let found = world
        .shop_post("US", "/shop/v1/search", params)
        .send()
        .await?;
    let found = found.json::<Value>().await?;
    assert_eq!(found["data"]["total"], 4, "{found}");
    assert_eq!(found["data"]["list"].as_array().map(Vec::len), Some(2));

    let query = "collectionId=41&page=1&pageSize=3&sortWay=";
    let path = "/shop/v3/shop/productOnCollection";
    let collection = world
        .shop_get("US", path, query)
        .send()
        .await?
        .json::<Value>()
        .await?;
    assert_eq!(collection["data"]["name"], "MOONLET", "{collection}");
    assert_eq!(
        collection["data"]["productData"].as_array().map(Vec::len),
        Some(3)
    );
    let known = "collectionId=223&page=1&pageSize=20&sortWay=";
    let stand_in = world.shop_get("US", path, known).send().await?;
    let stand_in = stand_in.json::<Value>().await?;
    assert_eq!(stand_in["data"]["name"], "MOONLET", "{stand_in}");
    Ok(())
}

#[tokio::test]
async fn cdn_files_have_twenty_rows_and_end_in_404() -> Result<()> {
    let world = World::start().await?;
    let base = world.sim.source_url(Source::Popmart);
    let file = |name: &str| world.client.get(format!("{base}/{name}")).send();
    for (page, rows) in [(1, 20), (2, 2)] {
        let name = format!("shop_productoncollection-330-1-{page}-us-en.json");
        let body: Value = file(&name).await?.json().await?;
        assert_eq!(body["total"], 22);
        assert_eq!(body["productData"].as_array().map(Vec::len), Some(rows));
    }
    assert_eq!(
        file("shop_productoncollection-330-1-3-us-en.json")
            .await?
            .status(),
        404
    );
    assert_eq!(
        file("shop_productoncollection-777-1-1-us-en.json")
            .await?
            .status(),
        404
    );
    let fresh: Value = file("shop_presalenewproducts-us-en.json")
        .await?
        .json()
        .await?;
    let rows = fresh["productData"].as_array().context("no rows")?;
    assert!(!rows.is_empty() && rows.iter().all(|row| row["isNew"] == true));
    Ok(())
}

#[tokio::test]
async fn the_rpc_has_its_rules_about_headers() -> Result<()> {
    let world = World::start().await?;
    let base = world.sim.source_url(Source::Popmart);
    let call = |procedure: &str, area: &str, input: Value| {
        let request = world.client.post(format!("{base}/rpc/{procedure}"));
        request
            .header("x-area", area)
            .json(&json!({ "json": input }))
    };
    let all = json!({"q": "", "page": 1, "pageSize": 100, "isIncludePopNow": true});
    let bare = call("search/public_search", "US", all.clone())
        .send()
        .await?;
    assert_eq!(bare.status().as_u16(), 432);

    let device = ("x-device-type", "pc");
    let lower = call("search/public_search", "us", all.clone()).header(device.0, device.1);
    let lower = lower.send().await?;
    assert_eq!(lower.status(), 200);
    assert_eq!(
        lower.json::<Value>().await?,
        json!({"json": {"total": 0, "items": []}})
    );

    let upper = call("search/public_search", "US", all)
        .header(device.0, device.1)
        .send()
        .await?;
    let upper: Value = upper.json().await?;
    assert_eq!(upper["json"]["total"], 22);
    let id = upper["json"]["items"][0]["id"]
        .as_str()
        .context("no id")?
        .to_owned();
    assert_eq!(id.len(), 36);

    let one = call(
        "ec/spu/public_FindOne",
        "US",
        json!({"id": id, "channel": "shop"}),
    );
    let one: Value = one.header(device.0, device.1).send().await?.json().await?;
    assert_eq!(one["json"]["id"], id.as_str());
    let sku = one["json"]["skus"][0]["id"].as_str().context("no sku")?;
    let stock = call(
        "ec/spu/getStock",
        "US",
        json!({"spuId": id, "skuIds": [sku], "type": "normal"}),
    );
    let stock: Value = stock
        .header(device.0, device.1)
        .send()
        .await?
        .json()
        .await?;
    assert!(stock["json"]["stock"][sku].is_i64(), "{stock}");

    let none =
        call("ec/spu/public_FindOne", "US", json!({"id": "nope"})).header(device.0, device.1);
    let none = none.send().await?;
    assert_eq!(none.status(), 404);
    assert_eq!(none.json::<Value>().await?["code"], "NOT_FOUND");
    Ok(())
}

#[tokio::test]
async fn answers_can_be_made_to_say_nonsense() -> Result<()> {
    let world = World::start().await?;
    let base = world.sim.source_url(Source::Popmart);
    let order = async |kind: &str, count: usize| {
        let order = json!({"source": "popmart", "kind": kind, "count": count});
        world.control("fault", order).await
    };
    let file = async |page: usize| -> Result<Value> {
        let name = format!("{base}/shop_productoncollection-330-1-{page}-us-en.json");
        Ok(world.client.get(name).send().await?.json().await?)
    };
    order("zero_price", 1).await?;
    assert_eq!(
        world.details("US", "4107").await?["data"]["skus"][0]["price"],
        0
    );
    order("word_price", 1).await?;
    assert!(world.details("US", "4107").await?["data"]["skus"][0]["price"].is_string());
    order("no_currency", 1).await?;
    let bare = world.details("US", "4107").await?;
    assert_eq!(bare["data"]["skus"][0]["currency"], Value::Null);
    order("many_skus", 1).await?;
    let many = world.details("US", "4107").await?;
    assert_eq!(many["data"]["skus"].as_array().map(Vec::len), Some(10_000));
    order("empty_list", 1).await?;
    let empty = file(1).await?;
    assert_eq!(
        (&empty["total"], &empty["productData"]),
        (&json!(22), &json!([]))
    );
    order("duplicate_rows", 1).await?;
    let twice = file(1).await?;
    assert_eq!(twice["productData"].as_array().map(Vec::len), Some(40));
    order("endless_pages", 2).await?;
    assert_eq!(file(1).await?["productData"], file(2).await?["productData"]);
    for kind in ["471", "432"] {
        order(kind, 1).await?;
        let refused = world.client.get(format!("{base}/x.json")).send().await?;
        assert_eq!(refused.status().as_str(), kind);
    }
    assert_eq!(world.details("US", "4107").await?["code"], "OK");
    Ok(())
}
