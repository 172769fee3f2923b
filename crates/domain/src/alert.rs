//! When a change is worth telling: a pure function of what was known before, what holds now, and a rule.

use serde::{Deserialize, Serialize};

use crate::history::Transition;
use crate::money::Money;
use crate::observation::Offer;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The price moved.
    Price,
    /// The rank in the root category moved.
    Rank,
}

impl Kind {
    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Rank => "rank",
        }
    }

    /// Reads a name; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Price, Self::Rank]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Over the threshold.
    Warning,
    /// Three times the threshold and more.
    Critical,
}

impl Severity {
    /// The name in the API and the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Hundredths of a percent: -2000 is "20 % less".
pub type BasisPoints = i64;

/// A rule: fires when the metric moves by more than `threshold` either way, measured from the last value really seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The metric.
    pub kind: Kind,
    /// Moves of exactly this size do not fire yet.
    pub threshold: BasisPoints,
}

/// The rules every tenant starts with: price by more than 10 %, rank by more than 30 %.
pub const DEFAULT_RULES: [Rule; 2] = [
    Rule {
        kind: Kind::Price,
        threshold: 1_000,
    },
    Rule {
        kind: Kind::Rank,
        threshold: 3_000,
    },
];

/// The widest threshold a rule may have: a rise to eleven times the value.
pub const MAX_THRESHOLD: BasisPoints = 100_000;

/// A figure before or after: money for prices, a plain number else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// A price.
    Money(Money),
    /// A rank.
    Number(i64),
}

/// A rule that fired at one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired {
    /// The rule's metric.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// The last value really seen before.
    pub before: Figure,
    /// The value now.
    pub after: Figure,
    /// The signed move.
    pub change: BasisPoints,
}

/// Evaluates one rule at one point.
#[must_use]
pub fn evaluate(rule: Rule, transition: &Transition) -> Option<Fired> {
    let (before, after, change) = match rule.kind {
        Kind::Price => {
            let before = transition.before.price?;
            if transition.after.offer != Offer::Offered {
                return None;
            }
            let after = transition.after.money(transition.after.price)?;
            if before.currency != after.currency {
                return None;
            }
            let change = change(before.minor, after.minor)?;
            (Figure::Money(before), Figure::Money(after), change)
        }
        Kind::Rank => {
            let before = i64::from(transition.before.rank?);
            let after = i64::from(transition.after.rank()?);
            (
                Figure::Number(before),
                Figure::Number(after),
                change(before, after)?,
            )
        }
    };
    let severity = match change.exact.unsigned_abs() {
        size if size > 3 * scaled(rule.threshold, change.base) => Severity::Critical,
        size if size > scaled(rule.threshold, change.base) => Severity::Warning,
        _ => return None,
    };
    Some(Fired {
        kind: rule.kind,
        severity,
        before,
        after,
        change: change.basis_points,
    })
}

/// The signed move from `before` to `after`, rounded toward zero; `None` when there is no base to measure from.
#[must_use]
pub fn basis_points(before: i64, after: i64) -> Option<BasisPoints> {
    change(before, after).map(|change| change.basis_points)
}

/// A move with its unrounded numerator, so that thresholds compare exactly.
#[derive(Clone, Copy)]
struct Change {
    /// `(after - before) * 10_000`.
    exact: i128,
    base: u128,
    basis_points: BasisPoints,
}

fn change(before: i64, after: i64) -> Option<Change> {
    let base = u128::try_from(before).ok().filter(|base| *base > 0)?;
    let exact = (i128::from(after) - i128::from(before)) * 10_000;
    let basis_points = i64::try_from(exact / i128::from(before)).ok()?;
    Some(Change {
        exact,
        base,
        basis_points,
    })
}

fn scaled(threshold: BasisPoints, base: u128) -> u128 {
    u128::from(threshold.unsigned_abs()) * base
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::history::LastKnown;
    use crate::money::Currency;
    use crate::observation::{CategoryRank, Values};

    fn move_of(before: i64, after: i64) -> Transition {
        let usd = Currency::parse("USD").expect("USD exists");
        Transition {
            at: Utc::now(),
            before: LastKnown {
                price: Some(Money::from_minor(before, usd)),
                rank: i32::try_from(before).ok(),
                ..LastKnown::default()
            },
            first: false,
            after: Values {
                offer: Offer::Offered,
                currency: Some("USD".into()),
                price: Some(after),
                ranks: vec![CategoryRank {
                    category: "Root".into(),
                    rank: i32::try_from(after).expect("small"),
                }],
                ..Values::default()
            },
        }
    }

    #[test]
    fn fires_only_beyond_the_threshold_either_way() {
        let [price, rank] = DEFAULT_RULES;
        assert_eq!(
            evaluate(price, &move_of(1000, 900)),
            None,
            "exactly 10 % does not fire"
        );
        assert_eq!(
            evaluate(price, &move_of(1000, 899)).expect("fires").change,
            -1010
        );
        assert_eq!(
            evaluate(price, &move_of(1000, 1101))
                .expect("fires")
                .severity,
            Severity::Warning
        );
        assert_eq!(
            evaluate(price, &move_of(1000, 500))
                .expect("fires")
                .severity,
            Severity::Critical
        );
        assert_eq!(evaluate(rank, &move_of(1000, 1300)), None);
        assert_eq!(
            evaluate(rank, &move_of(1000, 690)).expect("fires").change,
            -3100
        );
    }

    #[test]
    fn says_before_after_and_percent() {
        let fired = evaluate(DEFAULT_RULES[0], &move_of(2000, 1600)).expect("fires");
        assert_eq!(fired.change, -2000);
        assert_eq!(
            serde_json::to_string(&fired.before).expect("json"),
            r#"{"amount":"20.00","currency":"USD"}"#
        );
    }

    #[test]
    fn stays_silent_without_something_to_compare() {
        let [price, _] = DEFAULT_RULES;
        let mut first = move_of(1000, 500);
        first.before.price = None;
        assert_eq!(evaluate(price, &first), None);
        let mut gone = move_of(1000, 500);
        gone.after.offer = Offer::None;
        assert_eq!(evaluate(price, &gone), None);
        let mut abroad = move_of(1000, 500);
        abroad.after.currency = Some("EUR".into());
        assert_eq!(
            evaluate(price, &abroad),
            None,
            "another currency is no price move"
        );
    }
}
