//! What the single tests say.

use serde::{Deserialize, Serialize};

use super::{Amount, BaselineKind, BasisPoints, Metric};
use crate::availability::Availability;

/// A move of more than some size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Of what.
    pub metric: Metric,
    /// From where.
    pub baseline: Baseline,
    /// Which way.
    pub direction: Direction,
    /// By more than this.
    pub more_than: Size,
    /// Smaller differences are silent whatever the percentage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_step: Option<Amount>,
    /// How far within the size it must come back to be told again, in the unit of `more_than`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hysteresis: i64,
    /// Told again each time it goes this much further, in the unit of `more_than`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands fields over by reference"
)]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// What a move is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Baseline {
    /// The last value really seen: each move counts by itself.
    Previous,
    /// The value that was exceeded for half of the time of so many days.
    Median {
        /// How many.
        days: u16,
        /// With less known than this it says nothing.
        min_days: u16,
    },
    /// The average of so many days, each value counting as long as it held.
    Average {
        /// How many.
        days: u16,
        /// With less known than this it says nothing.
        min_days: u16,
    },
    /// The value when the product was first tracked.
    Tracked,
    /// This value.
    Fixed {
        /// Which.
        value: Amount,
    },
}

impl Baseline {
    /// Its name, and its days.
    #[must_use]
    pub const fn shown(self) -> (BaselineKind, Option<u16>) {
        match self {
            Self::Previous => (BaselineKind::Previous, None),
            Self::Median { days, .. } => (BaselineKind::Median, Some(days)),
            Self::Average { days, .. } => (BaselineKind::Average, Some(days)),
            Self::Tracked => (BaselineKind::Tracked, None),
            Self::Fixed { .. } => (BaselineKind::Fixed, None),
        }
    }

    /// Whether it drifts with time.
    pub(super) const fn drifts(self) -> bool {
        matches!(self, Self::Median { .. } | Self::Average { .. })
    }
}

/// Which way a move counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Only rises.
    Up,
    /// Only falls.
    Down,
    /// Either.
    Both,
}

/// One of the two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// At the limit or above it.
    Above,
    /// At the limit or below it.
    Below,
}

impl Direction {
    /// The ways that count.
    #[must_use]
    pub const fn sides(self) -> &'static [Side] {
        match self {
            Self::Up => &[Side::Above],
            Self::Down => &[Side::Below],
            Self::Both => &[Side::Above, Side::Below],
        }
    }
}

/// How much a move must exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Hundredths of a percent of the baseline.
    Percent(BasisPoints),
    /// So much, in the metric's unit.
    Absolute(Amount),
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Of what.
    pub metric: Metric,
    /// Which side of it is told.
    pub side: Side,
    /// The limit, which belongs to that side.
    pub limit: Amount,
    /// How far beyond the limit it must come back to be told again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hysteresis: i64,
    /// Told again each time it goes this much further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
}

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Lower than everything before.
    Lowest,
    /// Higher.
    Highest,
}

/// A new lowest or highest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extreme {
    /// Of what.
    pub metric: Metric,
    /// Which end.
    pub end: End,
    /// Of how many days.
    pub days: u16,
    /// With less known than this it says nothing.
    pub min_days: u16,
    /// By at least this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_step: Option<Amount>,
}

/// Another seller in the buy box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum BuyBoxEvent {
    /// Whoever it is.
    Changed,
    /// This seller holds it now.
    Won {
        /// Who.
        seller: String,
    },
    /// This seller holds it no more.
    Lost {
        /// Who.
        seller: String,
    },
}

/// The product can be had in another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AvailabilityEvent {
    /// It can be bought again.
    Restock,
    /// It cannot be bought any more.
    OutOfStock,
    /// The source has another word for it.
    Changed {
        /// What it was; empty: whatever.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<Availability>,
        /// What it is; empty: whatever.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<Availability>,
    },
}
