//! A product as `productDetails` tells it.

use serde_json::{Value, json};

use crate::{
    images,
    market::{Money, SkuState},
    world::Seen,
};

/// `data` of productDetails.
pub(super) fn product(seen: &Seen, base: &str) -> Value {
    let (listing, snapshot) = (&seen.listing, &seen.snapshot);
    let release = listing.release();
    let collection = release.map_or(0, |release| release.collection);
    let limit = release.map_or(0, |release| release.per_customer);
    let up_time = snapshot.up_time.map_or(0, |start| start.timestamp());
    let picture = |view| images::url(base, &listing.key, view);
    let series = json!({ "id": collection, "name": listing.brand });
    json!({
        "id": listing.key.external_id,
        "title": listing.title,
        "subTitle": sub_title(seen),
        "brandId": collection,
        "type": "normal",
        "show": true,
        "isPublish": true,
        "showTime": (up_time - 86_400).max(0),
        "hideTime": 0,
        "upTime": up_time,
        "downTime": 0,
        "mainImage": picture(1),
        "desc": "",
        "parameters": [{
            "id": 1,
            "value": release.map_or("", |release| release.material.as_str()),
            "parameterID": 1,
        }],
        "skus": snapshot.skus.iter().map(|sku| sku_row(sku, listing.price, limit, &picture(1))).collect::<Vec<_>>(),
        "isAvailable": snapshot.in_stock(),
        "limitQuantity": limit,
        "purchasedQuantity": 0,
        "shareURL": listing.key.url(),
        "logicCategory": { "id": 0, "name": listing.breadcrumbs.first() },
        "qualify": true,
        "showCategories": [{
            "id": collection,
            "name": listing.brand,
            "position": "",
            "recommended": false,
            "alias": "",
        }],
        "banners": [{
            "type": "image",
            "values": [
                { "url": picture(1), "cover": {} },
                { "url": picture(2), "cover": {} },
                { "url": picture(3), "cover": {} },
            ],
        }],
        "spec": "",
        "brand": series,
        "spuExtID": collection * 5,
        "userQualificationInfo": { "id": 0, "startAt": 0, "endAt": 0 },
        "spuURL": { "appPath": "", "webPath": "", "type": 0, "extraDesc": "" },
        "expressType": "",
        "saleChannel": "",
    })
}

/// "Limited Edition" where it is one; nothing else has a subtitle.
pub(super) fn sub_title(seen: &Seen) -> &'static str {
    match seen.listing.release() {
        Some(release) if release.limited => "Limited Edition",
        _ => "",
    }
}

/// An amount in minor units, null where the source says nothing.
pub(super) fn minor(amount: Option<Money>) -> Option<i64> {
    amount.map(|amount| amount.minor)
}

fn sku_row(sku: &SkuState, price: Money, limit: i64, picture: &str) -> Value {
    json!({
        "id": sku.id,
        "title": sku.title,
        "mainImage": picture,
        "price": minor(sku.price),
        "discountPrice": minor(sku.discount_price),
        "currency": price.currency.code(),
        "stock": { "onlineStock": sku.stock, "onlineLockStock": sku.locked },
        "skuCode": format!("69{:0>11}", sku.id),
        "sendType": "",
        "limitQuantity": limit,
        "purchasedQuantity": 0,
        "platform": "",
        "specCount": sku.boxes,
        "wishListID": 0,
        "subscribeRestocking": false,
        "subscribeAvailableForSale": false,
    })
}
