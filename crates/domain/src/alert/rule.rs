//! What a rule says. The JSON of these types is what the table of rules holds.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::shape::{
    AvailabilityEvent, Baseline, BuyBoxEvent, Direction, End, Extreme, Level, Move, Size,
};
use super::{BasisPoints, ContentField, Kind, MEMORY, Metric, Moved, SeverityChoice};

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
