//! 1688's open platform: tokens, signatures, details, searches, faults of its own.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use market_sim::{
    ALIBABA1688_APP_KEY, ALIBABA1688_APP_SECRET, ALIBABA1688_REFRESH_TOKEN, SimOptions, Source,
};
use serde_json::{Value, json};

use crate::support::World;

const DETAIL: &str = "com.alibaba.fenxiao.crossborder/product.search.queryProductDetail";
const KEYWORD: &str = "com.alibaba.fenxiao.crossborder/product.search.keywordQuery";
const SHOP: &str = "com.alibaba.fenxiao.crossborder/product.search.querySellerOfferList";

async fn token(world: &World, refresh_token: &str) -> Result<(u16, Value)> {
    let base = world.sim.source_url(Source::Alibaba1688);
    let url = format!("{base}/openapi/http/1/system.oauth2/getToken/{ALIBABA1688_APP_KEY}");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", ALIBABA1688_APP_KEY),
        ("client_secret", ALIBABA1688_APP_SECRET),
        ("refresh_token", refresh_token),
    ];
    let answer = post(world, &url, form.into_iter().collect()).await?;
    Ok(answer)
}

async fn post(world: &World, url: &str, form: BTreeMap<&str, &str>) -> Result<(u16, Value)> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = world
        .client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish());
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

async fn access(world: &World) -> Result<String> {
    let (_, answer) = token(world, ALIBABA1688_REFRESH_TOKEN).await?;
    let token = answer["access_token"].as_str().context("no token")?;
    Ok(token.to_owned())
}

async fn call(
    world: &World,
    api: &str,
    parameter: (&str, Value),
    token: &str,
    secret: &str,
) -> Result<(u16, Value)> {
    let path = format!("param2/1/{api}/{ALIBABA1688_APP_KEY}");
    let json = parameter.1.to_string();
    let mut form = BTreeMap::from([
        ("access_token", token),
        ("_aop_timestamp", "1750000000000"),
        (parameter.0, json.as_str()),
    ]);
    let joined: String = form
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let signature = secrets::hmac_sha1_hex_upper(secret, format!("{path}{joined}"));
    form.insert("_aop_signature", &signature);
    let base = world.sim.source_url(Source::Alibaba1688);
    post(world, &format!("{base}/openapi/{path}"), form).await
}

async fn detail(world: &World, id: i64, token: &str) -> Result<(u16, Value)> {
    let parameter = json!({"offerId": id, "country": "en"});
    let name = ("offerDetailParam", parameter);
    call(world, DETAIL, name, token, ALIBABA1688_APP_SECRET).await
}

async fn search(world: &World, api: &str, parameter: Value, token: &str) -> Result<Value> {
    let name = ("offerQueryParam", parameter);
    let (_, mut answer) = call(world, api, name, token, ALIBABA1688_APP_SECRET).await?;
    Ok(answer["result"]["result"].take())
}

async fn fault(world: &World, kind: &str) -> Result<()> {
    let order = json!({"source": "alibaba1688", "kind": kind, "count": 1});
    world.control("fault", order).await.map(drop)
}

#[tokio::test]
async fn calls_need_a_token_and_a_right_signature() -> Result<()> {
    let world = World::start().await?;
    let (status, refused) = token(&world, "another").await?;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    let (_, given) = token(&world, ALIBABA1688_REFRESH_TOKEN).await?;
    assert_eq!(given["expires_in"], "36000", "a number in a text");
    let access = access(&world).await?;
    let (status, answer) = detail(&world, 620_500_700_201, &access).await?;
    assert_eq!(
        (status, &answer["result"]["success"]),
        (200, &json!(true)),
        "{answer}"
    );
    assert_eq!(answer["result"]["code"], "200");
    let (status, answer) = detail(&world, 620_500_700_201, "another").await?;
    assert_eq!((status, &answer["error_code"]), (400, &json!("401")));
    let name = ("offerDetailParam", json!({"offerId": 1, "country": "en"}));
    let (status, answer) = call(&world, DETAIL, name, &access, "wrong").await?;
    assert_eq!(
        (status, &answer["error_code"]),
        (400, &json!("gw.SignatureInvalid"))
    );
    let (_, answer) = detail(&world, 1, &access).await?;
    assert_eq!(answer["result"]["success"], false);
    assert_eq!(answer["result"]["message"], "商品[1]不存在");
    Ok(())
}

