//! What a shop would show of a listing at one instant.

use chrono::{DateTime, Utc};

use super::{
    listing::{Seller, Source},
    money::Money,
};

/// Most units Amazon counts down in public ("Only 9 left in stock").
pub const AMAZON_SHOWN_STOCK: i64 = 20;

/// Whether and how a listing can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Can be bought now.
    InStock,
    /// Listed, not buyable now.
    OutOfStock,
    /// Announced; goes on sale later.
    PreOrder,
    /// The source does not know the listing any more.
    NotFound,
}

impl Availability {
    /// The word of the public contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::OutOfStock => "out_of_stock",
            Self::PreOrder => "pre_order",
            Self::NotFound => "not_found",
        }
    }
}

/// A best-seller rank in one category; 1 sells best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Category name.
    pub category: String,
    /// Place in it.
    pub rank: u32,
}

/// One purchasable form of a PopMart product, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkuState {
    /// Upstream id.
    pub id: String,
    /// "Single box", "Whole set".
    pub title: String,
    /// Price without discount; `None` when the source tells no price.
    pub price: Option<Money>,
    /// Price to pay.
    pub discount_price: Option<Money>,
    /// Units that can be bought.
    pub stock: i64,
    /// Units held in carts.
    pub locked: i64,
    /// Boxes in it.
    pub boxes: i64,
}

/// What a shop would show of a listing at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The instant asked for.
    pub at: DateTime<Utc>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Price to pay; `None` without an offer. For PopMart the cheapest SKU's.
    pub price: Option<Money>,
    /// Struck-through price, when there is one above `price`.
    pub list_price: Option<Money>,
    /// Who holds the buy box (Amazon).
    pub seller: Option<Seller>,
    /// Units left. Not all sources tell it: see [`Snapshot::shown_stock`].
    pub stock: Option<i64>,
    /// Best-seller ranks, root category first; empty where the source has none.
    pub ranks: Vec<Rank>,
    /// 0-5.
    pub rating: Option<f64>,
    /// Ratings or reviews counted so far.
    pub review_count: Option<i64>,
    /// Units sold in the past month, rounded down as Amazon does.
    pub bought_past_month: Option<i64>,
    /// PopMart SKUs, cheapest first.
    pub skus: Vec<SkuState>,
    /// Whether the shop takes orders for it, stock or not.
    pub sellable: bool,
    /// Start of sale (PopMart).
    pub up_time: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// The stock that the source puts on its wire: PopMart, Haier and 1688 always count, Amazon only the last
    /// [`AMAZON_SHOWN_STOCK`] units.
    #[must_use]
    pub fn shown_stock(&self, source: Source) -> Option<i64> {
        match source {
            Source::Popmart | Source::Haier | Source::Alibaba1688 => self.stock,
            Source::Web => None,
            Source::Amazon => self
                .stock
                .filter(|units| (1..=AMAZON_SHOWN_STOCK).contains(units)),
        }
    }

    /// Whether it can be bought now.
    #[must_use]
    pub fn in_stock(&self) -> bool {
        self.availability == Availability::InStock
    }
}
