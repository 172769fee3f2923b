//! What looks at a listing come to, reckoned row by row with nothing but sorting: what ingest is held against.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};

/// What a crawl learnt. The order is the tie rule between two looks of one instant: the greater stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Look {
    pub offer: Offer,
    pub stock: Option<i32>,
    pub rank: Option<i32>,
    pub rating: Option<i32>,
    pub reviews: Option<i32>,
}

/// Whether somebody offered it, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Offer {
    #[default]
    NotLearnt,
    Price(i64),
    Nobody,
}

/// A row of history: an instant, and what it says if that is stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub at: DateTime<Utc>,
    pub said: Option<Look>,
}

/// An alert that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    pub at: DateTime<Utc>,
    pub kind: &'static str,
    pub before: i64,
    pub after: i64,
}

/// The newest of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    pub observed_at: Option<DateTime<Utc>>,
    pub changed_at: Option<DateTime<Utc>>,
    pub now: Look,
    pub known_price: Option<i64>,
    pub known_rank: Option<i32>,
    pub known_rating: Option<i32>,
    pub known_reviews: Option<i32>,
    /// Hundredths of a percent, and when.
    pub price_moved: Option<(i64, DateTime<Utc>)>,
    pub rank_moved: Option<(i64, DateTime<Utc>)>,
}

/// All that looks come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    pub history: Vec<Row>,
    pub state: State,
    pub alerts: Vec<Alert>,
}

/// Reckons it, under the rules that every tenant starts with: price by more than 10 %, rank by more than 30 %.
pub fn reckon(looks: impl IntoIterator<Item = (DateTime<Utc>, Look)>) -> Outcome {
    let mut line: BTreeMap<DateTime<Utc>, Look> = BTreeMap::new();
    for (at, look) in looks {
        let held = line.entry(at).or_insert(look);
        *held = look.max(*held);
    }
    let mut outcome = Outcome::default();
    let mut last: Option<(DateTime<Utc>, Look)> = None;
    for (at, look) in line {
        let differs = last.is_none_or(|(_, before)| before != look);
        let month = |at: DateTime<Utc>| (at.year(), at.month());
        let new_month = last.is_none_or(|(before, _)| month(before) != month(at));
        outcome.history.push(Row {
            at,
            said: (differs || new_month).then_some(look),
        });
        let state = &mut outcome.state;
        if differs {
            state.changed_at = Some(at);
        }
        if let Offer::Price(after) = look.offer {
            if let Some(before) = state.known_price.filter(|before| *before != after) {
                state.price_moved = Some((part(before, after), at));
                if exceeds(before, after, 10) {
                    outcome.alerts.push(Alert {
                        at,
                        kind: "price",
                        before,
                        after,
                    });
                }
            }
            state.known_price = Some(after);
        }
        if let Some(rank) = look.rank {
            let after = i64::from(rank);
            if let Some(before) = state
                .known_rank
                .map(i64::from)
                .filter(|before| *before != after)
            {
                state.rank_moved = Some((part(before, after), at));
                if exceeds(before, after, 30) {
                    outcome.alerts.push(Alert {
                        at,
                        kind: "rank",
                        before,
                        after,
                    });
                }
            }
            state.known_rank = Some(rank);
        }
        state.known_rating = look.rating.or(state.known_rating);
        state.known_reviews = look.reviews.or(state.known_reviews);
        state.observed_at = Some(at);
        state.now = look;
        last = Some((at, look));
    }
    outcome.alerts.sort();
    outcome
}

fn part(before: i64, after: i64) -> i64 {
    (after - before) * 10_000 / before
}

fn exceeds(before: i64, after: i64, percent: i64) -> bool {
    (after - before).abs() * 100 > percent * before
}
