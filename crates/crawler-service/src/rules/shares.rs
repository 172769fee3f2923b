//! Who bears what a paid upstream run cost.
//!
//! A run's cost is divided equally over its listings, and a listing's part equally over the tenants that track it: two
//! tenants that track the same product pay half of a look each. Who has spent all that its plan allows bears nothing more as
//! long as somebody else who tracks the same can: a plan is not exceeded further by what others go on asking for. What was
//! fetched for nobody is borne by nobody.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

/// Those of each listing's trackers that bear its part: who may spend something yet, or all of them if nobody may.
#[must_use]
pub fn bearers(trackers: Vec<Vec<Uuid>>, spent_out: &HashSet<Uuid>) -> Vec<Vec<Uuid>> {
    let of_one = |mut tenants: Vec<Uuid>| {
        if tenants.iter().any(|tenant| !spent_out.contains(tenant)) {
            tenants.retain(|tenant| !spent_out.contains(tenant));
        }
        tenants
    };
    trackers.into_iter().map(of_one).collect()
}

/// Each tenant's share of `total`, by the trackers of each listing. Parts are whole and add up: what does not divide
/// goes to the later ones.
#[must_use]
pub fn shares(total: i64, trackers: &[Vec<Uuid>]) -> BTreeMap<Uuid, i64> {
    let mut shares = BTreeMap::new();
    for (place, tenants) in trackers.iter().enumerate() {
        let listing = part(total, place, trackers.len());
        for (place, tenant) in tenants.iter().enumerate() {
            *shares.entry(*tenant).or_insert(0) += part(listing, place, tenants.len());
        }
    }
    shares.retain(|_, share| *share > 0);
    shares
}

/// The part of `total` that falls to one of `count`.
fn part(total: i64, place: usize, count: usize) -> i64 {
    let until = |place: usize| i128::from(total) * place as i128 / count.max(1) as i128;
    i64::try_from(until(place + 1) - until(place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_listing_costs_the_same_whoever_tracks_it() {
        let trackers = [
            vec![tenant(1)],
            vec![tenant(1), tenant(2)],
            vec![tenant(2), tenant(3)],
            Vec::new(),
        ];
        let shares = shares(4_000, &trackers);
        assert_eq!(shares[&tenant(1)], 1_500);
        assert_eq!(shares[&tenant(2)], 1_000);
        assert_eq!(shares[&tenant(3)], 500);
        assert_eq!(shares.values().sum::<i64>(), 3_000, "the rest is nobody's");
    }

    #[test]
    fn who_has_spent_all_bears_nothing_while_somebody_else_can() {
        let trackers = vec![
            vec![tenant(1)],
            vec![tenant(1), tenant(2)],
            vec![tenant(1), tenant(3)],
            vec![tenant(2), tenant(4)],
            Vec::new(),
        ];
        let left = bearers(trackers, &HashSet::from([tenant(1), tenant(3)]));
        let expected = [
            vec![tenant(1)],
            vec![tenant(2)],
            vec![tenant(1), tenant(3)],
            vec![tenant(2), tenant(4)],
            Vec::new(),
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn nothing_is_lost_by_rounding() {
        let trackers: Vec<Vec<Uuid>> = (0..7).map(|n| vec![tenant(n), tenant(n + 1)]).collect();
        for total in [0, 1, 6, 7, 1_000_003, i64::MAX] {
            assert_eq!(shares(total, &trackers).values().sum::<i64>(), total);
        }
        assert!(shares(100, &[]).is_empty());
    }
}
