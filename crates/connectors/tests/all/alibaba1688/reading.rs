//! What answers mean: own answers in the platform's shapes, and each trap of them.

use connectors::Outcome;
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::read;
use crate::support::observed;

const DETAIL: &str = include_str!("fixtures/detail.json");
const QUANTITY: &str = include_str!("fixtures/quantity.json");
const RELATION: &str = include_str!("fixtures/relation.json");
const OFFER: &str = "9007199254740993";

fn said<'a>(observation: &'a Observation, name: &str) -> Option<&'a str> {
    let content = observation.content.as_ref().expect("content");
    content.attributes.get(name).map(String::as_str)
}

/// The detail with one change to the product.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(DETAIL).expect("JSON");
    change(&mut body["result"]["result"]);
    body.to_string().into_bytes()
}

fn outcome(body: &[u8]) -> Outcome {
    read(body, OFFER).expect("an outcome")
}

#[test]
fn an_offer_is_read_with_all_it_says() {
    let outcome = outcome(DETAIL.as_bytes());
    let [offer, clear, amber] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    let values = &offer.values;
    assert_eq!(values.offer, Offer::Offered);
    assert_eq!(values.currency.as_deref(), Some("CNY"));
    assert_eq!((values.price, values.list_price), (Some(1760), Some(1850)));
    assert_eq!(
        (values.stock_quantity, values.in_stock),
        (Some(120), Some(true))
    );
    assert_eq!(values.rating_hundredths, Some(480));
    let content = offer.content.as_ref().expect("content");
    assert_eq!(content.title.as_deref(), Some("双层玻璃杯 耐热便携随手杯"));
    assert_eq!(content.brand.as_deref(), Some("山屿"));
    assert_eq!(content.category, None);
    assert_eq!(content.images.len(), 3, "each once, the white one last");
    assert!(content.images[2].ends_with("glass-white.jpg"));
    assert_eq!(
        content.videos,
        ["https://cloud.video.taobao.com/play/glass.mp4"]
    );
    assert_eq!(content.description.as_deref(), Some("高硼硅玻璃 双层隔热"));
    assert_eq!(content.features, ["隔热: 双层杯壁"]);
    for (name, value) in [
        (
            "title_translated",
            "Double-wall glass tumbler, heat resistant",
        ),
        ("sold", "2431"),
        ("category_id", "1031877"),
        ("category_ids", "15 > 1031 > 1031877"),
        ("material", "高硼硅玻璃"),
        ("颜色", "透明, 琥珀"),
        ("min_order_quantity", "2"),
        ("batch_number", "2"),
        ("unit", "个"),
        ("price_ranges", "2+: 18.50 CNY"),
        ("supplier", "台州市山屿玻璃制品有限公司"),
        ("supplier_id", "BBBexampleSupplier"),
        ("supplier_trade_medal_level", "3"),
        ("ships_from", "浙江省台州市"),
        ("tags", "isOnePsale, isSupportMix"),
        ("created_at", "2025-03-01T00:30:00+08:00"),
        ("sku", "SY-350"),
        ("promotion", "plus"),
        ("distribution_price", "19.90"),
        ("mix_amount", "300"),
        ("sales_status", "published"),
    ] {
        assert_eq!(said(offer, name), Some(value), "{name}");
    }
    assert_eq!(clear.listing.external_id, format!("{OFFER}-4900000000011"));
    assert_eq!(clear.parent_external_id.as_deref(), Some(OFFER));
    assert_eq!(
        (clear.values.price, clear.values.list_price),
        (Some(1760), Some(1850))
    );
    assert_eq!(clear.values.stock_quantity, Some(120));
    assert_eq!(said(clear, "sku"), Some("SY-350-C"));
    assert_eq!(said(clear, "weight"), Some("0.32 kg"));
    assert_eq!(said(clear, "dimensions"), Some("9.5 × 9 × 15 cm"));
    assert_eq!(said(clear, "颜色"), Some("透明"));
    assert_eq!(said(clear, "variant_of"), Some(OFFER));
    let content = clear.content.as_ref().expect("content");
    assert_eq!(
        content.title.as_deref(),
        Some("双层玻璃杯 耐热便携随手杯 – 透明")
    );
    assert_eq!(
        content.images,
        ["https://cbu01.alicdn.com/img/ibank/glass-clear.jpg"]
    );
    assert_eq!(
        (amber.values.price, amber.values.list_price),
        (Some(1600), None)
    );
    assert_eq!(amber.values.availability, Availability::OutOfStock);
    assert_eq!(said(amber, "dimensions"), None, "zeros are not measures");
}

