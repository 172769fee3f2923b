//! What a history has lines of.

use domain::observation::{Offer, Values};

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// The price.
    Price,
    /// The price before discount.
    ListPrice,
    /// The buy box's price.
    BuyBoxPrice,
    /// The rank in the root category.
    Rank,
    /// Stars.
    Rating,
    /// Number of ratings or reviews.
    ReviewCount,
    /// Units left.
    StockQuantity,
}

/// What a metric is at one observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Not collected: no point at all.
    Unknown,
    /// Looked, and there was none: a gap.
    Gap,
    /// A figure in the metric's smallest unit.
    Value(i64),
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 7] = [
        Self::Price,
        Self::ListPrice,
        Self::BuyBoxPrice,
        Self::Rank,
        Self::Rating,
        Self::ReviewCount,
        Self::StockQuantity,
    ];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::ListPrice => "list_price",
            Self::BuyBoxPrice => "buy_box_price",
            Self::Rank => "rank",
            Self::Rating => "rating",
            Self::ReviewCount => "review_count",
            Self::StockQuantity => "stock_quantity",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }

    /// Whether its figures are amounts of a currency.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Price | Self::ListPrice | Self::BuyBoxPrice)
    }

    /// The metric's part of an observation.
    pub fn of(self, values: &Values) -> Point {
        let figure = match self {
            Self::Price => values.price,
            Self::ListPrice => values.list_price,
            Self::BuyBoxPrice => values.buy_box_price,
            Self::Rank => values.rank().map(i64::from),
            Self::Rating => values.rating_hundredths.map(i64::from),
            Self::ReviewCount => values.review_count.map(i64::from),
            Self::StockQuantity => values.stock_quantity.map(i64::from),
        };
        match figure {
            Some(figure) => Point::Value(figure),
            None if self.is_money() && values.offer == Offer::None => Point::Gap,
            None => Point::Unknown,
        }
    }
}
