//! Recorded answers of the real platform, read with the values they hold. Runs where the samples lie
//! beside the workspace. A sample that nothing here understands fails.

use connectors::Outcome;
use connectors::alibaba1688::sign;
use domain::availability::Availability;
use domain::observation::Observation;
use serde_json::Value;

use super::read;
use crate::support::{observed, sample, samples};

const PREFIX: &str = "1688-";

fn said<'a>(observation: &'a Observation, name: &str) -> &'a str {
    let content = observation.content.as_ref().expect("content");
    content.attributes.get(name).map_or("", String::as_str)
}

fn prices(seen: &[Observation]) -> Vec<(Option<i64>, Option<i64>, Option<i32>)> {
    let figures = |one: &Observation| {
        let values = &one.values;
        (values.price, values.list_price, values.stock_quantity)
    };
    seen.iter().map(figures).collect()
}

#[test]
fn the_harness() {
    let Some(body) = sample("1688-queryProductDetail-pet-harness.json") else {
        return;
    };
    let outcome = read(&body, "822737307436").expect("an outcome");
    let seen = observed(&outcome);
    let one = |price, stock| (Some(price), None, Some(stock));
    assert_eq!(
        prices(seen),
        [
            one(4700, 284),
            one(4700, 38),
            one(5700, 44),
            one(4700, 0),
            one(5700, 35),
            one(4700, 36),
            one(5700, 43),
            one(4700, 42),
            one(5700, 46),
        ]
    );
    let offer = &seen[0];
    assert_eq!(offer.values.availability, Availability::InStock);
    assert_eq!(offer.values.currency.as_deref(), Some("CNY"));
    assert_eq!(offer.values.rating_hundredths, Some(500));
    let content = offer.content.as_ref().expect("content");
    assert!(
        content
            .title
            .as_deref()
            .is_some_and(|title| title.starts_with("ZOOLAND狗狗胸背牵引绳"))
    );
    assert_eq!(content.brand.as_deref(), Some("zooland"));
    assert_eq!((content.images.len(), content.videos.len()), (5, 1));
    assert_eq!(content.description, None, "pictures only");
    for (name, value) in [
        ("sold", "38"),
        ("min_order_quantity", "1"),
        ("unit", "个"),
        ("price_ranges", "1+: 47.00 CNY"),
        ("category_id", "121802003"),
        ("category_ids", "122916001 > 121828001 > 121802003"),
        ("material", "特多龙"),
        ("产品类别", "胸带"),
        ("颜色", "孔雀绿, 淡橘橙"),
        ("sku", "ZLHL-002"),
        ("ships_from", "广东省广州市"),
        ("shipping_time", "shipIn48Hours"),
        ("supplier_id", "BBBNLox0NYsHrlGYo0xP-anIw"),
        ("supplier_composite_service_score", "4.0"),
        ("supplier_repeat_purchase_percent", "0.7111843597329489"),
        ("mix_amount", "1000"),
        ("mix_number", "2"),
        ("tags", "isSupportMix"),
        ("supplier_identities", "tp_member"),
        ("created_at", "2024-08-08T15:14:21+08:00"),
        ("sales_status", "published"),
    ] {
        assert_eq!(said(offer, name), value, "{name}");
    }
    assert!(said(offer, "title_translated").starts_with("동물원"));
    let small = &seen[1];
    assert_eq!(small.listing.external_id, "822737307436-5705677587369");
    assert_eq!(small.parent_external_id.as_deref(), Some("822737307436"));
    for (name, value) in [
        ("sku", "ZLHL-002C-S"),
        ("spec_id", "149f04c1244c8abb073973032d06cba2"),
        ("颜色", "孔雀绿"),
        ("weight", "0.5 kg"),
        ("consign_price", "47.00"),
    ] {
        assert_eq!(said(small, name), value, "{name}");
    }
    let image = &small.content.as_ref().expect("content").images;
    assert!(image[0].contains("O1CN01GPnOxT1L9IR89sask"), "{image:?}");
    assert_eq!(seen[3].values.availability, Availability::OutOfStock);
}

#[test]
fn the_push_button() {
    let Some(body) = sample("1688-queryProductDetail-pushbutton.json") else {
        return;
    };
    let outcome = read(&body, "655077675451").expect("an outcome");
    let seen = observed(&outcome);
    let reduced = |price, full, stock| (Some(price), Some(full), Some(stock));
    assert_eq!(
        prices(seen),
        [
            reduced(266, 280, 59_428),
            reduced(266, 280, 9_979),
            reduced(266, 280, 9_936),
            reduced(266, 280, 9_996),
            reduced(390, 410, 9_896),
            reduced(390, 410, 9_624),
            reduced(390, 410, 9_997),
        ]
    );
    let offer = &seen[0];
    let content = offer.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("科近"));
    assert!(content.videos.is_empty());
    for (name, value) in [
        ("sold", "11"),
        ("promotion", "plus"),
        ("curated", "true"),
        ("ships_from", "浙江省温州市"),
        ("supplier_id", "BBB8fz_gfq-XnGV5YTW6Vk_Mw"),
        ("created_at", "2021-08-31T16:54:48+08:00"),
        ("tags", "isOnePsale, isOnePsaleFreePostage, isQqyx"),
        ("supplier_collect_30_day_within_48_h_percent", ""),
    ] {
        assert_eq!(said(offer, name), value, "{name}");
    }
    assert!(said(offer, "model").starts_with("LA38-11M 红(一开一闭), LA38-11M 绿"));
}

