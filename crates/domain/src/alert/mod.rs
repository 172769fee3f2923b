//! When something is worth telling: a pure function of a listing's ordered history and of a rule.
//!
//! - A rule is a tree of tests. Some tests see something happen at a look: a move from the value before, a new lowest, a
//!   restock, another seller, another title. Others see something hold: a price at or below a limit, or away from its
//!   median. What holds is told when it begins, and again only after it ended by the margin of its hysteresis, or where
//!   the rule asks for it at each further step.
//! - A test that sees something hold has no stored memory. What it remembers is what it finds in the [`MEMORY`] before
//!   the look; a rule's version begins with an empty one, so that what is true when a rule is made is told at the next
//!   look. So the same history always gives the same alerts, whatever the order in which it arrived.
//! - Only a look at which the figure itself became another one is judged. That an average drifts is no news.
//! - Without an offer there is no price: nothing holds then, and a price that comes back begins anew.

mod baseline;
mod change;
mod depth;
mod figure;
mod kind;
mod local;
mod metric;
mod moved;
mod pulse;
mod recall;
mod rule;
mod severity;
mod shape;
mod sight;
mod standing;
mod terms;
mod timeline;
mod tree;
mod windows;

pub use change::basis_points;
pub use figure::{Amount, BaselineKind, Figure, Fired};
pub use kind::Kind;
pub use local::evaluate_local;
pub use metric::Metric;
pub use moved::Moved;
pub use recall::Recall;
pub use rule::{Condition, Rule, Test, Topic, default_rules};
pub use severity::{Severity, SeverityChoice};
pub use shape::{
    AvailabilityEvent, Baseline, BuyBoxEvent, Direction, End, Extreme, Level, Move, Side, Size,
};
pub use sight::{ContentChange, ContentField, Sight, Told};
pub use terms::{Anchors, Terms};
pub use timeline::{Timeline, TooShort};
pub use tree::{evaluate, replay};

use chrono::TimeDelta;

/// Hundredths of a percent: -2000 is "20 % less".
pub type BasisPoints = i64;

/// How far back a rule looks for what it told, and for the value before.
pub const MEMORY: TimeDelta = TimeDelta::days(30);

/// The widest move a rule may wait for: a rise to eleven times the value.
pub const MAX_THRESHOLD: BasisPoints = 100_000;

/// The longest window of a baseline, in days.
pub const MAX_DAYS: u16 = 365;

/// Most levels of a condition.
pub const MAX_DEPTH: usize = 3;

/// Most tests of a condition.
pub const MAX_TESTS: usize = 10;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
