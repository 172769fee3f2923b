//! From looks at a listing to lines of its figures.

use chrono::{DateTime, Utc};

use super::Line;
use crate::availability::Availability;
use crate::money::{Currency, Money};
use crate::observation::{Offer, Values};

/// What statistics need to know of one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether there was an offer.
    pub offer: Offer,
    /// The price, with an offer only.
    pub price: Option<Money>,
    /// Whether it could be bought, where the look learnt it.
    pub in_stock: Option<bool>,
    /// How it could be had.
    pub availability: Availability,
    /// Units left, where the look learnt it.
    pub stock_quantity: Option<i32>,
    /// The rank in the root category.
    pub rank: Option<i32>,
}

impl Look {
    /// What a look that saw these values says.
    #[must_use]
    pub fn of(at: DateTime<Utc>, values: &Values) -> Self {
        Self {
            at,
            offer: values.offer,
            price: values.money(values.price),
            in_stock: values.in_stock,
            availability: values.availability,
            stock_quantity: values.stock_quantity,
            rank: values.rank(),
        }
    }

    /// Whether the product could be bought; nothing where the look did not learn it.
    ///
    /// Without an offer it could not, whatever else the page says. Then what the source says counts, then the word for
    /// availability; something with a price and no word about stock can be bought.
    #[must_use]
    pub fn could_be_bought(&self) -> Option<bool> {
        if self.offer == Offer::None {
            return Some(false);
        }
        self.in_stock.or(match self.availability {
            Availability::InStock | Availability::PreOrder => Some(true),
            Availability::OutOfStock
            | Availability::ComingSoon
            | Availability::Discontinued
            | Availability::NotFound => Some(false),
            Availability::Unknown => (self.offer == Offer::Offered).then_some(true),
        })
    }
}

/// The price in the newest currency, and that currency.
#[must_use]
pub fn price_line(looks: &[Look], end: DateTime<Utc>) -> (Option<Currency>, Line) {
    let newest = looks
        .iter()
        .filter(|look| look.at <= end)
        .filter_map(|look| Some((look.at, look.price?.currency)))
        .max_by_key(|(at, _)| *at);
    let currency = newest.map(|(_, currency)| currency);
    let seen = looks.iter().filter_map(|look| match look.offer {
        Offer::NotCollected => None,
        Offer::None => Some((look.at, None)),
        Offer::Offered => look.price.map(|price| {
            let comparable = currency == Some(price.currency);
            (look.at, comparable.then_some(price.minor))
        }),
    });
    (currency, Line::new(seen, end))
}

/// The rank in the root category; 1 is the best.
#[must_use]
pub fn rank_line(looks: &[Look], end: DateTime<Utc>) -> Line {
    let seen = looks
        .iter()
        .filter_map(|look| Some((look.at, Some(i64::from(look.rank?)))));
    Line::new(seen, end)
}

/// Whether the product could be bought: 1, or not: 0.
#[must_use]
pub fn stock_line(looks: &[Look], end: DateTime<Utc>) -> Line {
    let seen = looks
        .iter()
        .filter_map(|look| Some((look.at, Some(i64::from(look.could_be_bought()?)))));
    Line::new(seen, end)
}

/// Units left, where the source tells.
#[must_use]
pub fn quantity_line(looks: &[Look], end: DateTime<Utc>) -> Line {
    let seen = looks
        .iter()
        .filter_map(|look| Some((look.at, Some(i64::from(look.stock_quantity?)))));
    Line::new(seen, end)
}
