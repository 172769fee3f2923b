//! Who of the payers goes next: weighted fair shares by virtual time.
//!
//! Each payer has a virtual time that advances by what it got, divided by its weight; the one that is furthest behind
//! goes first. Whoever had nothing to do meanwhile begins where the others stand, so that nobody saves up a right to
//! crowd the others out. Virtual times are whole numbers: a unit of work advances a payer of weight 1 by [`UNIT`].

use domain::schedule::mix;
use uuid::Uuid;

/// What one unit of work advances a payer of weight 1 by. Divisible by every weight up to 10, so that shares of the usual
/// weights are exact.
pub const UNIT: i64 = 2_520;

/// Somebody with work that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payer<Id> {
    /// Who.
    pub id: Id,
    /// Its share against the others'; at least 1.
    pub weight: u32,
    /// Its virtual time.
    pub virtual_time: i64,
}

impl<Id> Payer<Id> {
    /// The virtual time after `units` of work.
    #[must_use]
    pub fn after(&self, units: u32) -> i64 {
        self.virtual_time
            .saturating_add(self.step().saturating_mul(i64::from(units)))
    }

    /// What one unit of work advances it by.
    fn step(&self) -> i64 {
        (UNIT / i64::from(self.weight.max(1))).max(1)
    }
}

/// Lets those that had nothing to do begin where the others stand: at `clock`.
pub fn wake<Id>(payers: &mut [Payer<Id>], clock: i64) {
    for payer in payers.iter_mut() {
        payer.virtual_time = payer.virtual_time.max(clock);
    }
}

/// How many of `room` units each payer may have, in the order given.
///
/// The same as handing out one unit after another to whoever is furthest behind, without doing so.
#[must_use]
pub fn shares<Id>(payers: &[Payer<Id>], room: u32) -> Vec<u32> {
    if payers.is_empty() || room == 0 {
        return vec![0; payers.len()];
    }
    let level = level(payers, room);
    let mut shares: Vec<u32> = payers
        .iter()
        .map(|payer| units_below(payer, level))
        .collect();
    // What is left of the room goes to those that the level just touches, the furthest behind first.
    let mut left = room.saturating_sub(shares.iter().sum());
    let mut order: Vec<usize> = (0..payers.len()).collect();
    order.sort_by_key(|place| payers[*place].after(shares[*place]));
    while left > 0 {
        for place in &order {
            if left == 0 {
                break;
            }
            shares[*place] += 1;
            left -= 1;
        }
    }
    shares
}

