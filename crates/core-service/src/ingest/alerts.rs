//! Which alerts the points of a batch raise or take back.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::alert::{self, Fired, Kind, Rule};
use domain::history::Transition;
use uuid::Uuid;

/// A rule as it applies to one tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppliedRule {
    /// Whose.
    pub tenant_id: Uuid,
    /// The tracking it is evaluated for.
    pub tracking_id: Uuid,
    /// The rule.
    pub rule_id: Uuid,
    /// Its version.
    pub rule_version: i32,
    /// What it says.
    pub rule: Rule,
}

/// A rule of a tracking or, by default, of a whole tenant, as found for one live tracking.
#[derive(Debug, Clone, Copy)]
pub struct CandidateRule {
    /// The rule.
    pub applied: AppliedRule,
    /// Whether it is the tracking's own.
    pub own: bool,
    /// Switched off: a tracking's own rule then silences the tenant's.
    pub enabled: bool,
}

/// Of each tracking and kind one rule counts: its own, else the tenant's.
pub fn applicable(candidates: impl IntoIterator<Item = CandidateRule>) -> Vec<AppliedRule> {
    let mut chosen: HashMap<(Uuid, Kind), CandidateRule> = HashMap::new();
    for candidate in candidates {
        let key = (candidate.applied.tracking_id, candidate.applied.rule.kind);
        let held = chosen.entry(key).or_insert(candidate);
        if candidate.own {
            *held = candidate;
        }
    }
    let mut rules: Vec<AppliedRule> = chosen
        .into_values()
        .filter(|candidate| candidate.enabled)
        .map(|candidate| candidate.applied)
        .collect();
    rules.sort_by_key(|rule| (rule.tracking_id, rule.rule.kind));
    rules
}

/// A rule that fired for a tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The listing.
    pub listing_id: i64,
    /// Where.
    pub at: DateTime<Utc>,
    /// Which rule, for whom.
    pub by: AppliedRule,
    /// What it saw.
    pub fired: Fired,
}

/// A point and rule of which no alert may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silent {
    /// Where.
    pub at: DateTime<Utc>,
    /// Which rule, for whom.
    pub by: AppliedRule,
}

/// The points of one listing to evaluate.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// The listing.
    pub listing_id: i64,
    /// Its points.
    pub transitions: &'a [Transition],
    /// Whether some of them may have alerts already.
    pub late: bool,
}

impl Evaluation<'_> {
    /// Whether any rule could have something to say: spares fetching rules for listings where nothing moved.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.late
            || self.transitions.iter().any(|transition| {
                [Kind::Price, Kind::Rank]
                    .into_iter()
                    .any(|kind| alert::evaluate(Rule { kind, threshold: 0 }, transition).is_some())
            })
    }
}

/// Evaluates every rule at every point.
pub fn evaluate(
    evaluations: &[Evaluation<'_>],
    rules: &BTreeMap<i64, Vec<AppliedRule>>,
) -> (Vec<Raised>, Vec<Silent>) {
    let (mut raised, mut silent) = (Vec::new(), Vec::new());
    for evaluation in evaluations {
        for by in rules.get(&evaluation.listing_id).into_iter().flatten() {
            for transition in evaluation.transitions {
                match alert::evaluate(by.rule, transition) {
                    Some(fired) => raised.push(Raised {
                        listing_id: evaluation.listing_id,
                        at: transition.at,
                        by: *by,
                        fired,
                    }),
                    None if evaluation.late => silent.push(Silent {
                        at: transition.at,
                        by: *by,
                    }),
                    None => {}
                }
            }
        }
    }
    (raised, silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(own: bool, enabled: bool, threshold: i64) -> CandidateRule {
        CandidateRule {
            applied: AppliedRule {
                tenant_id: Uuid::nil(),
                tracking_id: Uuid::nil(),
                rule_id: Uuid::nil(),
                rule_version: 1,
                rule: Rule {
                    kind: Kind::Price,
                    threshold,
                },
            },
            own,
            enabled,
        }
    }

    #[test]
    fn a_trackings_own_rule_takes_the_place_of_the_tenants() {
        for order in [[true, false], [false, true]] {
            let rules =
                applicable(order.map(|own| candidate(own, true, if own { 500 } else { 1000 })));
            assert_eq!(
                rules
                    .iter()
                    .map(|rule| rule.rule.threshold)
                    .collect::<Vec<_>>(),
                [500]
            );
        }
        assert_eq!(
            applicable([candidate(false, true, 1000), candidate(true, false, 500)]),
            []
        );
    }
}