#[test]
fn the_shop_page() {
    let Some(body) = sample("1688-shopSearch-page.json") else {
        return;
    };
    for (id, price, sold) in [
        ("680012407138", 56, "5299386"),
        ("700638611025", 63, "178470"),
        ("779508722222", 56, "48245"),
        ("673006463832", 56, "47058"),
    ] {
        let outcome = read(&body, id).expect("it is in the page");
        let [row] = observed(&outcome) else {
            panic!("{outcome:?}")
        };
        assert_eq!(row.values.price, Some(price), "{id}");
        assert_eq!(said(row, "monthly_sales"), sold, "{id}");
        assert_eq!(said(row, "supplier_id"), "BBBQZd-P6RgzdacZ0q4WbaEeg");
        let content = row.content.as_ref().expect("content");
        assert!(
            content
                .title
                .as_deref()
                .is_some_and(|title| title.contains("塑料袋"))
        );
        assert_eq!(content.images.len(), 1);
    }
}

#[test]
fn the_errors() {
    for (name, word) in [
        ("1688-error-acl.json", "blocked"),
        ("1688-error-frequency.json", "rate_limited"),
        ("1688-error-token.json", "blocked"),
    ] {
        let Some(body) = sample(name) else { return };
        assert_eq!(
            read(&body, "1").map(|outcome| outcome.as_str()),
            Some(word),
            "{name}"
        );
    }
}

#[test]
fn the_signature() {
    let Some(body) = sample("1688-signature-vector.json") else {
        return;
    };
    let vector: Value = serde_json::from_slice(&body).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let parameters = vector["params"].as_object().expect("parameters");
    let parameters = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)));
    let signature = sign::signature(
        &text(&vector["url_path"]),
        &parameters.collect(),
        &text(&vector["app_secret"]),
    );
    assert_eq!(signature, text(&vector["expected_aop_signature"]));
}

/// The token is read where it is asked for, with the sample's own answer served.
#[tokio::test]
async fn the_token() {
    let Some(body) = sample("1688-token.json") else {
        return;
    };
    let (outcome, asked) = super::gateway::authorised_with(body).await;
    assert_eq!(
        outcome.expect("it works"),
        "authorised by example; the refresh token ends 2026-10-14T20:03:39+08:00"
    );
    assert_eq!(asked, "00000000-0000-0000-0000-000000000000");
}

/// Others of the same kinds, recorded by anybody: each must be something we know, with the figures
/// that any reader of the file would name.
#[test]
fn every_sample_is_understood() {
    for (name, body) in samples(PREFIX) {
        let value: Value =
            serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{name}: no JSON"));
        if value.get("access_token").is_some() || value.get("expected_aop_signature").is_some() {
            continue;
        }
        let core = core(&value);
        if let Some(id) = ["offerId", "productID"]
            .iter()
            .find_map(|name| core.get(*name))
        {
            let outcome = read(&body, id.to_string().trim_matches('"')).expect("an outcome");
            let Outcome::Observed(seen) = &outcome else {
                panic!("{name}: {outcome:?}")
            };
            let content = seen[0].content.as_ref().expect("content");
            assert_eq!(
                content.title.as_deref(),
                core["subject"].as_str().map(str::trim),
                "{name}"
            );
            let skus = ["productSkuInfos", "skuInfos"]
                .iter()
                .find_map(|name| core[*name].as_array());
            assert_eq!(seen.len() - 1, skus.map_or(0, Vec::len), "{name}: SKUs");
        } else if let Some(rows) = core.get("data").and_then(Value::as_array) {
            for row in rows {
                let outcome = read(&body, row["offerId"].to_string().trim_matches('"'));
                assert_eq!(
                    outcome.map(|outcome| outcome.as_str()),
                    Some("ok"),
                    "{name}"
                );
            }
        } else {
            let outcome = read(&body, "1").expect("an outcome");
            assert!(
                !["ok", "malformed"].contains(&outcome.as_str()),
                "{name}: {outcome:?}"
            );
        }
    }
}

/// The innermost object of the wrappers.
fn core(value: &Value) -> &Value {
    ["result", "productInfo"]
        .iter()
        .filter_map(|name| value.get(*name))
        .find(|inner| inner.is_object())
        .map_or(value, core)
}
