//! How popular a product is among those of one category.
//!
//! A rank compares within its category only, and a number of reviews says how long a product has been sold; how many it
//! gains says how it sells now. So a product has a percentile of its rank and one of its new reviews a day, and where
//! there are too few to compare with, or neither is known, nothing is said.

use chrono::{DateTime, TimeDelta, Utc};

/// Fewer are not compared.
pub const FEWEST: usize = 20;

/// The shortest time over which new reviews are counted.
const SHORTEST: TimeDelta = TimeDelta::days(7);

/// A product to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its place in the category; 1 is the best.
    pub rank: Option<i32>,
    /// Reviews, and when they were counted.
    pub reviews: Option<(i32, DateTime<Utc>)>,
    /// Reviews some weeks before.
    pub earlier_reviews: Option<(i32, DateTime<Utc>)>,
}

/// How much a comparison says, by how many were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Fewer than 50.
    Low,
    /// Fewer than 200.
    Fair,
    /// More.
    Good,
}

/// Where a product stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// 0 to 100; of the two percentiles the rank's counts twice.
    pub score: u8,
    /// It is better ranked than so many percent of the others that have a rank.
    pub rank_percentile: Option<u8>,
    /// New reviews a day, in hundredths.
    pub reviews_per_day: Option<u32>,
    /// It gets more than so many percent of the others of which that is known.
    pub reviews_percentile: Option<u8>,
    /// By the smaller of the comparisons that were made.
    pub confidence: Confidence,
}

impl Member {
    /// New reviews a day, in hundredths; nothing when they were not watched long enough, or became fewer: then they
    /// were counted in another way.
    #[must_use]
    pub fn reviews_per_day(&self) -> Option<u32> {
        let ((now, now_at), (then, then_at)) = self.reviews.zip(self.earlier_reviews)?;
        let time = now_at - then_at;
        let gained = i64::from(now) - i64::from(then);
        if time < SHORTEST || gained < 0 {
            return None;
        }
        let per_day = gained * 100 * 86_400 / time.num_seconds();
        u32::try_from(per_day).ok()
    }
}

/// The standing of each member, in their order.
#[must_use]
pub fn standings(members: &[Member]) -> Vec<Option<Standing>> {
    // A smaller rank is better.
    let ranks: Vec<Option<i64>> = members
        .iter()
        .map(|member| member.rank.map(|rank| -i64::from(rank)))
        .collect();
    let gains: Vec<Option<u32>> = members.iter().map(Member::reviews_per_day).collect();
    let gained: Vec<Option<i64>> = gains.iter().map(|gain| gain.map(i64::from)).collect();
    let (of_ranks, by_rank) = percentiles(&ranks);
    let (of_gains, by_gain) = percentiles(&gained);
    let standing = |n: usize| {
        let (rank, gain) = (by_rank[n], by_gain[n]);
        let (score, compared) = match (rank, gain) {
            (Some(rank), Some(gain)) => {
                let both = (2 * u16::from(rank) + u16::from(gain) + 1) / 3;
                (u8::try_from(both).unwrap_or(100), of_ranks.min(of_gains))
            }
            (Some(rank), None) => (rank, of_ranks),
            (None, Some(gain)) => (gain, of_gains),
            (None, None) => return None,
        };
        Some(Standing {
            score,
            rank_percentile: rank,
            reviews_per_day: gains[n],
            reviews_percentile: gain,
            confidence: match compared {
                0..50 => Confidence::Low,
                50..200 => Confidence::Fair,
                _ => Confidence::Good,
            },
        })
    };
    (0..members.len()).map(standing).collect()
}

/// How many values there are, and of each what share of the others is smaller, equals counted half; none when they
/// are too few.
fn percentiles(values: &[Option<i64>]) -> (usize, Vec<Option<u8>>) {
    let mut sorted: Vec<i64> = values.iter().copied().flatten().collect();
    sorted.sort_unstable();
    let count = sorted.len();
    if count < FEWEST {
        return (count, vec![None; values.len()]);
    }
    let percentile = |value: i64| {
        let smaller = sorted.partition_point(|other| *other < value);
        let equal = sorted.partition_point(|other| *other <= value) - smaller - 1;
        let share = (200 * smaller + 100 * equal + (count - 1)) / (2 * (count - 1));
        u8::try_from(share).unwrap_or(100).min(100)
    };
    (
        count,
        values.iter().map(|value| value.map(percentile)).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn ranked(rank: i32) -> Member {
        Member {
            rank: Some(rank),
            reviews: None,
            earlier_reviews: None,
        }
    }

    #[test]
    fn the_best_rank_stands_at_100_and_the_worst_at_0() {
        let members: Vec<Member> = (1..=21).map(|rank| ranked(rank * rank)).collect();
        let standings = standings(&members);
        let score = |n: usize| standings[n].expect("a standing").score;
        assert_eq!((score(0), score(10), score(20)), (100, 50, 0));
        assert_eq!(standings[0].expect("one").confidence, Confidence::Low);
    }

    #[test]
    fn too_few_are_not_compared() {
        let few: Vec<Member> = (1..FEWEST).map(|rank| ranked(rank as i32)).collect();
        assert!(standings(&few).iter().all(Option::is_none));
    }

    #[test]
    fn equals_stand_in_the_middle_and_alike() {
        let members = vec![ranked(7); 30];
        let standings = standings(&members);
        assert!(standings.iter().all(|one| one.expect("one").score == 50));
    }

    #[test]
    fn the_rank_counts_twice_and_what_is_unknown_does_not() {
        let mut members: Vec<Member> = (1..=101).map(ranked).collect();
        for (n, member) in (0..).zip(&mut members) {
            // The worse the rank, the more new reviews; the last one was seen for too short a time.
            member.reviews = Some((100 + n, at(30)));
            member.earlier_reviews = Some((100, at(if n == 100 { 28 } else { 0 })));
        }
        let standings = standings(&members);
        let first = standings[0].expect("one");
        assert_eq!(
            (first.rank_percentile, first.reviews_percentile),
            (Some(100), Some(0))
        );
        assert_eq!((first.score, first.reviews_per_day), (67, Some(0)));
        let last = standings[100].expect("one");
        assert_eq!((last.reviews_per_day, last.score), (None, 0));
        assert_eq!(last.confidence, Confidence::Fair);
    }

    #[test]
    fn reviews_that_became_fewer_say_nothing() {
        let member = Member {
            rank: None,
            reviews: Some((90, at(30))),
            earlier_reviews: Some((100, at(0))),
        };
        assert_eq!(member.reviews_per_day(), None);
    }
}
