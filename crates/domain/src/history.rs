//! How observations become history, whatever the order and repetition in which they arrive.
//!
//! Every accepted observation's instant is kept. A row equal to the one before it stores its instant
//! only; so that a month can be dropped by retention without orphaning the next one, the first row of
//! each UTC month is always stored in full. [`merge`] is the one place that decides this: given what is
//! stored around the incoming observations it says which rows to write, so that any order of arrival
//! ends in the same table.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};

use crate::money::Money;
use crate::observation::{Offer, Values};

/// A stored row together with the values that hold at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPoint {
    /// When it was observed.
    pub at: DateTime<Utc>,
    /// The values that hold, whether stored here or in an earlier row.
    pub values: Values,
    /// Whether the row stores the values itself.
    pub full: bool,
}

/// What is known of a listing before the first incoming observation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Before {
    /// The last point before the incoming ones, if any.
    pub last: Option<(DateTime<Utc>, Values)>,
    /// The last values that were really seen, up to and including `last`.
    pub known: LastKnown,
}

/// The last value of a metric that was really seen: what a change is measured from, and what stays shown when a crawl
/// did not learn it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastKnown {
    /// The last offered price.
    pub price: Option<Money>,
    /// The last rank in the root category.
    pub rank: Option<i32>,
    /// The last rating, in hundredths of a star.
    pub rating_hundredths: Option<i32>,
    /// The last number of ratings or reviews.
    pub review_count: Option<i32>,
}

impl LastKnown {
    /// Takes over what `values` tell; what they do not tell stays.
    pub fn learn(&mut self, values: &Values) {
        if is_priced(values)
            && let Some(price) = values.money(values.price)
        {
            self.price = Some(price);
        }
        self.rank = values.rank().or(self.rank);
        self.rating_hundredths = values.rating_hundredths.or(self.rating_hundredths);
        self.review_count = values.review_count.or(self.review_count);
    }
}

/// A row to write: insert, or replace the one at this instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWrite {
    /// The row's instant.
    pub at: DateTime<Utc>,
    /// The values, or `None` for "as the row before".
    pub values: Option<Values>,
}

/// What became of an incoming observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Stored, and it differs from the point before it.
    Changed,
    /// Stored, equal to the point before it.
    Unchanged,
    /// Its instant was known already, and what was known stays.
    Duplicate,
}

/// A point whose alerts must be evaluated (again): itself new, or what stands before it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The point's instant.
    pub at: DateTime<Utc>,
    /// What was known right before it.
    pub before: LastKnown,
    /// Whether this is the listing's very first point.
    pub first: bool,
    /// What holds at it.
    pub after: Values,
}

/// The result of [`merge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Rows to write, in order of time.
    pub writes: Vec<RowWrite>,
    /// One per incoming observation, in the order given.
    pub accepted: Vec<Accepted>,
    /// Points to evaluate, in order of time.
    pub transitions: Vec<Transition>,
    /// The newest point and what is known after it; `None` only when there is no point at all.
    pub newest: Option<(DateTime<Utc>, Values, LastKnown)>,
    /// The last of the points that differs from the one before it; `None` when none does.
    pub last_change: Option<DateTime<Utc>>,
}

/// Fits `incoming` into what is stored.
///
/// `existing` are the points after `before.last`, in order of time, at least up to the first one after the last incoming
/// instant that is full and knows every metric of
/// [`LastKnown`]; with observations in order it is empty.
/// Two different observations of one instant are settled by the order of [`Values`]: the greater stays.
#[must_use]
pub fn merge(
    before: &Before,
    existing: &[StoredPoint],
    incoming: &[(DateTime<Utc>, Values)],
) -> Merged {
    let mut points: BTreeMap<DateTime<Utc>, Slot> = existing
        .iter()
        .map(|point| (point.at, Slot::stored(point)))
        .collect();
    let base = before.last.as_ref();
    let mut taken = Vec::with_capacity(incoming.len());
    for (at, values) in incoming {
        taken.push(match (points.get_mut(at), base) {
            (Some(slot), _) => slot.offer(values),
            (None, Some((base_at, _))) if base_at >= at => false,
            (None, _) => {
                points.insert(*at, Slot::fresh(values));
                true
            }
        });
    }

    let mut walk = Walk::new(before);
    for (at, slot) in points {
        walk.step(at, slot);
    }
    let accepted = incoming
        .iter()
        .zip(taken)
        .map(|((at, _), taken)| match (taken, walk.changed.get(at)) {
            (true, Some(true)) => Accepted::Changed,
            (true, _) => Accepted::Unchanged,
            (false, _) => Accepted::Duplicate,
        })
        .collect();
    let last_change = walk.changed.iter().rev().find(|(_, changed)| **changed);
    Merged {
        last_change: last_change.map(|(at, _)| *at),
        writes: walk.writes,
        accepted,
        transitions: walk.transitions,
        newest: walk.last.map(|(at, values)| (at, values, walk.known)),
    }
}

