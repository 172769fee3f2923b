//! How listings move: pure functions of the seed, the listing and the instant.
//!
//! Nothing here remembers anything. Time is cut into irregular windows, each window draws its level from the
//! seed, and whatever is asked twice comes out the same, also for an instant long past.

mod alibaba1688;
mod haier;
mod price;
mod rank;
mod release;
mod reviews;
mod stock;
mod web;

use chrono::{DateTime, Utc};

use super::{
    listing::{Detail, Listing, Seller},
    money::Money,
    noise::Noise,
    snapshot::{Availability, Rank, SkuState, Snapshot},
};

/// 2026-01-01T00:00:00Z, from which reviews are counted.
pub(crate) const EPOCH: i64 = 1_767_225_600;
pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 86_400;

/// Everything that moves, before it is settled what a shop would show of it. Kept apart from
/// [`Snapshot`] because a price goes on existing while it is hidden by an outage.
#[derive(Debug, Clone)]
pub(crate) struct Conditions {
    pub at: DateTime<Utc>,
    pub price: Option<Money>,
    pub list_price: Option<Money>,
    pub seller: Option<Seller>,
    pub stock: i64,
    pub ranks: Vec<Rank>,
    pub rating: Option<f64>,
    pub review_count: Option<i64>,
    pub bought_past_month: Option<i64>,
    pub skus: Vec<SkuState>,
    pub up_time: Option<DateTime<Utc>>,
    /// False while the shop refuses to sell although it may have stock.
    pub sellable: bool,
    /// True once the source has forgotten the listing.
    pub gone: bool,
}

impl Conditions {
    /// What moves about `listing` at `at`.
    pub fn of(seed: Noise, listing: &Listing, at: DateTime<Utc>) -> Self {
        let noise = seed.of(&listing.key.to_string());
        match &listing.detail {
            Detail::Amazon(offering) => {
                let now = at.timestamp();
                let level = stock::amazon(noise, listing, now);
                let priced = price::amazon(noise, listing, offering, now);
                let seller = offering.sellers.get(priced.seller).cloned();
                Self {
                    at,
                    price: Some(priced.price),
                    list_price: priced.list_price,
                    seller,
                    stock: level.units,
                    ranks: rank::ranks(noise, listing, offering, now),
                    rating: Some(reviews::rating(noise, offering, now)),
                    review_count: Some(reviews::count(noise, offering, now)),
                    bought_past_month: Some(reviews::bought_past_month(offering)),
                    skus: Vec::new(),
                    up_time: None,
                    sellable: true,
                    gone: false,
                }
            }
            Detail::Popmart(release) => release::conditions(noise, listing, release, at),
            Detail::Haier(appliance) => haier::conditions(noise, listing, appliance, at),
            Detail::Alibaba1688(wholesale) => {
                alibaba1688::conditions(noise, listing, wholesale, at)
            }
            Detail::Web(shown) => web::conditions(noise, listing, shown, at),
        }
    }

    /// What the shop shows.
    pub fn settle(self, listing: &Listing) -> Snapshot {
        let waiting = self.up_time.is_some_and(|start| start > self.at);
        let availability = if self.gone {
            Availability::NotFound
        } else if waiting {
            Availability::PreOrder
        } else if self.sellable && self.stock > 0 {
            Availability::InStock
        } else {
            Availability::OutOfStock
        };
        // Amazon hides the offer of what cannot be bought, Haier that of what it does not take orders for; PopMart
        // 1688 and the web shop go on showing the label price.
        let hidden = match &listing.detail {
            Detail::Amazon(_) => availability != Availability::InStock,
            Detail::Haier(_) => !self.sellable,
            Detail::Popmart(_) | Detail::Alibaba1688(_) | Detail::Web(_) => false,
        };
        let hidden = hidden || self.gone;
        let price = self.price.filter(|_| !hidden);
        Snapshot {
            at: self.at,
            availability,
            price,
            list_price: self
                .list_price
                .filter(|list| price.is_some_and(|p| list.minor > p.minor)),
            seller: self.seller.filter(|_| !hidden),
            stock: Some(if self.sellable { self.stock } else { 0 }).filter(|_| !self.gone),
            ranks: self.ranks,
            rating: self.rating,
            review_count: self.review_count,
            bought_past_month: self.bought_past_month,
            skus: self.skus,
            sellable: self.sellable,
            up_time: self.up_time,
        }
    }
}
