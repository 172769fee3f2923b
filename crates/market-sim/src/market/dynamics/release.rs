//! PopMart: label prices, counted stock, drops and announcements.

use chrono::{DateTime, Utc};

use super::{Conditions, DAY, HOUR, MINUTE, price, stock};
use crate::market::{
    listing::{Listing, Release},
    noise::Noise,
    snapshot::SkuState,
};

/// The next start of sale of an announced product, always three days ahead or more: its launch is put off
/// again and again, so that the market has an announcement at any time.
fn announced(now: i64) -> i64 {
    let season = 45 * DAY;
    ((now + 3 * DAY).div_euclid(season) + 1) * season + 2 * HOUR
}

/// What moves about a PopMart listing.
pub(crate) fn conditions(
    noise: Noise,
    listing: &Listing,
    release: &Release,
    at: DateTime<Utc>,
) -> Conditions {
    let now = at.timestamp();
    let up_time = if release.pre_order {
        DateTime::from_timestamp(announced(now), 0).unwrap_or(release.released)
    } else {
        release.released
    };
    let discount = price::popmart_discount(noise, now).filter(|_| !release.limited);
    let skus: Vec<SkuState> = release
        .skus
        .iter()
        .map(|sku| {
            let noise = noise.of(&sku.id);
            let units = if up_time > at {
                0
            } else if release.limited {
                stock::drop(noise, now).units
            } else {
                // Whole sets are delivered in smaller numbers.
                (stock::popmart(noise, listing, now).units + sku.boxes - 1) / sku.boxes
            };
            let paid = discount.map_or(sku.price, |factor| sku.price.scaled(factor).charming());
            let held = noise.of("carts").nth(now.div_euclid(5 * MINUTE)).below(4) as i64;
            SkuState {
                id: sku.id.clone(),
                title: sku.title.clone(),
                price: Some(sku.price),
                discount_price: Some(paid),
                stock: units,
                locked: held.min(units),
                boxes: sku.boxes,
            }
        })
        .collect();
    Conditions {
        at,
        price: skus.first().and_then(|sku| sku.discount_price),
        list_price: skus.first().and_then(|sku| sku.price),
        seller: None,
        stock: skus.iter().map(|sku| sku.stock).sum(),
        ranks: Vec::new(),
        rating: None,
        review_count: None,
        bought_past_month: None,
        skus,
        up_time: Some(up_time),
        sellable: true,
        gone: false,
    }
}
