//! What alerts are about.

use serde::{Deserialize, Serialize};

/// What an alert of a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A price moved.
    Price,
    /// The rank in the root category moved or passed a limit.
    Rank,
    /// The rating did.
    Rating,
    /// The number of ratings or reviews did.
    ReviewCount,
    /// The number of units left did.
    Stock,
    /// It can be bought again.
    Restock,
    /// Another seller holds the buy box.
    BuyBox,
    /// It can be had in another way, or not any more.
    Availability,
    /// Title, pictures or bullet points are others.
    Content,
    /// A price passed a limit.
    TargetPrice,
    /// A figure is lower than it was for some days.
    Lowest,
    /// A figure is higher than it was for some days.
    Highest,
}

impl Kind {
    /// Every kind with its name in the API and the tables.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Price, "price"),
        (Self::Rank, "rank"),
        (Self::Rating, "rating"),
        (Self::ReviewCount, "review_count"),
        (Self::Stock, "stock"),
        (Self::Restock, "restock"),
        (Self::BuyBox, "buy_box"),
        (Self::Availability, "availability"),
        (Self::Content, "content"),
        (Self::TargetPrice, "target_price"),
        (Self::Lowest, "lowest"),
        (Self::Highest, "highest"),
    ];

    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Rank => "rank",
            Self::Rating => "rating",
            Self::ReviewCount => "review_count",
            Self::Stock => "stock",
            Self::Restock => "restock",
            Self::BuyBox => "buy_box",
            Self::Availability => "availability",
            Self::Content => "content",
            Self::TargetPrice => "target_price",
            Self::Lowest => "lowest",
            Self::Highest => "highest",
        }
    }

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| kind)
    }
}
