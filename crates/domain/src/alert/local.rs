//! Rules about price and rank against the value before: a transition of history is all they need, however long ago that
//! value was seen.

use std::convert::Infallible;

use super::rule::{Rule, Test};
use super::tree::{Verdict, combine};
use super::{Amount, Fired, Metric, pulse};
use crate::history::Transition;
use crate::observation::Offer;

/// Evaluates a rule that [`Rule::is_local`] at one point; of another the tests that are not fire never.
#[must_use]
pub fn evaluate_local(rule: &Rule, transition: &Transition) -> Option<Fired> {
    let judged: Result<Verdict, Infallible> = combine(&rule.condition, &mut |test| {
        Ok(Verdict::once(judge(test, transition)))
    });
    let Ok(verdict) = judged;
    verdict.fired.map(|fired| Fired {
        severity: rule.severity.of(fired.severity),
        ..fired
    })
}

fn judge(test: &Test, transition: &Transition) -> Option<Fired> {
    let Test::Move(test) = test else { return None };
    let (before, now) = match test.metric {
        Metric::Price => {
            if transition.after.offer != Offer::Offered {
                return None;
            }
            (
                Amount::Money(transition.before.price?),
                Amount::Money(transition.after.money(transition.after.price)?),
            )
        }
        Metric::Rank => (
            Amount::Number(transition.before.rank?.into()),
            Amount::Number(transition.after.rank()?.into()),
        ),
        _ => return None,
    };
    pulse::move_between(test, transition.at, before, now)
}
