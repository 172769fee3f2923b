use chrono::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::observation::CategoryRank;

fn at(minute: i64) -> DateTime<Utc> {
    // Half an hour before a month's end, so that the tests cross into a new partition.
    let start = Utc
        .with_ymd_and_hms(2026, 10, 31, 23, 30, 0)
        .single()
        .expect("a date");
    start + chrono::Duration::minutes(minute)
}

fn offered(price: i64) -> Values {
    Values {
        offer: Offer::Offered,
        currency: Some("USD".into()),
        price: Some(price),
        ..Values::default()
    }
}

/// A table kept by nothing but [`merge`], as the storage does it.
#[derive(Default, Debug, PartialEq, Eq, Clone)]
struct Table(BTreeMap<DateTime<Utc>, Option<Values>>);

impl Table {
    fn effective(&self) -> Vec<StoredPoint> {
        let mut held: Option<Values> = None;
        self.0
            .iter()
            .map(|(at, stored)| {
                if let Some(values) = stored {
                    held = Some(values.clone());
                }
                StoredPoint {
                    at: *at,
                    values: held.clone().expect("the first row is full"),
                    full: stored.is_some(),
                }
            })
            .collect()
    }

    fn ingest(&mut self, incoming: &[(DateTime<Utc>, Values)]) -> Merged {
        let first = incoming.iter().map(|(at, _)| *at).min().expect("not empty");
        let (earlier, later): (Vec<_>, Vec<_>) = self
            .effective()
            .into_iter()
            .partition(|point| point.at < first);
        let mut before = Before::default();
        for point in earlier {
            before.known.learn(&point.values);
            before.last = Some((point.at, point.values));
        }
        let merged = merge(&before, &later, incoming);
        for write in &merged.writes {
            self.0.insert(write.at, write.values.clone());
        }
        merged
    }
}

#[test]
fn equal_rows_store_their_instant_only_except_the_months_first() {
    let mut table = Table::default();
    table.ingest(&[
        (at(0), offered(100)),
        (at(10), offered(100)),
        (at(40), offered(100)),
    ]);
    let full: Vec<bool> = table.0.values().map(Option::is_some).collect();
    assert_eq!(
        full,
        [true, false, true],
        "the third row is November's first"
    );
}

#[test]
fn a_late_change_makes_its_successor_full() {
    let mut table = Table::default();
    table.ingest(&[(at(0), offered(100)), (at(10), offered(100))]);
    let merged = table.ingest(&[(at(5), offered(80))]);
    assert_eq!(merged.accepted, [Accepted::Changed]);
    let values: Vec<_> = table
        .effective()
        .into_iter()
        .map(|point| point.values)
        .collect();
    assert_eq!(values, [offered(100), offered(80), offered(100)]);
    let evaluated: Vec<_> = merged
        .transitions
        .iter()
        .map(|transition| transition.at)
        .collect();
    assert_eq!(evaluated, [at(5), at(10)], "the successor's baseline moved");
}

#[test]
fn the_same_batch_again_changes_nothing() {
    let mut table = Table::default();
    let batch = [(at(0), offered(100)), (at(10), offered(90))];
    table.ingest(&batch);
    let before = table.clone();
    let merged = table.ingest(&batch);
    assert_eq!(merged.accepted, [Accepted::Duplicate, Accepted::Duplicate]);
    assert!(merged.writes.is_empty() && merged.transitions.is_empty());
    assert_eq!(table, before);
}

#[test]
fn a_change_is_measured_from_the_last_price_really_seen() {
    let gap = Values {
        offer: Offer::None,
        ..Values::default()
    };
    let mut table = Table::default();
    table.ingest(&[(at(0), offered(100)), (at(1), gap)]);
    let merged = table.ingest(&[(at(2), offered(50))]);
    let price = merged.transitions[0].before.price.expect("known");
    assert_eq!(price.minor, 100);
}

#[test]
fn a_price_or_rank_taken_away_makes_the_next_one_be_evaluated_again() {
    let ranked = |price, rank| Values {
        ranks: vec![CategoryRank {
            category: "Root".into(),
            rank,
        }],
        ..offered(price)
    };
    let gone = Values {
        offer: Offer::None,
        ..Values::default()
    };
    let mut table = Table::default();
    table.ingest(&[
        (at(0), ranked(100, 5)),
        (at(10), ranked(50, 9)),
        (at(20), gone.clone()),
        (at(30), ranked(50, 9)),
    ]);
    let merged = table.ingest(&[(at(10), gone)]);
    let evaluated: Vec<_> = merged
        .transitions
        .iter()
        .map(|transition| (transition.at, transition.before.clone()))
        .collect();
    let mut known = LastKnown::default();
    known.learn(&ranked(100, 5));
    assert_eq!(evaluated, [(at(10), known.clone()), (at(30), known)]);
}

#[test]
fn what_a_crawl_did_not_learn_stays_known() {
    let mut known = LastKnown::default();
    known.learn(&Values {
        rating_hundredths: Some(460),
        review_count: Some(1_234),
        ..offered(100)
    });
    let before = known.clone();
    known.learn(&Values::default());
    assert_eq!(known, before);
}

fn any_values() -> impl Strategy<Value = Values> {
    (0_i64..4, proptest::option::of(1_i32..4), 0..3).prop_map(|(price, rank, offer)| {
        let mut values = match offer {
            0 => Values {
                offer: Offer::None,
                ..Values::default()
            },
            1 => Values::default(),
            _ => offered(100 + price),
        };
        values.ranks = rank
            .map(|rank| CategoryRank {
                category: "Root".into(),
                rank,
            })
            .into_iter()
            .collect();
        values
    })
}

proptest! {
    /// Neither order nor repetition of arrival matters.
    #[test]
    fn any_arrival_ends_in_the_same_table(
        observations in proptest::collection::vec((0_i64..60, any_values()), 1..24),
        order in any::<u64>(),
        chunk in 1_usize..6,
    ) {
        let observations: Vec<_> = observations.into_iter().map(|(m, v)| (at(m), v)).collect();
        let mut once = Table::default();
        let mut sorted = observations.clone();
        sorted.sort();
        once.ingest(&sorted);

        let mut shuffled: Vec<_> = observations.iter().chain(observations.iter().step_by(2)).cloned().collect();
        // A fixed mixing of positions, so that a failure can be replayed.
        let length = shuffled.len() as u64;
        shuffled.sort_by_key(|(at, _)| (at.timestamp() as u64 ^ order).wrapping_mul(0x9e37_79b9_7f4a_7c15) % (length * 7 + 1));
        let mut arrived = Table::default();
        for batch in shuffled.chunks(chunk) {
            arrived.ingest(batch);
        }
        prop_assert_eq!(arrived, once);
    }
}