#[test]
fn an_offer_priced_by_quantity_costs_what_the_smallest_order_costs() {
    let outcome = read(QUANTITY.as_bytes(), "7012345678901").expect("an outcome");
    let [offer] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (offer.values.price, offer.values.stock_quantity),
        (Some(120), Some(80_000))
    );
    assert_eq!(
        said(offer, "price_ranges"),
        Some("50-499: 1.20 CNY; 500-4999: 0.86 CNY; 5000+: 0.70 CNY")
    );
    assert_eq!(said(offer, "weight"), Some("0.21 kg"));
    assert_eq!(said(offer, "sold"), Some("0"));
}

#[test]
fn the_shape_of_listing_relations_is_recognised() {
    let outcome = read(RELATION.as_bytes(), "611000000321").expect("an outcome");
    let [offer, white, pink] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (offer.values.price, offer.values.stock_quantity),
        (Some(1290), Some(310))
    );
    let content = offer.content.as_ref().expect("content");
    assert_eq!(content.category.as_deref(), Some("收纳盒"));
    assert_eq!(
        content.images,
        [
            "https://cbu01.alicdn.com/img/ibank/2018/drawer-1.jpg",
            "https://cbu01.alicdn.com/img/ibank/2018/drawer-2.jpg"
        ]
    );
    for (name, value) in [
        ("supplier", "叠屋家居旗舰店"),
        ("supplier_id", "1234567"),
        ("weight", "0.45 kg"),
        ("sold", "88"),
        ("sku", "DW-08"),
        ("retail_price", "29.00"),
        ("created_at", "2018-12-13T20:16:38+08:00"),
    ] {
        assert_eq!(said(offer, name), Some(value), "{name}");
    }
    assert_eq!(white.values.price, Some(1290));
    assert_eq!(said(white, "颜色"), Some("白"));
    assert_eq!(
        (pink.values.price, pink.values.in_stock),
        (Some(1350), Some(false))
    );
}

#[test]
fn sold_out_counts_sales_and_is_no_flag() {
    let body = changed(|product| product["soldOut"] = json!("1"));
    let outcome = outcome(&body);
    assert_eq!(observed(&outcome)[0].values.in_stock, Some(true));
}

#[test]
fn one_sku_is_read_for_itself() {
    let outcome = read(DETAIL.as_bytes(), &format!("{OFFER}-4900000000012")).expect("an outcome");
    let [amber] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert_eq!(amber.values.price, Some(1600));
    assert_eq!(amber.parent_external_id.as_deref(), Some(OFFER));
    let gone = read(DETAIL.as_bytes(), &format!("{OFFER}-1")).expect("an outcome");
    assert_eq!(gone, Outcome::NotFound);
}

#[test]
fn the_status_decides_before_stock_and_price() {
    for (status, availability, offer) in [
        ("published", Availability::InStock, Offer::Offered),
        ("expired", Availability::OutOfStock, Offer::None),
        ("auto expired", Availability::OutOfStock, Offer::None),
        ("auditing", Availability::OutOfStock, Offer::None),
        ("new", Availability::ComingSoon, Offer::None),
        ("deleted", Availability::Discontinued, Offer::None),
        ("member deleted", Availability::Discontinued, Offer::None),
        ("TBD", Availability::Discontinued, Offer::None),
        ("frozen solid", Availability::Unknown, Offer::Offered),
    ] {
        let body = changed(|product| product["status"] = json!(status));
        let outcome = outcome(&body);
        for seen in observed(&outcome) {
            assert_eq!(seen.values.offer, offer, "{status}");
        }
        assert_eq!(
            observed(&outcome)[0].values.availability,
            availability,
            "{status}"
        );
    }
}

