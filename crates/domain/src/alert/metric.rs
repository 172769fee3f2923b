//! Figures that rules watch.

use serde::{Deserialize, Serialize};

use super::Kind;

/// A figure that tests compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The offered price.
    Price,
    /// The price before discount.
    ListPrice,
    /// The price in the buy box.
    BuyBoxPrice,
    /// The rank in the root category; 1 is the best.
    Rank,
    /// Hundredths of a star.
    Rating,
    /// Number of ratings or reviews.
    ReviewCount,
    /// Units left.
    StockQuantity,
}

impl Metric {
    /// Every metric with its name in the API and the tables.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Price, "price"),
        (Self::ListPrice, "list_price"),
        (Self::BuyBoxPrice, "buy_box_price"),
        (Self::Rank, "rank"),
        (Self::Rating, "rating"),
        (Self::ReviewCount, "review_count"),
        (Self::StockQuantity, "stock_quantity"),
    ];

    /// The name in the API and the tables.
    #[must_use]
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

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(metric, _)| metric)
    }

    /// Whether it is an amount of money.
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Price | Self::ListPrice | Self::BuyBoxPrice)
    }

    /// What a move of it is about.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Price | Self::ListPrice | Self::BuyBoxPrice => Kind::Price,
            Self::Rank => Kind::Rank,
            Self::Rating => Kind::Rating,
            Self::ReviewCount => Kind::ReviewCount,
            Self::StockQuantity => Kind::Stock,
        }
    }

    /// Its place in a table of all metrics.
    pub(super) const fn place(self) -> usize {
        self as usize
    }
}
