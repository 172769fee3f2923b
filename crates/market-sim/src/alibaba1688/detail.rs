//! A product's detail.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::{
    business,
    gateway::{Answer, Asked},
    success,
};
use crate::{
    images,
    market::{Availability, ListingKey, Money, SkuState, Source, Wholesale},
    server::FaultKind,
    world::{Look, Seen},
};

/// SKUs under a `many_skus` fault.
const MANY: i64 = 10_000;

/// `product.search.queryProductDetail`; `None` when the parameter names no offer.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Answer> {
    let id = asked.number("offerId")?.to_string();
    if asked.text("country").is_empty() {
        return None;
    }
    let body = match asked
        .world
        .look(&ListingKey::new(Source::Alibaba1688, "CN", id.clone()))
    {
        Look::Sample(body) => body,
        Look::Seen(seen) if seen.snapshot.availability != Availability::NotFound => {
            let mut product = product(&seen, &asked.base);
            spoil(asked, &mut product);
            success(&product)
        }
        Look::Seen(_) | Look::Unknown => business(&format!("商品[{id}]不存在")),
    };
    Some((body, vec![id]))
}

/// Spoils what the answer says, if that was ordered.
fn spoil(asked: &Asked<'_>, product: &mut Value) {
    for (kind, price) in [(FaultKind::ZeroPrice, "0"), (FaultKind::WordPrice, "面议")] {
        if asked.spoiled(kind) {
            let sale = &mut product["productSaleInfo"]["priceRangeList"];
            for row in sale.as_array_mut().into_iter().flatten() {
                row["price"] = json!(price);
            }
            let skus = product["productSkuInfos"].as_array_mut();
            for row in skus.into_iter().flatten() {
                row["price"] = json!(price);
            }
        }
    }
    if let Some(skus) = product["productSkuInfos"].as_array_mut() {
        if asked.spoiled(FaultKind::DuplicateRows) {
            skus.extend_from_within(..);
        }
        if asked.spoiled(FaultKind::ManySkus)
            && let Some(model) = skus.first().cloned()
        {
            skus.extend((skus.len() as i64..MANY).map(|number| {
                let mut sku = model.clone();
                sku["skuId"] = json!(5_900_000_000_000 + number);
                sku
            }));
        }
    }
}

fn product(seen: &Seen, base: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let Some(wholesale) = listing.wholesale() else {
        return Value::Null;
    };
    let [top, second, third] = wholesale.categories;
    let picture = |view| images::url(base, &listing.key, view);
    let id = offer_id(seen);
    let skus: Vec<Value> = wholesale
        .skus
        .iter()
        .zip(&snapshot.skus)
        .map(|(form, state)| sku(&form.property, state, wholesale.quote, &picture(2)))
        .collect();
    let parcels: Vec<Value> = snapshot
        .skus
        .iter()
        // The id is a text here and a number among the SKUs.
        .map(|state| json!({ "skuId": state.id, "width": 0, "length": 0, "height": 0, "weight": kilograms(wholesale) }))
        .collect();
    json!({
        "offerId": id,
        "categoryId": third,
        "categoryName": null,
        "topCategoryId": top,
        "secondCategoryId": second,
        "thirdCategoryId": third,
        "subject": listing.title,
        "subjectTrans": wholesale.english,
        "description": format!("<div><p>{}&nbsp;{}</p><img src=\"{}\"/></div>", listing.brand, listing.title, picture(3)),
        "mainVideo": null,
        "detailVideo": null,
        "productImage": { "images": [picture(1), picture(2), picture(3)] },
        "productAttribute": [
            attribute("2176", ("品牌", &listing.brand), ("Brand", &listing.brand)),
            attribute("287", ("材质", &wholesale.material), ("Material", &wholesale.material)),
        ],
        "productSkuInfos": skus,
        "productSaleInfo": sale(seen, wholesale),
        "productShippingInfo": {
            "sendGoodsAddressText": wholesale.supplier.ships_from,
            "weight": if snapshot.skus.is_empty() { kilograms(wholesale) } else { Value::Null },
            "width": null, "height": null, "length": null,
            "shippingTimeGuarantee": "shipIn48Hours",
            "skuShippingDetails": parcels,
        },
        "sellerOpenId": wholesale.supplier.open_id,
        "companyName": wholesale.supplier.company,
        "sellerDataInfo": {
            "tradeMedalLevel": "3",
            "compositeServiceScore": "4.0",
            "repeatPurchasePercent": "0.4312",
            "collect30DayWithin48HPercent": null,
        },
        "sellerMixSetting": null,
        "status": if snapshot.sellable { "published" } else { "expired" },
        // Units sold, not a flag.
        "soldOut": snapshot.bought_past_month.unwrap_or(0).to_string(),
        "tagInfoList": [
            { "key": "isOnePsale", "value": wholesale.min_order == 1 },
            { "key": "isSupportMix", "value": true },
            { "key": "noReason7DReturn", "value": false },
        ],
        "isJxhy": false,
        "minOrderQuantity": wholesale.min_order,
        "batchNumber": null,
        "productCargoNumber": format!("SIM-{}", id % 100_000),
        "promotionModel": null,
        "tradeScore": "4.8",
        "sellingPoint": null,
        "offerIdentities": ["tp_member"],
        "createDate": created(id),
    })
}

