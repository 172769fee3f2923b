//! This source's answers for the conformance kit.

use serde_json::{Value, json};

use super::SOURCE;
use crate::Target;
use crate::conformance::{Cases, Expect, Kind, Seen};
use crate::listing_url;

const DETAIL: &str = include_str!("../../tests/all/alibaba1688/fixtures/detail.json");
const QUANTITY: &str = include_str!("../../tests/all/alibaba1688/fixtures/quantity.json");
const RELATION: &str = include_str!("../../tests/all/alibaba1688/fixtures/relation.json");

fn target(id: &str) -> Target {
    Target::new(listing_url::from_id(SOURCE, "CN", id).expect("an offer's number"))
}

fn changed(body: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    let inner = match body.get("productInfo") {
        Some(_) => &mut body["productInfo"],
        None => &mut body["result"]["result"],
    };
    change(inner);
    body.to_string()
}

fn skus(product: &mut Value) -> &mut Vec<Value> {
    let name = match product.get("productSkuInfos") {
        Some(_) => "productSkuInfos",
        None => "skuInfos",
    };
    product[name].as_array_mut().expect("SKUs")
}

fn renamed(body: &str) -> String {
    [
        "offerId",
        "productID",
        "productSkuInfos",
        "skuInfos",
        "priceRangeList",
        "priceRanges",
        "price",
    ]
    .iter()
    .fold(body.to_owned(), |body, name| {
        body.replace(&format!("\"{name}\""), &format!("\"{name}V2\""))
    })
}

fn priced(body: &str, price: &Value) -> String {
    changed(body, |product| {
        for sku in skus(product) {
            sku["price"] = price.clone();
            sku["promotionPrice"] = price.clone();
            sku["priceRange"] = json!([]);
        }
        for (holder, list) in [
            ("productSaleInfo", "priceRangeList"),
            ("saleInfo", "priceRanges"),
        ] {
            if let Some(ranges) = product[holder][list].as_array_mut() {
                for range in ranges {
                    range["price"] = price.clone();
                }
            }
        }
    })
}

pub(super) fn cases() -> Cases {
    let (glass, boxes, drawer) = (
        target("9007199254740993"),
        target("7012345678901"),
        target("611000000321"),
    );
    let family = |price, stock, variants: &[i64]| {
        Expect::Seen(Seen {
            stock: Some(stock),
            variants: Some(variants.iter().map(|price| Some(*price)).collect()),
            ..Seen::at(price, "CNY")
        })
    };
    let sold_out = |body: &str| {
        changed(body, |product| {
            for holder in ["productSaleInfo", "saleInfo"] {
                if product[holder].is_object() {
                    product[holder]["amountOnSale"] = json!(0);
                }
            }
            for sku in skus(product) {
                sku["amountOnSale"] = json!(0);
            }
        })
    };
    let out = |price| {
        Expect::Seen(Seen {
            in_stock: Some(false),
            ..Seen::at(price, "CNY")
        })
    };
    let twice = |body: &str| changed(body, |product| skus(product).extend_from_within(..));
    let many = |body: &str| {
        changed(body, |product| {
            let model = skus(product)[0].clone();
            *skus(product) = (0..10_000_i64)
                .map(|number| {
                    let mut sku = model.clone();
                    sku["skuId"] = json!(5_000_000_000_000_i64 + number);
                    sku
                })
                .collect();
        })
    };
    let gateway = |code: &str| json!({"error_code": code, "error_message": "no"}).to_string();
    let business = |message: &str| {
        json!({"result": {"success": false, "code": "500", "message": message}}).to_string()
    };
    Cases::new()
        .with(
            Kind::Offered,
            &glass,
            DETAIL,
            family(1760, 120, &[1760, 1600]),
        )
        .with(Kind::Offered, &boxes, QUANTITY, family(120, 80_000, &[]))
        .with(
            Kind::Offered,
            &drawer,
            RELATION,
            family(1290, 310, &[1290, 1350]),
        )
        .with(Kind::OutOfStock, &glass, sold_out(DETAIL), out(1600))
        .with(Kind::OutOfStock, &boxes, sold_out(QUANTITY), out(120))
        .with(Kind::OutOfStock, &drawer, sold_out(RELATION), out(1290))
        .with(
            Kind::Variants,
            &glass,
            DETAIL,
            family(1760, 120, &[1760, 1600]),
        )
        .with(
            Kind::Variants,
            &drawer,
            RELATION,
            family(1290, 310, &[1290, 1350]),
        )
        .with(
            Kind::NotFound,
            &glass,
            business("商品[9007199254740993]不存在"),
            Expect::Word(&["not_found"]),
        )
        .with(
            Kind::LayoutChanged,
            &glass,
            renamed(DETAIL),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::LayoutChanged,
            &boxes,
            renamed(QUANTITY),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::LayoutChanged,
            &drawer,
            renamed(RELATION),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::ZeroPrice,
            &glass,
            priced(DETAIL, &json!("0")),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::ZeroPrice,
            &boxes,
            priced(QUANTITY, &json!("0.00")),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::ZeroPrice,
            &drawer,
            priced(RELATION, &json!(0)),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::PriceAsText,
            &boxes,
            priced(QUANTITY, &json!(1.2)),
            family(120, 80_000, &[]),
        )
        .with(
            Kind::PriceAsText,
            &drawer,
            priced(RELATION, &json!("12.90")),
            family(1290, 310, &[1290, 1290]),
        )
        .with(
            Kind::PriceAsText,
            &glass,
            priced(DETAIL, &json!("面议")),
            Expect::Word(&["malformed"]),
        )
        .with(
            Kind::NoCurrency,
            &glass,
            DETAIL,
            family(1760, 120, &[1760, 1600]),
        )
        .with(
            Kind::ErrorBody,
            &glass,
            gateway("gw.QosAppFrequencyLimit"),
            Expect::Word(&["rate_limited"]),
        )
        .with(
            Kind::ErrorBody,
            &glass,
            gateway("gw.APIACLDecline"),
            Expect::Word(&["blocked"]),
        )
        .with(
            Kind::ErrorBody,
            &glass,
            business("没有该商品的查询权限"),
            Expect::Word(&["blocked"]),
        )
        .with(
            Kind::DuplicateIds,
            &glass,
            twice(DETAIL),
            family(1760, 120, &[1760, 1600]),
        )
        .with(
            Kind::DuplicateIds,
            &drawer,
            twice(RELATION),
            family(1290, 310, &[1290, 1350]),
        )
        .with(
            Kind::TenThousand,
            &glass,
            many(DETAIL),
            family(1760, 120, &[1760; 1_000]),
        )
        .with(
            Kind::TenThousand,
            &drawer,
            many(RELATION),
            family(1290, 310, &[1290; 1_000]),
        )
}
