//! Products as the RPC tells them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{details::minor, lists::is_hot};
use crate::{
    images,
    market::{Availability, ListingKey, Noise},
    world::Seen,
};

/// The id of a listing, or of one of its SKUs, in this generation; numbers of the one before do not map.
pub(super) fn uuid_of(key: &ListingKey, sku: &str) -> String {
    let noise = Noise::new(3).of(&key.to_string()).of(sku);
    let (high, low) = (noise.nth(0).raw(), noise.nth(1).raw());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

fn tags(seen: &Seen) -> Vec<&'static str> {
    match seen.snapshot.availability {
        Availability::PreOrder => vec!["COMING_SOON"],
        Availability::OutOfStock => vec!["OUT_OF_STOCK"],
        _ if is_hot(seen) => vec!["HOT"],
        _ => Vec::new(),
    }
}

fn names(text: &str) -> Value {
    json!({ "en": text })
}

fn slug(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn start(seen: &Seen) -> Option<String> {
    seen.snapshot
        .up_time
        .map(|start| start.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// A product in a collection. `stock` is a level, not a count: 0 none, 2 available.
pub(super) fn summary(seen: &Seen, base: &str) -> Value {
    let listing = &seen.listing;
    let announced = seen.snapshot.availability == Availability::PreOrder;
    let level = if seen.snapshot.in_stock() || announced {
        2
    } else {
        0
    };
    json!({
        "id": uuid_of(&listing.key, ""),
        "name_trans": names(&listing.title),
        "slugTitle": slug(&listing.title),
        "price": minor(seen.snapshot.price),
        "currency": listing.price.currency.code(),
        "tags": tags(seen),
        "stock": level,
        "businessType": "shop",
        "saleStartAt": start(seen),
        "npcImages_trans": {},
        "bannerImages": [{ "link_trans": names(&images::url(base, &listing.key, 1)) }],
        "sceneImages_trans": {},
    })
}

/// A product among search results.
pub(super) fn hit(seen: &Seen, base: &str) -> Value {
    let listing = &seen.listing;
    json!({
        "id": uuid_of(&listing.key, ""),
        "name": listing.title,
        "type": "normal",
        "channel": "shop",
        "price": minor(seen.snapshot.price),
        "mainImage": images::url(base, &listing.key, 1),
        "tags": tags(seen),
        "ipName": listing.brand,
        "slugTitle": slug(&listing.title),
        "saleStartAt": start(seen),
        "areaCodes": [listing.key.marketplace],
    })
}

/// `public_FindOne`.
pub(super) fn one(seen: &Seen, now: DateTime<Utc>) -> Value {
    let listing = &seen.listing;
    let skus: Vec<Value> = seen
        .snapshot
        .skus
        .iter()
        .map(|sku| {
            json!({
                "id": uuid_of(&listing.key, &sku.id),
                "tmpStock": sku.stock,
                "price": minor(sku.discount_price),
                "name_trans": names(&sku.title),
            })
        })
        .collect();
    json!({ "json": {
        "id": uuid_of(&listing.key, ""),
        "name_trans": names(&listing.title),
        "slugTitle": slug(&listing.title),
        "publish": true,
        "show": true,
        "saleStartAt": start(seen),
        "saleEndAt": null,
        "currentTimestamp": now.timestamp_millis(),
        "skus": skus,
        "sales": 0,
        "indexData": { "remainStock": seen.snapshot.stock.unwrap_or(0) },
    }})
}

/// Units by SKU id, of the SKUs asked for or of all.
pub(super) fn stock(seen: &Seen, wanted: Option<&[&str]>) -> Map<String, Value> {
    let skus = seen.snapshot.skus.iter();
    skus.map(|sku| (uuid_of(&seen.listing.key, &sku.id), json!(sku.stock)))
        .filter(|(id, _)| wanted.is_none_or(|wanted| wanted.contains(&id.as_str())))
        .collect()
}
