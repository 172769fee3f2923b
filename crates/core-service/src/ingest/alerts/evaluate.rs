//! Judging rules with what a batch has in hand.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::alert::{
    self, ContentChange, Fired, Moved, Sight, Terms, Timeline, TooShort, evaluate_local,
};
use domain::history::Transition;
use domain::observation::Values;

use super::{Applied, Compiled, Raised, Rejudged, Rules, Tracked, Verdicts};

/// The looks of one listing to judge.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// The listing.
    pub listing_id: i64,
    /// The newest look before the batch.
    pub before: Option<(DateTime<Utc>, &'a Values)>,
    /// The points that arrived; late ones with those whose past they change.
    pub transitions: &'a [Transition],
    /// Whether some of them may have alerts already.
    pub late: bool,
    /// What the listing says otherwise, and at which look.
    pub content: Option<(DateTime<Utc>, &'a [ContentChange])>,
}

impl Evaluation<'_> {
    /// What may have moved at any of its looks.
    pub fn moved(&self) -> Moved {
        if self.late {
            return match self.transitions.is_empty() && self.content.is_none() {
                true => Moved::NOTHING,
                false => Moved::ANYTHING,
            };
        }
        let mut moved = match self.content {
            Some(_) => Moved::CONTENT,
            None => Moved::NOTHING,
        };
        let mut last = self.before.map(|(_, values)| values);
        for transition in self.transitions {
            let step = last.map_or(Moved::ANYTHING, |last| {
                Moved::between(last, &transition.after)
            });
            moved = moved.and(step);
            last = Some(&transition.after);
        }
        moved
    }

    /// Where the looks begin and end that arrived.
    fn range(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let points = self.transitions.iter().map(|transition| transition.at);
        let instants = points.chain(self.content.map(|(at, _)| at));
        let first = instants.clone().min()?;
        Some((first, instants.max()?))
    }
}

/// What must be judged with history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judged {
    /// This look.
    At(DateTime<Utc>),
    /// Every look that late ones between these instants may concern.
    Late(DateTime<Utc>, DateTime<Utc>),
}

/// A rule that needs history.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// The rule, for whom.
    pub applied: Applied<'a>,
    /// Where.
    pub judged: Judged,
}

/// Judges every rule at every look, as far as the batch itself tells.
pub fn evaluate<'a>(
    evaluations: &[Evaluation<'_>],
    trackings: &'a BTreeMap<i64, Vec<Tracked>>,
    rules: &'a Rules,
) -> (Verdicts, Vec<Open<'a>>) {
    let (mut verdicts, mut open) = (Verdicts::default(), Vec::new());
    for evaluation in evaluations {
        let Some(trackings) = trackings.get(&evaluation.listing_id) else {
            continue;
        };
        let (mut near, mut local) = (None, Local::of(evaluation));
        for applied in trackings.iter().flat_map(|tracked| rules.of(tracked)) {
            if applied.head.compiled.local {
                local.judge(applied, &mut verdicts);
            } else if evaluation.late {
                open.extend(evaluation.range().map(|(first, last)| Open {
                    applied,
                    judged: Judged::Late(first, last),
                }));
            } else {
                let near = near.get_or_insert_with(|| Near::of(evaluation));
                near.judge(applied, &mut verdicts, &mut open);
            }
        }
    }
    (verdicts, open)
}

/// A rule as many tenants have it: it is compiled once a batch.
type Alike = *const Compiled;

/// What a point tells of price and rank is all there is to know, late or not.
struct Local<'a> {
    evaluation: &'a Evaluation<'a>,
    at: Arc<[DateTime<Utc>]>,
    /// Where rules fire.
    fired: HashMap<Alike, Vec<Fired>>,
}

impl<'a> Local<'a> {
    fn of(evaluation: &'a Evaluation<'a>) -> Self {
        let points = evaluation.transitions.iter();
        let at: Vec<DateTime<Utc>> = points.map(|transition| transition.at).collect();
        Self {
            evaluation,
            at: at.into(),
            fired: HashMap::new(),
        }
    }