#[tokio::test]
async fn tokens_end_and_can_be_taken_back() -> Result<()> {
    let world = World::with(SimOptions {
        alibaba1688_token_life: Duration::from_secs(600),
        ..SimOptions::default()
    })
    .await?;
    let token = access(&world).await?;
    world
        .control("clock", json!({"offset_seconds": 601}))
        .await?;
    let (_, answer) = detail(&world, 620_500_700_201, &token).await?;
    assert_eq!(answer["error_code"], "401");
    let token = access(&world).await?;
    fault(&world, "expired_token").await?;
    let (_, answer) = detail(&world, 620_500_700_201, &token).await?;
    assert_eq!(answer["error_code"], "401");
    Ok(())
}

#[tokio::test]
async fn offers_are_quoted_in_three_ways() -> Result<()> {
    let world = World::start().await?;
    let token = access(&world).await?;
    for (id, quote, skus, ranges) in [
        (640_300_900_401, 0, 0, 3),
        (610_200_300_101, 1, 3, 1),
        (620_500_700_202, 2, 2, 3),
    ] {
        let (_, mut answer) = detail(&world, id, &token).await?;
        let product = answer["result"]["result"].take();
        assert_eq!(product["offerId"], id);
        let sale = &product["productSaleInfo"];
        assert_eq!(sale["quoteType"], quote, "{id}");
        let rows = sale["priceRangeList"].as_array().context("no ranges")?;
        assert_eq!(rows.len(), ranges, "{id}");
        assert!(rows.iter().all(|row| row["price"].is_string()), "{rows:?}");
        let told = product["productSkuInfos"].as_array().context("no SKUs")?;
        assert_eq!(told.len(), skus, "{id}");
        for sku in told {
            assert!(sku["skuId"].is_i64(), "{sku}");
            assert_eq!(sku["price"].is_string(), quote == 1, "{sku}");
        }
        if let Some(parcel) = product["productShippingInfo"]["skuShippingDetails"].get(0) {
            assert!(parcel["skuId"].is_string(), "{parcel}");
        }
        assert!(product["soldOut"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn searches_are_paged_and_shops_hold_their_own() -> Result<()> {
    let world = World::start().await?;
    let token = access(&world).await?;
    let page = |page: i64, size: i64| json!({"keyword": "蓝牙", "beginPage": page, "pageSize": size, "country": "en"});
    let first = search(&world, KEYWORD, page(1, 2), &token).await?;
    assert_eq!(
        (&first["totalRecords"], &first["totalPage"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(first["data"].as_array().map(Vec::len), Some(2));
    let last = search(&world, KEYWORD, page(2, 2), &token).await?;
    assert_eq!(last["data"].as_array().map(Vec::len), Some(1));
    let shop = json!({"sellerOpenId": "BBBsimQinglanPack04", "beginPage": 1, "pageSize": 50, "country": "en"});
    let shop = search(&world, SHOP, shop, &token).await?;
    assert_eq!(shop["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(shop["sellerOpenId"], "BBBsimQinglanPack04");
    Ok(())
}

#[tokio::test]
async fn what_is_set_is_what_is_told_and_faults_spoil_it() -> Result<()> {
    let world = World::start().await?;
    let token = access(&world).await?;
    let id = 610_200_300_101;
    let set = json!({"source": "alibaba1688", "marketplace": "CN", "external_id": id.to_string(), "price": "21.5", "stock": 7});
    world.control("set", set).await?;
    let told = async || -> Result<Value> {
        let (_, mut answer) = detail(&world, id, &token).await?;
        Ok(answer["result"]["result"].take())
    };
    let product = told().await?;
    let sku = &product["productSkuInfos"][0];
    assert_eq!(
        (&sku["price"], &sku["amountOnSale"]),
        (&json!("21.50"), &json!(7))
    );
    assert_eq!(product["productSaleInfo"]["amountOnSale"], 7);
    fault(&world, "zero_price").await?;
    assert_eq!(told().await?["productSkuInfos"][0]["price"], "0");
    fault(&world, "many_skus").await?;
    let many = told().await?;
    assert_eq!(
        many["productSkuInfos"].as_array().map(Vec::len),
        Some(10_000)
    );
    for (kind, status, code) in [
        ("429", 400, "gw.QosAppFrequencyLimit"),
        ("403", 400, "gw.APIACLDecline"),
    ] {
        fault(&world, kind).await?;
        let (told, answer) = detail(&world, id, &token).await?;
        assert_eq!((told, &answer["error_code"]), (status, &json!(code)));
    }
    Ok(())
}
