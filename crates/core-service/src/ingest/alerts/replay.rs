//! Judging rules with history.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::alert::{
    self, Amount, Anchors, ContentChange, Metric, Moved, Sight, Terms, Timeline, TooShort,
};

use super::{Applied, Cleared, Judged, Open, Raised, Verdicts};
use crate::ingest::store::looks::Span;

/// What was read of a listing.
#[derive(Debug)]
pub struct Loaded {
    /// Its looks in order of time.
    pub sights: Vec<Sight>,
    /// Whether the first of them is the first ever.
    pub begins: bool,
}

impl Default for Loaded {
    fn default() -> Self {
        Self {
            sights: Vec::new(),
            begins: true,
        }
    }
}

impl Loaded {
    /// Adds what the listing said otherwise, to the looks of those instants or as ones without figures.
    pub fn tell(&mut self, changes: Vec<(DateTime<Utc>, Vec<ContentChange>)>) {
        for (at, changes) in changes {
            match self.sights.binary_search_by_key(&at, |sight| sight.at) {
                Ok(place) => {
                    let sight = self.sights[place].clone();
                    self.sights[place] = sight.with_changes(changes);
                }
                Err(place) => self
                    .sights
                    .insert(place, Sight::silent(at).with_changes(changes)),
            }
        }
    }
}

/// Whose value when first tracked: the listing, since when, of what.
pub type AnchorKey = (i64, DateTime<Utc>, Metric);

/// The history that open rules need, one span a listing.
pub fn spans_of(open: &[Open<'_>]) -> Vec<Span> {
    let mut spans: BTreeMap<i64, Span> = BTreeMap::new();
    for open in open {
        let compiled = &open.applied.head.compiled;
        let back = compiled.looks_back;
        let (first, last, reach) = match open.judged {
            Judged::At(at) => (at, at, None),
            Judged::Late(first, last) if compiled.anchors.is_empty() => (first, last, Some(back)),
            Judged::Late(first, last) => (first, last, None),
        };
        let span = Span {
            listing_id: open.applied.tracked.listing_id,
            from: first - back,
            last,
            reach,
            content: compiled.watches.touches(Moved::CONTENT),
        };
        spans
            .entry(span.listing_id)
            .and_modify(|known| *known = known.with(&span))
            .or_insert(span);
    }
    spans.into_values().collect()
}

/// The values when first tracked that open rules need.
pub fn anchors_of(open: &[Open<'_>]) -> Vec<AnchorKey> {
    let keys: BTreeSet<AnchorKey> = open
        .iter()
        .flat_map(|open| {
            let tracked = open.applied.tracked;
            let metrics = open.applied.head.compiled.anchors.iter();
            metrics.map(|metric| (tracked.listing_id, tracked.created_at, *metric))
        })
        .collect();
    keys.into_iter().collect()
}

/// Judges open rules.
pub fn replay(
    open: &[Open<'_>],
    loaded: &BTreeMap<i64, Loaded>,
    anchors: &BTreeMap<AnchorKey, (DateTime<Utc>, Amount)>,
    verdicts: &mut Verdicts,
) {
    for open in open {
        let applied = open.applied;
        let listing_id = applied.tracked.listing_id;
        let Some(loaded) = loaded.get(&listing_id) else {
            continue;
        };
        let line = Timeline::new(&loaded.sights, loaded.begins);
        let place = |at| loaded.sights.partition_point(|sight| sight.at < at);
        let looks = match open.judged {
            Judged::At(at) => {
                let place = place(at);
                let found = loaded.sights.get(place).is_some_and(|sight| sight.at == at);
                place..place + usize::from(found)
            }
            Judged::Late(first, _) => place(first)..loaded.sights.len(),
        };
        let terms = Terms {
            anchors: Some(known(applied, anchors)),
            ..applied.terms()
        };
        let rule = &applied.head.compiled.rule;
        let fired = match alert::replay(rule, &line, looks, &terms) {
            Ok(fired) => fired,
            Err(TooShort) => {
                tracing::error!(listing_id, rule_id = %applied.head.id, "a rule needs more history than it says");
                continue;
            }
        };
        if let (Judged::Late(first, _), Some(last)) = (open.judged, loaded.sights.last()) {
            verdicts.cleared.push(Cleared {
                from: first,
                to: last.at.max(first),
                by: applied.by(),
            });
        }
        verdicts
            .raised
            .extend(fired.into_iter().map(|fired| Raised {
                listing_id,
                by: applied.by(),
                fired,
            }));
    }
}

fn known(applied: Applied<'_>, known: &BTreeMap<AnchorKey, (DateTime<Utc>, Amount)>) -> Anchors {
    let mut anchors = Anchors::default();
    let tracked = applied.tracked;
    for metric in &applied.head.compiled.anchors {
        if let Some((at, amount)) = known.get(&(tracked.listing_id, tracked.created_at, *metric)) {
            anchors.set(*metric, *at, *amount);
        }
    }
    anchors
}
