//! What moves about a wholesale offer: its prices together, the stock of each form by itself.

use chrono::{DateTime, Utc};

use super::{Conditions, DAY, EPOCH, price, stock};
use crate::market::{
    listing::{Listing, Wholesale},
    noise::Noise,
    snapshot::SkuState,
};

/// Prices for the smallest order, and stock.
pub(super) fn conditions(
    noise: Noise,
    listing: &Listing,
    wholesale: &Wholesale,
    at: DateTime<Utc>,
) -> Conditions {
    let now = at.timestamp();
    let moved = price::wholesale(noise, listing, now);
    let paid = |full: crate::market::Money| full.scaled(moved.drift * moved.promotion);
    let skus: Vec<SkuState> = wholesale
        .skus
        .iter()
        .map(|form| SkuState {
            id: form.sku.id.clone(),
            title: form.sku.title.clone(),
            price: Some(form.sku.price.scaled(moved.drift)),
            discount_price: Some(paid(form.sku.price)),
            stock: stock::wholesale(noise.of(&form.sku.id), listing, now).units,
            locked: 0,
            boxes: 1,
        })
        .collect();
    let units = match skus.is_empty() {
        true => stock::wholesale(noise, listing, now).units,
        false => skus.iter().map(|sku| sku.stock).sum(),
    };
    // About as many as a busy offer sells; never fewer than before.
    let a_day = noise.of("sold").between(5.0, 400.0);
    let sold = (a_day * (now - EPOCH + 365 * DAY) as f64 / DAY as f64).max(0.0);
    Conditions {
        at,
        price: Some(paid(listing.price)),
        list_price: Some(listing.price.scaled(moved.drift)),
        seller: None,
        stock: units,
        ranks: Vec::new(),
        rating: None,
        review_count: None,
        bought_past_month: Some(sold as i64),
        skus,
        up_time: None,
        sellable: true,
        gone: false,
    }
}
