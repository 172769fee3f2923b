//! Conditions of several tests.

use std::ops::Range;

use super::rule::{Condition, Rule, Test};
use super::shape::Baseline;
use super::standing::Standing;
use super::timeline::{Timeline, TooShort};
use super::{Fired, Recall, Terms, pulse};

/// What a condition says of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    /// What it tells, if it begins to.
    pub fired: Option<Fired>,
}

impl Verdict {
    pub(super) const NO: Self = Self {
        holds: false,
        fired: None,
    };

    /// Of a test that sees something happen.
    pub(super) const fn once(fired: Option<Fired>) -> Self {
        Self {
            holds: fired.is_some(),
            fired,
        }
    }
}

/// Judges a condition by its tests.
pub(super) fn combine<E>(
    condition: &Condition,
    judge: &mut impl FnMut(&Test) -> Result<Verdict, E>,
) -> Result<Verdict, E> {
    match condition {
        Condition::Test(test) => judge(test),
        Condition::Any(members) => {
            let mut whole = Verdict::NO;
            for member in members {
                let verdict = combine(member, judge)?;
                whole.holds |= verdict.holds;
                whole.fired = whole.fired.or(verdict.fired);
            }
            Ok(whole)
        }
        Condition::All(members) => {
            let verdicts: Vec<Result<Verdict, E>> = members
                .iter()
                .map(|member| combine(member, judge))
                .collect();
            // One that does not hold decides, whatever is not known of the others.
            if verdicts
                .iter()
                .any(|verdict| verdict.as_ref().is_ok_and(|verdict| !verdict.holds))
            {
                return Ok(Verdict::NO);
            }
            let mut fired = None;
            for verdict in verdicts {
                fired = fired.or(verdict?.fired);
            }
            Ok(Verdict {
                holds: !members.is_empty(),
                fired,
            })
        }
    }
}

/// Evaluates a rule at the look with this index.
///
/// # Errors
/// When it depends on looks before the first one that is here.
pub fn evaluate(
    rule: &Rule,
    line: &Timeline<'_>,
    index: usize,
    terms: &Terms,
) -> Result<Option<Fired>, TooShort> {
    if !stirs(&rule.condition, line, index, terms) {
        return Ok(None);
    }
    let verdict = combine(&rule.condition, &mut |test| judge(test, line, index, terms))?;
    Ok(verdict.fired.map(|fired| Fired {
        severity: rule.severity.of(fired.severity),
        ..fired
    }))
}

/// Evaluates a rule at each of these looks.
///
/// # Errors
/// As [`evaluate`].
pub fn replay(
    rule: &Rule,
    line: &Timeline<'_>,
    looks: Range<usize>,
    terms: &Terms,
) -> Result<Vec<Fired>, TooShort> {
    let own = Recall::default();
    let line = &line.or_with(&own);
    let mut fired = Vec::new();
    for index in looks {
        fired.extend(evaluate(rule, line, index, terms)?);
    }
    Ok(fired)
}

/// Whether any of the tests may begin to hold at this look: spares the windows of looks at which nothing moved.
fn stirs(condition: &Condition, line: &Timeline<'_>, index: usize, terms: &Terms) -> bool {
    match condition {
        Condition::All(members) | Condition::Any(members) => members
            .iter()
            .any(|member| stirs(member, line, index, terms)),
        Condition::Test(test) => match test.standing() {
            // What is not known may be so.
            Some(metric) => line.is_step(index, metric, terms) != Ok(false),
            None => true,
        },
    }
}

fn judge(
    test: &Test,
    line: &Timeline<'_>,
    index: usize,
    terms: &Terms,
) -> Result<Verdict, TooShort> {
    let sight = line.at(index);
    Ok(match test {
        Test::Move(test) if matches!(test.baseline, Baseline::Previous) => {
            Verdict::once(pulse::moved(test, line, index)?)
        }
        Test::Move(test) => Standing::Move(test).judge(line, index, terms)?,
        Test::Level(test) => Standing::Level(test).judge(line, index, terms)?,
        Test::Extreme(test) => Verdict::once(pulse::extreme(test, line, index)?),
        Test::BuyBox(test) => Verdict::once(pulse::buy_box(test, line, index)?),
        Test::Availability(test) => Verdict::once(pulse::availability(test, line, index)?),
        Test::Content { fields } => Verdict::once(pulse::content(fields, sight)),
    })
}