    fn judge(&mut self, applied: Applied<'_>, verdicts: &mut Verdicts) {
        let compiled = &applied.head.compiled;
        let fired = self.fired.entry(Arc::as_ptr(compiled)).or_insert_with(|| {
            let points = self.evaluation.transitions.iter();
            let fired = points.filter_map(|point| evaluate_local(&compiled.rule, point));
            fired.collect()
        });
        verdicts.raised.extend(fired.iter().map(|fired| Raised {
            listing_id: self.evaluation.listing_id,
            by: applied.by(),
            fired: fired.clone(),
        }));
        if self.evaluation.late && !self.at.is_empty() {
            verdicts.rejudged.push(Rejudged {
                at: Arc::clone(&self.at),
                by: applied.by(),
            });
        }
    }
}

/// The looks that arrived in order, with the one before them.
struct Near {
    listing_id: i64,
    sights: Vec<Sight>,
    /// What may have moved at each.
    moved: Vec<Moved>,
    begins: bool,
    /// What was judged, by rule and by where its memory begins.
    known: HashMap<(Alike, DateTime<Utc>), Vec<Judgement>>,
}

/// What a rule says of a look.
#[derive(Debug, Clone)]
enum Judgement {
    Fires(Fired),
    /// That takes history to say.
    Open(DateTime<Utc>),
}

impl Near {
    fn of(evaluation: &Evaluation<'_>) -> Self {
        let mut near = Self {
            listing_id: evaluation.listing_id,
            sights: Vec::with_capacity(evaluation.transitions.len() + 1),
            moved: Vec::with_capacity(evaluation.transitions.len() + 1),
            begins: evaluation.before.is_none(),
            known: HashMap::new(),
        };
        let mut last = evaluation.before.map(|(_, values)| values);
        if let Some((at, values)) = evaluation.before {
            near.sights.push(Sight::of(at, values));
            near.moved.push(Moved::NOTHING);
        }
        for transition in evaluation.transitions {
            let moved = last.map_or(Moved::ANYTHING, |last| {
                Moved::between(last, &transition.after)
            });
            near.sights
                .push(Sight::of(transition.at, &transition.after));
            near.moved.push(moved);
            last = Some(&transition.after);
        }
        if let Some((at, changes)) = evaluation.content {
            near.tell(at, changes);
        }
        near
    }

    /// Adds what the listing says otherwise, to the look of that instant or as one without figures.
    fn tell(&mut self, at: DateTime<Utc>, changes: &[ContentChange]) {
        match self.sights.binary_search_by_key(&at, |sight| sight.at) {
            Ok(place) => {
                let sight = self.sights[place].clone();
                self.sights[place] = sight.with_changes(changes.to_vec());
                self.moved[place] = self.moved[place].and(Moved::CONTENT);
            }
            Err(place) => {
                let sight = Sight::silent(at).with_changes(changes.to_vec());
                self.sights.insert(place, sight);
                self.moved.insert(place, Moved::CONTENT);
            }
        }
    }

    fn judge<'a>(
        &mut self,
        applied: Applied<'a>,
        verdicts: &mut Verdicts,
        open: &mut Vec<Open<'a>>,
    ) {
        let compiled = &applied.head.compiled;
        let line = Timeline::new(&self.sights, self.begins);
        let terms = applied.terms().on(&line);
        let key = (Arc::as_ptr(compiled), terms.since);
        if !self.known.contains_key(&key) {
            let judged = self.judged(compiled, &terms);
            self.known.insert(key, judged);
        }
        for judgement in self.known.get(&key).into_iter().flatten() {
            match judgement {
                Judgement::Fires(fired) => verdicts.raised.push(Raised {
                    listing_id: self.listing_id,
                    by: applied.by(),
                    fired: fired.clone(),
                }),
                Judgement::Open(at) => open.push(Open {
                    applied,
                    judged: Judged::At(*at),
                }),
            }
        }
    }

    fn judged(&self, compiled: &Compiled, terms: &Terms) -> Vec<Judgement> {
        let line = Timeline::new(&self.sights, self.begins);
        let looks = self.sights.iter().enumerate().filter(|(index, _)| {
            let moved = self.moved[*index].touches(compiled.watches);
            moved || (compiled.stands && self.is_first(*index, terms))
        });
        let judged = looks.filter_map(|(index, sight)| {
            match alert::evaluate(&compiled.rule, &line, index, terms) {
                Ok(fired) => fired.map(Judgement::Fires),
                Err(TooShort) => Some(Judgement::Open(sight.at)),
            }
        });
        judged.collect()
    }

    /// Whether a look is the first since the rule applies.
    fn is_first(&self, index: usize, terms: &Terms) -> bool {
        index > 0 && self.sights[index - 1].at < terms.since && terms.since <= self.sights[index].at
    }
}