/// The number behind an offer's id; control takes no other.
pub(super) fn offer_id(seen: &Seen) -> i64 {
    seen.listing.key.external_id.parse().unwrap_or_default()
}

/// When the offer was made, in China's time.
pub(super) fn created(id: i64) -> String {
    let at = DateTime::from_timestamp(1_690_000_000, 0).unwrap_or_default()
        + TimeDelta::hours(id % 15_000);
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn attribute(id: &str, own: (&str, &str), translated: (&str, &str)) -> Value {
    json!({
        "attributeId": id,
        "attributeName": own.0,
        "value": own.1,
        "attributeNameTrans": translated.0,
        "valueTrans": translated.1,
    })
}

fn sku(property: &str, state: &SkuState, quote: i64, picture: &str) -> Value {
    let id: i64 = state.id.parse().unwrap_or_default();
    json!({
        "amountOnSale": state.stock,
        // Quoted by quantity, a SKU has no price of its own.
        "price": if quote == 1 { yuan(state.price) } else { Value::Null },
        "promotionPrice": if quote == 1 { promotion(state.price, state.discount_price) } else { Value::Null },
        "jxhyPrice": null,
        "skuId": id,
        "specId": format!("{id:032x}"),
        "skuAttributes": [{
            "attributeId": 3_216,
            "attributeName": property,
            "attributeNameTrans": property,
            "value": state.title,
            "valueTrans": state.title,
            "skuImageUrl": picture,
        }],
        "cargoNumber": format!("SIM-{}", id % 1_000_000),
    })
}

fn sale(seen: &Seen, wholesale: &Wholesale) -> Value {
    let snapshot = &seen.snapshot;
    let full = snapshot.list_price.or(snapshot.price);
    let share = |amount: Option<Money>, percent: i64| {
        amount.map(|amount| Money::new(amount.minor * percent / 100, amount.currency))
    };
    let single = [(wholesale.min_order, 100)];
    let ranges: &[(i64, i64)] = match wholesale.ranges.is_empty() {
        true => &single,
        false => &wholesale.ranges,
    };
    let rows: Vec<Value> = ranges
        .iter()
        .map(|(from, percent)| {
            let reduced = promotion(share(full, *percent), share(snapshot.price, *percent));
            json!({ "startQuantity": from, "price": yuan(share(full, *percent)), "promotionPrice": reduced })
        })
        .collect();
    json!({
        "priceRanges": null,
        "amountOnSale": snapshot.stock.unwrap_or(0),
        "priceRangeList": rows,
        "quoteType": wholesale.quote,
        "consignPrice": null,
        "unitInfo": { "unit": wholesale.unit.0, "transUnit": wholesale.unit.1 },
    })
}

/// A price as the platform writes it: a text in yuan.
pub(super) fn yuan(amount: Option<Money>) -> Value {
    amount.map_or(Value::Null, |amount| json!(amount.to_string()))
}

/// The price of a promotion, while there is one.
pub(super) fn promotion(full: Option<Money>, paid: Option<Money>) -> Value {
    match (full, paid) {
        (Some(full), Some(paid)) if paid.minor < full.minor => yuan(Some(paid)),
        _ => Value::Null,
    }
}

fn kilograms(wholesale: &Wholesale) -> Value {
    json!(wholesale.grams as f64 / 1_000.0)
}
