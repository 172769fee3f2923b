//! What arrived observations do to one listing: everything between reading its state and writing it back.

use chrono::{DateTime, Utc};
use domain::alert::{BasisPoints, basis_points};
use domain::history::{Accepted, Before, LastKnown, RowWrite, StoredPoint, Transition, merge};
use domain::observation::{Offer, Values};

/// A metric's last move and the point where it happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastMove {
    /// The size; `None` before the first move.
    pub change: Option<BasisPoints>,
    /// Where.
    pub at: Option<DateTime<Utc>>,
}

/// The newest of a listing, as its state row holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Grows whenever `newest` becomes another one.
    pub version: i64,
    /// The newest round accepted of the listing's own target.
    pub last_round: i64,
    /// The newest round accepted of its parent's target.
    pub last_parent_round: i64,
    /// The newest point; `None` before the first.
    pub newest: Option<(DateTime<Utc>, Values)>,
    /// The last point whose values differed from the one before it.
    pub changed_at: Option<DateTime<Utc>>,
    /// The last values really seen.
    pub known: LastKnown,
    /// The price's last move.
    pub price_move: LastMove,
    /// The rank's last move.
    pub rank_move: LastMove,
}

/// The stored points around late observations.
#[derive(Debug, Clone, Default)]
pub struct Neighbourhood {
    /// What stands before the first of them.
    pub before: Before,
    /// From its instant on, as far as [`merge`] wants them.
    pub existing: Vec<StoredPoint>,
}

/// What becomes of one listing.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its state afterwards.
    pub held: Held,
    /// History rows to write.
    pub writes: Vec<RowWrite>,
    /// Points to evaluate rules at.
    pub transitions: Vec<Transition>,
    /// One per arrived observation.
    pub accepted: Vec<Accepted>,
    /// Whether points were re-evaluated that may have alerts already.
    pub late: bool,
    /// Whether the newest figures are others than before.
    pub figures_changed: bool,
}

/// Whether one of these instants lies at or before the newest known one: then history must be read first.
pub fn is_late(held: &Held, arrived: &[(DateTime<Utc>, Values)]) -> bool {
    held.newest
        .as_ref()
        .is_some_and(|(newest, _)| arrived.iter().any(|(at, _)| at <= newest))
}

/// Decides what `arrived` does. `neighbourhood` is given exactly when [`is_late`].
pub fn plan(
    held: &Held,
    neighbourhood: Option<Neighbourhood>,
    arrived: &[(DateTime<Utc>, Values)],
) -> Planned {
    let late = neighbourhood.is_some();
    let Neighbourhood { before, existing } = neighbourhood.unwrap_or_else(|| Neighbourhood {
        before: Before {
            last: held.newest.clone(),
            known: held.known.clone(),
        },
        existing: Vec::new(),
    });
    let merged = merge(&before, &existing, arrived);
    let instants = existing.iter().map(|point| point.at);
    let begin = instants.chain(arrived.iter().map(|(at, _)| *at)).min();
    let end = merged.newest.as_ref().map(|(at, ..)| *at);
    let mut after = held.clone();
    let old_newest = held.newest.as_ref();
    // What was read of history may end before the newest point; then nothing of it changes.
    if let Some((at, values, known)) = merged.newest
        && old_newest.is_none_or(|(newest, _)| at >= *newest)
    {
        after.newest = Some((at, values));
        after.known = known;
    }
    let newest_changed = after.newest != held.newest || after.known != held.known;
    if newest_changed {
        after.version += 1;
    }
    let figures = |held: &Held| held.newest.as_ref().map(|(_, values)| values.clone());
    let figures_changed = figures(&after) != figures(held) || after.known != held.known;

    // A change beyond what was read of history stands; else the last one within counts, and before that the one known.
    // One within that is none any more leaves it unknown, for [`super::recalled`] to find.
    let beyond = |at: &DateTime<Utc>| end.is_some_and(|end| *at > end);
    let untouched = |at: &DateTime<Utc>| begin.is_none_or(|begin| *at < begin);
    after.changed_at = held
        .changed_at
        .filter(beyond)
        .or(merged.last_change)
        .or(held.changed_at.filter(untouched));
    after.price_move = last_move(held.price_move, &merged.transitions, price_move);
    after.rank_move = last_move(held.rank_move, &merged.transitions, rank_move);
    Planned {
        held: after,
        writes: merged.writes,
        transitions: merged.transitions,
        accepted: merged.accepted,
        late,
        figures_changed,
    }
}

