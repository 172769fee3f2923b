//! What an alert shows.

use chrono::{DateTime, Utc};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::{BasisPoints, ContentChange, Kind, Metric, Severity};
use crate::money::{Currency, Money};

/// A value of a metric: money for prices, a plain number else. Numbers of different currencies are not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// A price.
    Money(Money),
    /// A rank, a count, hundredths of a star.
    Number(i64),
}

impl Amount {
    /// The bare number: minor units of a price.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Money(money) => money.minor,
            Self::Number(number) => number,
        }
    }

    /// The currency of a price.
    #[must_use]
    pub const fn currency(self) -> Option<Currency> {
        match self {
            Self::Money(money) => Some(money.currency),
            Self::Number(_) => None,
        }
    }

    /// Another number of the same unit.
    #[must_use]
    pub const fn with(self, number: i64) -> Self {
        match self {
            Self::Money(money) => Self::Money(Money::from_minor(number, money.currency)),
            Self::Number(_) => Self::Number(number),
        }
    }

    /// Whether the two have one unit.
    #[must_use]
    pub fn comparable(self, other: Self) -> bool {
        self.currency() == other.currency()
    }
}

/// A figure before or after: money, a number or a text; in JSON null where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// There is none.
    None,
    /// A price.
    Money(Money),
    /// A rank or a count.
    Number(i64),
    /// Hundredths of a star, shown as stars.
    Stars(i64),
    /// A seller, a word for availability, a title.
    Text(String),
}

impl Figure {
    /// A metric's value as people read it.
    #[must_use]
    pub const fn of(metric: Metric, amount: Amount) -> Self {
        match (metric, amount) {
            (_, Amount::Money(money)) => Self::Money(money),
            (Metric::Rating, Amount::Number(number)) => Self::Stars(number),
            (_, Amount::Number(number)) => Self::Number(number),
        }
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Money(money) => money.serialize(serializer),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Stars(hundredths) => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "at most 500; two decimals survive a double"
                )]
                let stars = *hundredths as f64 / 100.0;
                serializer.serialize_f64(stars)
            }
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// What a value was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BaselineKind {
    /// The last value really seen.
    Previous,
    /// The median of some days.
    Median,
    /// The time-weighted average of some days.
    Average,
    /// The value when the product was first tracked.
    Tracked,
    /// A value that the rule names.
    Fixed,
    /// A limit that the rule names.
    Limit,
    /// The lowest of some days.
    Lowest,
    /// The highest of some days.
    Highest,
}

impl BaselineKind {
    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Previous => "previous",
            Self::Median => "median",
            Self::Average => "average",
            Self::Tracked => "tracked",
            Self::Fixed => "fixed",
            Self::Limit => "limit",
            Self::Lowest => "lowest",
            Self::Highest => "highest",
        }
    }
}

/// A rule that fired at one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub kind: Kind,
    /// The figure that it is about, if it is about one.
    pub metric: Option<Metric>,
    /// How much it matters.
    pub severity: Severity,
    /// What the value is compared with.
    pub before: Figure,
    /// The value now.
    pub after: Figure,
    /// The signed move between the two, where there is one.
    pub change: Option<BasisPoints>,
    /// What `before` is, of figures.
    pub baseline: Option<BaselineKind>,
    /// The days of that baseline.
    pub days: Option<u16>,
    /// The limit that was passed, of a level.
    pub limit: Option<Amount>,
    /// What a listing says otherwise, of content.
    pub changes: Vec<ContentChange>,
}