#[test]
fn a_price_that_is_none_spoils_what_it_is_the_price_of() {
    for bad in [
        json!("0"),
        json!("0.00"),
        json!("面议"),
        json!(0),
        json!("-1"),
        json!("12-18"),
    ] {
        let all = changed(|product| {
            for sku in product["productSkuInfos"].as_array_mut().expect("SKUs") {
                sku["price"] = bad.clone();
            }
        });
        assert_eq!(outcome(&all).as_str(), "malformed", "{bad}");
        let one = changed(|product| product["productSkuInfos"][1]["price"] = bad.clone());
        let outcome = outcome(&one);
        let seen = observed(&outcome);
        assert_eq!(seen[0].values.price, Some(1760), "{bad}");
        assert_eq!(
            (seen[2].values.price, seen[2].values.offer),
            (None, Offer::NotCollected)
        );
    }
    let absent = changed(|product| {
        product["productSkuInfos"] = json!([]);
        product["productSaleInfo"]["priceRangeList"] = json!(null);
    });
    assert_eq!(outcome(&absent).as_str(), "malformed");
}

#[test]
fn numbers_come_in_every_form() {
    let body = changed(|product| {
        product["offerId"] = json!(OFFER);
        product["minOrderQuantity"] = json!("2");
        let sku = &mut product["productSkuInfos"][0];
        sku["skuId"] = json!("4900000000011");
        sku["price"] = json!(18.5);
        sku["promotionPrice"] = json!(17.6);
        sku["amountOnSale"] = json!("120");
    });
    let told = observed(&outcome(&body))[..2].to_vec();
    assert_eq!(told, observed(&outcome(DETAIL.as_bytes()))[..2]);
}

#[test]
fn a_sku_told_twice_is_one_and_thousands_are_told() {
    let twice = changed(|product| {
        let skus = product["productSkuInfos"].as_array_mut().expect("SKUs");
        skus.extend(skus.clone());
    });
    assert_eq!(observed(&outcome(&twice)).len(), 3);
    let many = changed(|product| {
        let model = product["productSkuInfos"][0].clone();
        let skus = (0..10_000).map(|number| {
            let mut sku = model.clone();
            sku["skuId"] = json!(5_000_000_000_000_i64 + number);
            sku
        });
        product["productSkuInfos"] = skus.collect();
    });
    let outcome = outcome(&many);
    let seen = observed(&outcome);
    assert_eq!(seen.len(), 1_001);
    assert_eq!(said(&seen[0], "variants_left_out"), Some("9000"));
    let last = read(&many, &format!("{OFFER}-5000000009999")).expect("an outcome");
    assert_eq!(last.as_str(), "ok", "every SKU can be followed");
}

#[test]
fn another_products_answer_is_not_taken() {
    let body = changed(|product| product["offerId"] = json!(1));
    assert_eq!(outcome(&body).as_str(), "malformed");
    let body = changed(|product| product["offerId"] = json!(9.007199254740993e15));
    assert_eq!(outcome(&body).as_str(), "malformed");
}

#[test]
fn refusals_have_words_of_their_own() {
    let business =
        |message: &str| json!({"result": {"success": false, "code": "500", "message": message}});
    let gateway =
        |code: &str| json!({"error_code": code, "error_message": "no", "exception": "no"});
    for (body, word) in [
        (business("商品[9007199254740993]不存在"), "not_found"),
        (business("没有该商品的查询权限"), "blocked"),
        (business("系统繁忙"), "failed"),
        (
            json!({"success": false, "message": "没有该商品的查询权限"}),
            "blocked",
        ),
        (gateway("gw.QosAppFrequencyLimit"), "rate_limited"),
        (gateway("gw.APIACLDecline"), "blocked"),
        (gateway("gw.SignatureInvalid"), "failed"),
        (gateway("401"), "blocked"),
        (
            json!({"result": {"success": true, "result": null}}),
            "malformed",
        ),
        (json!([]), "malformed"),
    ] {
        let outcome = outcome(body.to_string().as_bytes());
        assert_eq!(outcome.as_str(), word, "{body}");
    }
    assert_eq!(outcome(b"<html>").as_str(), "malformed");
    assert_eq!(outcome(&DETAIL.as_bytes()[..900]).as_str(), "malformed");
    let acl = outcome(gateway("gw.APIACLDecline").to_string().as_bytes());
    assert!(acl.reason().contains("apply for it"), "{}", acl.reason());
    let limited = outcome(gateway("gw.QosAppFrequencyLimit").to_string().as_bytes());
    assert_eq!(limited.retry_after().map(|wait| wait.as_secs()), Some(10));
}
