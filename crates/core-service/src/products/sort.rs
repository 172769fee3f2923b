//! In which order, and the place of a product in it.

use chrono::DateTime;
use http_kit::Cursor;
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conditions::Binds;
use super::search::{How, Search};

/// Orders of the product list; `-` is descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Sort {
    /// What fits the search best first.
    #[serde(rename = "relevance")]
    Relevance,
    /// Newest watched first.
    #[serde(rename = "-created_at")]
    Created,
    /// Last changed first.
    #[serde(rename = "-last_changed_at")]
    Changed,
    /// By title.
    #[serde(rename = "title")]
    Title,
    /// Cheapest first.
    #[serde(rename = "price")]
    Price,
    /// Dearest first.
    #[serde(rename = "-price")]
    PriceDescending,
    /// Best rank first.
    #[serde(rename = "rank")]
    Rank,
    /// Worst rank first.
    #[serde(rename = "-rank")]
    RankDescending,
    /// Best rated first.
    #[serde(rename = "-rating")]
    Rating,
    /// Most reviewed first.
    #[serde(rename = "-review_count")]
    ReviewCount,
    /// By the last move of the price, the biggest fall first.
    #[serde(rename = "price_change")]
    PriceChange,
    /// By the last move of the price, the biggest rise first.
    #[serde(rename = "-price_change")]
    PriceChangeDescending,
    /// Most popular within its category first.
    #[serde(rename = "-popularity")]
    Popularity,
}

/// What an order goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The expression over `catalog.shelved`.
    pub sql: String,
    /// The same as text, for a cursor.
    pub text: String,
    /// Largest first.
    pub descending: bool,
    /// The column that says whether it is known, when it may be unknown; what is comes last in either direction.
    pub column: Option<&'static str>,
}

/// How a key is written in a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    /// Microseconds since 1970.
    Time,
}

impl Sort {
    /// What the order goes by.
    pub fn key(self, search: Option<&Search>, how: How, binds: &mut Binds) -> Key {
        let sql = match (self, search) {
            (Self::Relevance, Some(search)) => search.relevance(how, binds),
            (Self::Relevance, None) => "0::bigint".to_owned(),
            (Self::Title, _) => "title collate \"C\"".to_owned(),
            _ => self.column().unwrap_or("watched_at").to_owned(),
        };
        let text = match self.kind() {
            Kind::Time => format!("(extract(epoch from {sql}) * 1000000)::bigint::text"),
            Kind::Text => "title".to_owned(),
            Kind::Number => format!("({sql})::text"),
        };
        Key {
            sql,
            text,
            descending: !matches!(
                self,
                Self::Title | Self::Price | Self::Rank | Self::PriceChange
            ),
            column: self.column(),
        }
    }

    /// The column of a key that may be unknown.
    pub const fn column(self) -> Option<&'static str> {
        Some(match self {
            Self::Relevance | Self::Created => return None,
            Self::Changed => "changed_at",
            Self::Title => "title",
            Self::Price | Self::PriceDescending => "price",
            Self::Rank | Self::RankDescending => "rank",
            Self::Rating => "rating",
            Self::ReviewCount => "review_count",
            Self::PriceChange | Self::PriceChangeDescending => "price_change",
            Self::Popularity => "popularity",
        })
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Created | Self::Changed => Kind::Time,
            Self::Title => Kind::Text,
            _ => Kind::Number,
        }
    }

    /// The key in a cursor as a parameter; `None` when it is not one of this order.
    pub fn parameter(self, key: &str) -> Option<Value> {
        Some(match self.kind() {
            Kind::Time => DateTime::from_timestamp_micros(key.parse().ok()?)?.into(),
            Kind::Text => key.into(),
            Kind::Number => key.parse::<i64>().ok()?.into(),
        })
    }
}

/// The place of a product in a list: its order, how the search was read, its key as text unless that is unknown, its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub Sort, pub How, pub Option<String>, pub i64);

impl From<Place> for Cursor {
    fn from(place: Place) -> Self {
        Self::after(&place)
    }
}
