//! What a rule says. The JSON of these types is what the table of rules holds.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    Amount, BaselineKind, BasisPoints, ContentField, Kind, MEMORY, Metric, Moved, SeverityChoice,
};
use crate::availability::Availability;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// When it fires.
    pub condition: Condition,
    /// How much that matters.
    pub severity: SeverityChoice,
}

/// When a rule fires: one test, or several together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// When all hold and one of them begins to.
    All(Vec<Condition>),
    /// When one of them fires.
    Any(Vec<Condition>),
    /// When this fires.
    #[serde(untagged)]
    Test(Test),
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum Test {
    /// A figure moved away from a baseline.
    Move(Move),
    /// A figure is at a limit or beyond it.
    Level(Level),
    /// A figure is lower, or higher, than it was for some days.
    Extreme(Extreme),
    /// The buy box has another seller.
    BuyBox(BuyBoxEvent),
    /// The product can be had in another way.
    Availability(AvailabilityEvent),
    /// The listing says something else of itself.
    Content {
        /// Which parts count.
        fields: Vec<ContentField>,
    },
}

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

/// What a rule is about: a more specific rule takes the place of others about the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic {
    /// What its first test raises.
    pub kind: Kind,
    /// The figure of its first test.
    pub metric: Option<Metric>,
}

impl Test {
    /// What its alerts are about.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        let (kind, metric) = match self {
            Self::Move(test) => (test.metric.kind(), Some(test.metric)),
            Self::Level(test) if test.metric.is_money() => (Kind::TargetPrice, Some(test.metric)),
            Self::Level(test) => (test.metric.kind(), Some(test.metric)),
            Self::Extreme(test) => match test.end {
                End::Lowest => (Kind::Lowest, Some(test.metric)),
                End::Highest => (Kind::Highest, Some(test.metric)),
            },
            Self::BuyBox(_) => (Kind::BuyBox, None),
            Self::Availability(AvailabilityEvent::Restock) => (Kind::Restock, None),
            Self::Availability(_) => (Kind::Availability, None),
            Self::Content { .. } => (Kind::Content, None),
        };
        Topic { kind, metric }
    }

    /// What has to move for it to fire.
    #[must_use]
    pub const fn watches(&self) -> Moved {
        match self {
            Self::Move(test) => Moved::of(test.metric),
            Self::Level(test) => Moved::of(test.metric),
            Self::Extreme(test) => Moved::of(test.metric),
            Self::BuyBox(_) => Moved::SELLER,
            Self::Availability(_) => Moved::AVAILABILITY,
            Self::Content { .. } => Moved::CONTENT,
        }
    }

    /// Whether it sees something hold, so that it may be true when a rule is made.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.standing().is_some()
    }

    /// The metric of a test that sees something hold.
    pub(super) const fn standing(&self) -> Option<Metric> {
        match self {
            Self::Level(test) => Some(test.metric),
            Self::Move(test) => match test.baseline {
                Baseline::Previous => None,
                _ => Some(test.metric),
            },
            _ => None,
        }
    }

    const fn days(&self) -> u16 {
        match self {
            Self::Move(Move {
                baseline: Baseline::Median { days, .. } | Baseline::Average { days, .. },
                ..
            })
            | Self::Extreme(Extreme { days, .. }) => *days,
            _ => 0,
        }
    }
}

impl Condition {
    /// Every test of it, from left to right.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Test(test) => vec![test],
            Self::All(members) | Self::Any(members) => {
                members.iter().flat_map(Self::tests).collect()
            }
        }
    }

    /// How many levels it has.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Test(_) => 1,
            Self::All(members) | Self::Any(members) => {
                1 + members.iter().map(Self::depth).max().unwrap_or_default()
            }
        }
    }
}

impl Rule {
    /// What it is about; nothing only where it has no test.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        self.condition.tests().first().map(|test| test.topic())
    }

    /// What has to move for it to fire.
    #[must_use]
    pub fn watches(&self) -> Moved {
        let tests = self.condition.tests();
        tests
            .iter()
            .fold(Moved::NOTHING, |all, test| all.and(test.watches()))
    }

    /// Whether it may be true when it is made.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.condition.tests().iter().any(|test| test.stands())
    }

    /// Whether it is all about price and rank against the value before: then a transition of history tells everything
    /// it needs, late or not.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.condition.tests().iter().all(|test| {
            matches!(
                test,
                Test::Move(Move {
                    metric: Metric::Price | Metric::Rank,
                    baseline: Baseline::Previous,
                    ..
                })
            )
        })
    }

    /// How far before a look it may need history.
    #[must_use]
    pub fn looks_back(&self) -> TimeDelta {
        let days = self.condition.tests().iter().map(|test| test.days()).max();
        MEMORY + MEMORY.max(TimeDelta::days(days.unwrap_or_default().into()))
    }

    /// The metrics whose values when the product was first tracked it needs.
    #[must_use]
    pub fn anchors(&self) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = self
            .condition
            .tests()
            .into_iter()
            .filter_map(|test| match test {
                Test::Move(Move {
                    metric,
                    baseline: Baseline::Tracked,
                    ..
                }) => Some(*metric),
                _ => None,
            })
            .collect();
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }
}

/// A move of more than so many basis points from the value before, either way.
const fn moved(metric: Metric, more_than: BasisPoints) -> Rule {
    Rule {
        condition: Condition::Test(Test::Move(Move {
            metric,
            baseline: Baseline::Previous,
            direction: Direction::Both,
            more_than: Size::Percent(more_than),
            min_step: None,
            hysteresis: 0,
            step: None,
        })),
        severity: SeverityChoice::BySize,
    }
}

/// The rules every tenant starts with: price by more than 10 %, rank by more than 30 %.
#[must_use]
pub const fn default_rules() -> [Rule; 2] {
    [moved(Metric::Price, 1_000), moved(Metric::Rank, 3_000)]
}

impl Rule {
    /// A move of the metric by more than so many basis points from the value before, either way.
    #[must_use]
    pub const fn moved(metric: Metric, more_than: BasisPoints) -> Self {
        moved(metric, more_than)
    }

    /// The size of a rule that is one such move and nothing else.
    #[must_use]
    pub fn as_moved(&self) -> Option<(Metric, BasisPoints)> {
        match &self.condition {
            Condition::Test(Test::Move(test)) => match test.more_than {
                Size::Percent(size) if *self == moved(test.metric, size) => {
                    Some((test.metric, size))
                }
                _ => None,
            },
            _ => None,
        }
    }
}