/// The highest virtual time to which all can be brought with `room` units.
fn level<Id>(payers: &[Payer<Id>], room: u32) -> i64 {
    let times = payers.iter().map(|payer| payer.virtual_time);
    let mut low = times.clone().min().unwrap_or(0);
    let mut high = times
        .max()
        .unwrap_or(0)
        .saturating_add(UNIT.saturating_mul(i64::from(room)));
    while low < high {
        let middle = low + (high - low).div_euclid(2) + 1;
        let needed: u64 = payers
            .iter()
            .map(|payer| u64::from(units_below(payer, middle)))
            .sum();
        if needed <= u64::from(room) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Units that keep a payer at or below `level`.
fn units_below<Id>(payer: &Payer<Id>, level: i64) -> u32 {
    let room = level.saturating_sub(payer.virtual_time).max(0);
    u32::try_from(room / payer.step()).unwrap_or(u32::MAX)
}

/// Somebody who tracks a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub id: Uuid,
    /// How often it wants the listing fetched.
    pub interval_seconds: u32,
}

/// Who of those that track a listing pays for its next fetch.
///
/// A listing that many track is fetched once, as often as the most impatient wants it. Over its rounds each pays in
/// proportion to how often it asked: who wants it every five minutes pays nearly all, who wants it daily one a day. The
/// choice is fixed by the round, so that every process makes the same.
#[must_use]
pub fn whose_turn(askers: &[Asker], round: i64) -> Option<Uuid> {
    let mut best: Option<(f64, Uuid)> = None;
    for asker in askers {
        let id = asker.id.as_u128();
        let folded = (id >> 64) as u64 ^ id as u64;
        // The first of exponential waits, each as long on average as its interval, falls to each in proportion.
        let luck = (mix(folded, round.cast_unsigned()) >> 11) as f64 / (1_u64 << 53) as f64;
        let wait = -(1.0 - luck).ln() * f64::from(asker.interval_seconds.max(1));
        if best.is_none_or(|(least, _)| wait < least) {
            best = Some((wait, asker.id));
        }
    }
    best.map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payer(id: usize, weight: u32, virtual_time: i64) -> Payer<usize> {
        Payer {
            id,
            weight,
            virtual_time,
        }
    }

    #[test]
    fn equal_payers_share_equally() {
        let payers = [payer(0, 1, 0), payer(1, 1, 0), payer(2, 1, 0)];
        assert_eq!(shares(&payers, 9), [3, 3, 3]);
        let uneven = shares(&payers, 10);
        assert_eq!(uneven.iter().sum::<u32>(), 10);
        assert!(uneven.iter().all(|share| (3..=4).contains(share)));
    }

    #[test]
    fn who_asks_more_often_pays_more_often() {
        let asker = |id, interval_seconds| Asker {
            id: Uuid::from_u128(id),
            interval_seconds,
        };
        let askers = [asker(1, 300), asker(2, 600), asker(3, 86_400)];
        let mut paid = [0_u32; 3];
        for round in 0..9_000 {
            let id = whose_turn(&askers, round).expect("somebody").as_u128();
            paid[usize::try_from(id - 1).expect("small")] += 1;
        }
        assert!((5_700..6_300).contains(&paid[0]), "{paid:?}");
        assert!((2_700..3_300).contains(&paid[1]), "{paid:?}");
        assert!(paid[2] < 60, "{paid:?}");
        assert_eq!(whose_turn(&[], 1), None);
    }

    #[test]
    fn weights_count() {
        let payers = [payer(0, 1, 0), payer(1, 4, 0), payer(2, 10, 0)];
        assert_eq!(shares(&payers, 15), [1, 4, 10]);
    }

    #[test]
    fn who_is_behind_catches_up_first() {
        let payers = [payer(0, 1, 10 * UNIT), payer(1, 1, 0)];
        assert_eq!(shares(&payers, 6), [0, 6]);
        assert_eq!(shares(&payers, 12), [1, 11]);
    }

    #[test]
    fn who_was_idle_does_not_crowd_the_others_out() {
        let mut payers = [payer(0, 1, 1_000 * UNIT), payer(1, 1, 0)];
        wake(&mut payers, 1_000 * UNIT);
        assert_eq!(shares(&payers, 10), [5, 5]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nobody_gets_ahead(
            payers in prop::collection::vec((1_u32..=10, 0_i64..100), 1..40), room in 0_u32..2_000,
        ) {
            let payers: Vec<_> = payers
                .iter()
                .enumerate()
                .map(|(id, (weight, units))| payer(id, *weight, units * UNIT))
                .collect();
            let shares = shares(&payers, room);
            prop_assert_eq!(shares.iter().sum::<u32>(), room);
            // Nobody who got something ends further ahead of another than one unit of its own takes it.
            let furthest_behind =
                payers.iter().zip(&shares).map(|(payer, share)| payer.after(*share)).min();
            for (payer, share) in payers.iter().zip(&shares).filter(|(_, share)| **share > 0) {
                let before_its_last = payer.after(share - 1);
                prop_assert!(Some(before_its_last) <= furthest_behind.map(|time| time + UNIT));
            }
        }

        #[test]
        fn over_time_each_gets_its_share(
            weights in prop::collection::vec(1_u32..=10, 2..8), rooms in prop::collection::vec(1_u32..200, 50..80),
        ) {
            let mut payers: Vec<_> =
                weights.iter().enumerate().map(|(id, weight)| payer(id, *weight, 0)).collect();
            let mut got = vec![0_u64; payers.len()];
            for room in &rooms {
                let shares = shares(&payers, *room);
                for (place, share) in shares.iter().enumerate() {
                    payers[place].virtual_time = payers[place].after(*share);
                    got[place] += u64::from(*share);
                }
            }
            let all: u64 = got.iter().sum();
            let weight: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
            for (got, weight_of) in got.iter().zip(&weights) {
                let fair = all * u64::from(*weight_of) / weight;
                prop_assert!(got.abs_diff(fair) <= u64::from(*weight_of) + 1, "{got} of {fair}");
            }
        }
    }
}