/// A point on the merged time line.
struct Slot {
    values: Values,
    /// How it stands in the table now: absent, instant only (`false`), or in full (`true`).
    stored: Option<bool>,
    /// Whether its values are new here.
    dirty: bool,
    /// Whether it had an offered price, or a rank, before new values without one took its place.
    lost_price: bool,
    lost_rank: bool,
}

impl Slot {
    fn stored(point: &StoredPoint) -> Self {
        Self {
            values: point.values.clone(),
            stored: Some(point.full),
            dirty: false,
            lost_price: false,
            lost_rank: false,
        }
    }

    fn fresh(values: &Values) -> Self {
        Self {
            values: values.clone(),
            stored: None,
            dirty: true,
            lost_price: false,
            lost_rank: false,
        }
    }

    /// Takes a second observation of the same instant; true when it is the one that stays.
    fn offer(&mut self, values: &Values) -> bool {
        let wins = *values > self.values;
        if wins {
            self.lost_price |= is_priced(&self.values);
            self.lost_rank |= self.values.rank().is_some();
            self.values = values.clone();
            self.dirty = true;
        }
        wins
    }
}

fn is_priced(values: &Values) -> bool {
    values.offer == Offer::Offered
}

/// Goes along the merged time line and notes what must be written and evaluated.
struct Walk {
    last: Option<(DateTime<Utc>, Values)>,
    known: LastKnown,
    /// Whether a metric's last known value comes from a dirty point, or was taken away by one: the next point that has the
    /// metric is re-evaluated.
    price_moved: bool,
    rank_moved: bool,
    changed: BTreeMap<DateTime<Utc>, bool>,
    writes: Vec<RowWrite>,
    transitions: Vec<Transition>,
}

impl Walk {
    fn new(before: &Before) -> Self {
        Self {
            last: before.last.clone(),
            known: before.known.clone(),
            price_moved: false,
            rank_moved: false,
            changed: BTreeMap::new(),
            writes: Vec::new(),
            transitions: Vec::new(),
        }
    }

    fn step(&mut self, at: DateTime<Utc>, slot: Slot) {
        let Slot {
            values,
            stored,
            dirty,
            lost_price,
            lost_rank,
        } = slot;
        let differs = self.last.as_ref().is_none_or(|(_, last)| *last != values);
        let new_month = self.last.as_ref().is_none_or(|(last_at, _)| {
            (last_at.year(), last_at.month()) != (at.year(), at.month())
        });
        let full = differs || new_month;
        if dirty || stored != Some(full) {
            self.writes.push(RowWrite {
                at,
                values: full.then(|| values.clone()),
            });
        }
        let has_price = is_priced(&values);
        let has_rank = values.rank().is_some();
        if dirty || (has_price && self.price_moved) || (has_rank && self.rank_moved) {
            self.transitions.push(Transition {
                at,
                before: self.known.clone(),
                first: self.last.is_none(),
                after: values.clone(),
            });
        }
        if has_price || lost_price {
            self.price_moved = dirty;
        }
        if has_rank || lost_rank {
            self.rank_moved = dirty;
        }
        self.changed.insert(at, differs);
        self.known.learn(&values);
        self.last = Some((at, values));
    }
}

#[cfg(test)]
mod tests;
