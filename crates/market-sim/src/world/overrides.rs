//! Values that control has fixed.

use crate::market::{Conditions, Listing, Money};

/// Units a listing gets when it is made available without saying how many there are.
const SOME_STOCK: i64 = 25;

/// Values that control has fixed. The outer `None` leaves a value to the market; the inner `None` makes the
/// source say nothing about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Overrides {
    pub price: Option<Option<Money>>,
    pub list_price: Option<Option<Money>>,
    pub stock: Option<i64>,
    pub rank: Option<Option<u32>>,
    pub rating: Option<Option<f64>>,
    pub reviews: Option<Option<i64>>,
    pub available: Option<bool>,
    pub gone: Option<bool>,
}

impl Overrides {
    /// Adds a later change on top.
    pub fn merge(&mut self, change: Self) {
        let Self {
            price,
            list_price,
            stock,
            rank,
            rating,
            reviews,
            available,
            gone,
        } = change;
        let priced = matches!(price, Some(Some(_)));
        self.price = price.or(self.price);
        self.list_price = list_price.or(self.list_price);
        self.rank = rank.or(self.rank);
        self.rating = rating.or(self.rating);
        self.reviews = reviews.or(self.reviews);
        self.gone = gone.or(self.gone);
        if let Some(units) = stock {
            self.stock = Some(units);
            // Stock that was put there is there to be bought.
            self.available = (units > 0).then_some(true);
        }
        if available == Some(true) && self.stock == Some(0) {
            self.stock = Some(SOME_STOCK);
        }
        self.available = available.or(self.available);
        if priced && self.available.is_none() && self.stock.is_none() {
            // A price that was set must not be hidden by an outage of the market's own.
            self.available = Some(true);
        }
    }

    /// Puts the fixed values in the place of the market's.
    pub fn apply(&self, listing: &Listing, now: &mut Conditions) {
        if let Some(price) = self.price {
            now.price = price;
            for sku in &mut now.skus {
                sku.price = price.map(|p| Money::new(p.minor * sku.boxes, p.currency));
                sku.discount_price = sku.price;
            }
        }
        if let Some(list_price) = self.list_price {
            now.list_price = list_price;
            for sku in &mut now.skus {
                let full = list_price.map(|p| Money::new(p.minor * sku.boxes, p.currency));
                sku.price = full.or(sku.discount_price);
            }
        }
        if let Some(Some(rank)) = self.rank {
            let leaf = listing.offering().map_or(1.0, |offering| {
                f64::from(offering.leaf_rank) / f64::from(offering.rank.max(1))
            });
            for (place, entry) in now.ranks.iter_mut().enumerate() {
                let share = if place == 0 { 1.0 } else { leaf };
                entry.rank = ((f64::from(rank) * share).round() as u32).max(1);
            }
        } else if self.rank == Some(None) {
            now.ranks.clear();
        }
        now.rating = self.rating.unwrap_or(now.rating);
        now.review_count = self.reviews.unwrap_or(now.review_count);
        now.gone = self.gone.unwrap_or(now.gone);
        self.apply_stock(now);
    }

    fn apply_stock(&self, now: &mut Conditions) {
        let wanted = match (self.stock, self.available) {
            (_, Some(false)) => Some(0),
            (Some(units), _) => Some(units),
            (None, Some(true)) if now.stock == 0 => Some(SOME_STOCK),
            _ => None,
        };
        if let Some(units) = wanted {
            now.stock = units;
            // One place for the number to be, so that neither the first SKU nor the sum misleads.
            for (place, sku) in now.skus.iter_mut().enumerate() {
                sku.stock = if place == 0 { units } else { 0 };
                sku.locked = sku.locked.min(sku.stock);
            }
        }
        if self.available == Some(true) {
            now.up_time = now.up_time.map(|start| start.min(now.at));
        }
        now.sellable = self.available.unwrap_or(now.sellable);
    }
}
