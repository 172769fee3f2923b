//! Whether and how a product can be had.

use serde::{Deserialize, Serialize};

/// What a listing says about getting the product.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Can be bought now.
    InStock,
    /// Listed, sold out for now.
    OutOfStock,
    /// Can be ordered before its release.
    PreOrder,
    /// Announced, not yet on sale.
    ComingSoon,
    /// Listed, never to be sold again.
    Discontinued,
    /// The source does not know the product.
    NotFound,
    /// The crawl did not learn it.
    #[default]
    Unknown,
}

impl Availability {
    /// Every value with its name in the API and the tables.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::InStock, "in_stock"),
        (Self::OutOfStock, "out_of_stock"),
        (Self::PreOrder, "pre_order"),
        (Self::ComingSoon, "coming_soon"),
        (Self::Discontinued, "discontinued"),
        (Self::NotFound, "not_found"),
        (Self::Unknown, "unknown"),
    ];

    /// The name in the API and the tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::OutOfStock => "out_of_stock",
            Self::PreOrder => "pre_order",
            Self::ComingSoon => "coming_soon",
            Self::Discontinued => "discontinued",
            Self::NotFound => "not_found",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(value, _)| value)
    }
}
