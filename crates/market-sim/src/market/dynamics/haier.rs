//! What moves about an appliance that a distributor may order.

use chrono::{DateTime, Utc};

use super::{Conditions, DAY, price, stock};
use crate::market::{
    listing::{Appliance, Listing},
    noise::Noise,
};

/// The supply price, the stock of all warehouses, and whether orders are taken.
pub(super) fn conditions(
    noise: Noise,
    listing: &Listing,
    appliance: &Appliance,
    at: DateTime<Utc>,
) -> Conditions {
    let now = at.timestamp();
    let window = noise.of("sales").window(6 * DAY, now);
    let paused = appliance.erratic && noise.of("sales").nth(window.index).chance(0.2);
    Conditions {
        at,
        price: Some(price::haier(noise, listing, now)),
        list_price: Some(appliance.market_price),
        seller: None,
        stock: stock::haier(noise, listing, now).units,
        ranks: Vec::new(),
        rating: None,
        review_count: None,
        bought_past_month: None,
        skus: Vec::new(),
        up_time: None,
        sellable: !paused,
        gone: false,
    }
}
