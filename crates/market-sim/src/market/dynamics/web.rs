//! What moves about a listing of the web shop: one price, one stock, reviews.

use chrono::{DateTime, Utc};

use super::{Conditions, DAY, EPOCH, price, stock};
use crate::market::{
    listing::{Listing, Shown},
    noise::Noise,
    snapshot::SkuState,
};

pub(super) fn conditions(
    noise: Noise,
    listing: &Listing,
    shown: &Shown,
    at: DateTime<Utc>,
) -> Conditions {
    let now = at.timestamp();
    let moved = price::wholesale(noise, listing, now);
    let label = listing.price.scaled(moved.drift).charming();
    let paid = match moved.promotion < 1.0 {
        true => label.scaled(moved.promotion).charming(),
        false => label,
    };
    let units = stock::popmart(noise, listing, now).units;
    let skus = shown.skus.iter().map(|sku| SkuState {
        id: sku.id.clone(),
        title: sku.title.clone(),
        price: Some(sku.price.scaled(moved.drift).charming()),
        discount_price: Some(sku.price.scaled(moved.drift * moved.promotion).charming()),
        stock: stock::popmart(noise.of(&sku.id), listing, now).units,
        locked: 0,
        boxes: 1,
    });
    let days = ((now - EPOCH) as f64 / DAY as f64).max(0.0);
    let reviews =
        noise.of("reviews").between(20.0, 900.0) + days * noise.of("pace").between(0.1, 2.0);
    let stars = noise.of("stars").between(38.0, 48.0).round() / 10.0;
    Conditions {
        at,
        price: Some(paid),
        list_price: Some(label),
        seller: None,
        stock: units,
        ranks: Vec::new(),
        rating: Some(stars),
        review_count: Some(reviews as i64),
        bought_past_month: None,
        skus: skus.collect(),
        up_time: None,
        sellable: true,
        gone: false,
    }
}
