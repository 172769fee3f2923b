//! Judging rules with history.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::alert::{
    self, Amount, Anchors, ContentChange, Fired, Metric, Moved, Recall, Sight, Terms, Timeline,
    TooShort,
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
    pub fn tell(&mut self, changes: Vec<Said>) {
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

/// What a listing said otherwise at an instant.
pub type Said = (DateTime<Utc>, Vec<ContentChange>);

/// What was read besides looks.
#[derive(Debug, Default)]
pub struct Known {
    /// The values when first tracked.
    pub anchors: BTreeMap<AnchorKey, (DateTime<Utc>, Amount)>,
    /// What listings said otherwise, and when.
    pub content: BTreeMap<i64, Vec<Said>>,
}

/// Judges open rules, listing by listing, as their looks are read.
#[derive(Debug)]
pub struct Replay<'a> {
    open: BTreeMap<i64, Vec<Open<'a>>>,
    known: Known,
}

impl<'a> Replay<'a> {
    /// Of these rules.
    pub fn new(open: Vec<Open<'a>>, known: Known) -> Self {
        let mut of_listings: BTreeMap<i64, Vec<Open<'a>>> = BTreeMap::new();
        for open in open {
            let listing_id = open.applied.tracked.listing_id;
            of_listings.entry(listing_id).or_default().push(open);
        }
        Self {
            open: of_listings,
            known,
        }
    }

    /// Judges those of a listing.
    pub fn judge(&mut self, span: &Span, mut loaded: Loaded, verdicts: &mut Verdicts) {
        let listing_id = span.listing_id;
        if let Some(mut told) = self.known.content.remove(&listing_id) {
            // What lies beyond the looks that were read is not judged.
            let newest = loaded.sights.last().map(|sight| sight.at);
            let end = newest.map_or(span.last, |newest| newest.max(span.last));
            told.retain(|(at, _)| *at <= end);
            loaded.tell(told);
        }
        let recall = Recall::default();
        let line = Timeline::new(&loaded.sights, loaded.begins).with(&recall);
        // What many ask alike is judged once: the same rule, whose memory begins at the same look, with the same values
        // when first tracked.
        let mut judged: HashMap<_, Option<Vec<Fired>>> = HashMap::new();
        for open in self.open.remove(&listing_id).unwrap_or_default() {
            let applied = open.applied;
            let compiled = &applied.head.compiled;
            let terms = Terms {
                anchors: Some(self.anchors(applied)),
                ..applied.terms().on(&line)
            };
            let tracked_at = (!compiled.anchors.is_empty()).then_some(applied.tracked.created_at);
            let alike = (Arc::as_ptr(compiled), terms.since, tracked_at, open.judged);
            let fired = judged.entry(alike).or_insert_with(|| {
                let looks = looks_of(&loaded, open.judged);
                alert::replay(&compiled.rule, &line, looks, &terms)
                    .inspect_err(|TooShort| {
                        tracing::error!(listing_id, rule_id = %applied.head.id, "a rule needs more history than it says");
                    })
                    .ok()
            });
            let Some(fired) = fired else { continue };
            if let (Judged::Late(first, _), Some(last)) = (open.judged, loaded.sights.last()) {
                verdicts.cleared.push(Cleared {
                    from: first,
                    to: last.at.max(first),
                    by: applied.by(),
                });
            }
            verdicts.raised.extend(fired.iter().map(|fired| Raised {
                listing_id,
                by: applied.by(),
                fired: fired.clone(),
            }));
        }
    }

    fn anchors(&self, applied: Applied<'_>) -> Anchors {
        let mut anchors = Anchors::default();
        let tracked = applied.tracked;
        for metric in &applied.head.compiled.anchors {
            let key = (tracked.listing_id, tracked.created_at, *metric);
            if let Some((at, amount)) = self.known.anchors.get(&key) {
                anchors.set(*metric, *at, *amount);
            }
        }
        anchors
    }
}

/// The looks to judge.
fn looks_of(loaded: &Loaded, judged: Judged) -> std::ops::Range<usize> {
    let place = |at| loaded.sights.partition_point(|sight| sight.at < at);
    match judged {
        Judged::At(at) => {
            let place = place(at);
            let found = loaded.sights.get(place).is_some_and(|sight| sight.at == at);
            place..place + usize::from(found)
        }
        Judged::Late(first, _) => place(first)..loaded.sights.len(),
    }
}