/// Transitions say anew what they contain, so the last move among them counts unless a later one lies outside them.
fn last_move(
    old: LastMove,
    transitions: &[Transition],
    size: impl Fn(&Transition) -> Option<BasisPoints>,
) -> LastMove {
    let new = transitions.iter().rev().find_map(|transition| {
        Some(LastMove {
            change: Some(size(transition)?),
            at: Some(transition.at),
        })
    });
    let re_evaluated = |at| transitions.iter().any(|transition| transition.at == at);
    match old.at {
        Some(at) if !re_evaluated(at) && new.is_none_or(|new| Some(at) > new.at) => old,
        // A move that is none any more leaves no other known.
        _ => new.unwrap_or_default(),
    }
}

/// How far the price moved at a point, from the last one really seen; `None` when it did not.
fn price_move(transition: &Transition) -> Option<BasisPoints> {
    let before = transition.before.price?;
    if transition.after.offer != Offer::Offered {
        return None;
    }
    let after = transition.after.money(transition.after.price)?;
    if before.currency != after.currency || before.minor == after.minor {
        return None;
    }
    basis_points(before.minor, after.minor)
}

/// As [`price_move`], for the rank in the root category.
fn rank_move(transition: &Transition) -> Option<BasisPoints> {
    let (before, after) = (transition.before.rank?, transition.after.rank()?);
    if before == after {
        return None;
    }
    basis_points(before.into(), after.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + minute * 60, 0).expect("a date")
    }

    fn offered(price: i64) -> Values {
        Values {
            offer: Offer::Offered,
            currency: Some("USD".into()),
            price: Some(price),
            ..Values::default()
        }
    }

    /// Around a late point: 100 at minute 0, and at minute 10 this price.
    fn near(price: i64, full: bool) -> Neighbourhood {
        let mut before = Before {
            last: Some((at(0), offered(100))),
            ..Before::default()
        };
        before.known.learn(&offered(100));
        Neighbourhood {
            before,
            existing: vec![StoredPoint {
                at: at(10),
                values: offered(price),
                full,
            }],
        }
    }

    #[test]
    fn in_order_observations_need_no_history() {
        let first = plan(
            &Held::default(),
            None,
            &[(at(0), offered(100)), (at(1), offered(80))],
        );
        assert_eq!(first.held.version, 1);
        assert_eq!(
            first.held.price_move,
            LastMove {
                change: Some(-2000),
                at: Some(at(1))
            }
        );
        assert_eq!(first.held.changed_at, Some(at(1)));
        assert!(!is_late(&first.held, &[(at(2), offered(80))]));
        let second = plan(&first.held, None, &[(at(2), offered(80))]);
        assert_eq!(second.accepted, [Accepted::Unchanged]);
        assert!(!second.figures_changed);
        assert_eq!(second.held.version, 2, "a newer look at the same figures");
        assert_eq!(second.held.price_move, first.held.price_move);
        assert_eq!(second.held.changed_at, Some(at(1)));
    }

    #[test]
    fn a_late_point_moves_the_last_change_only_where_it_belongs() {
        let first = plan(
            &Held::default(),
            None,
            &[(at(0), offered(100)), (at(10), offered(80))],
        );
        let late = [(at(5), offered(80))];
        assert!(is_late(&first.held, &late));
        let second = plan(&first.held, Some(near(80, true)), &late);
        assert_eq!(
            second.held.price_move,
            LastMove {
                change: Some(-2000),
                at: Some(at(5))
            }
        );
        assert_eq!(second.held.changed_at, Some(at(5)));
        assert_eq!(
            second.held.version, first.held.version,
            "the newest point is the same"
        );
        assert!(!second.figures_changed);
    }

    #[test]
    fn the_last_price_stays_known_through_a_crawl_that_did_not_learn_it() {
        let first = plan(&Held::default(), None, &[(at(0), offered(100))]);
        let second = plan(&first.held, None, &[(at(1), Values::default())]);
        assert_eq!(second.held.known, first.held.known);
        assert_eq!(second.held.newest, Some((at(1), Values::default())));
    }

    #[test]
    fn what_takes_the_place_of_a_move_takes_the_move_back() {
        let first = plan(
            &Held::default(),
            None,
            &[(at(0), offered(100)), (at(10), offered(80))],
        );
        let gone = Values {
            offer: Offer::None,
            ..Values::default()
        };
        let second = plan(&first.held, Some(near(80, true)), &[(at(10), gone)]);
        assert_eq!(second.held.price_move, LastMove::default());
        assert_eq!(second.held.changed_at, Some(at(10)));
    }

    #[test]
    fn a_late_point_may_make_a_later_one_the_last_change() {
        let first = plan(
            &Held::default(),
            None,
            &[(at(0), offered(100)), (at(10), offered(100))],
        );
        assert_eq!(first.held.changed_at, Some(at(0)));
        let second = plan(&first.held, Some(near(100, false)), &[(at(5), offered(80))]);
        assert_eq!(second.held.changed_at, Some(at(10)));
    }
}
