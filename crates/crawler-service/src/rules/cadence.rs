//! When a target is due: the earliest of what its live trackings ask for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::schedule::{Adaptive, Ahead, LONGEST_SECONDS, Phase, Schedule, Spec};
use serde::{Deserialize, Serialize};

use super::due::next_due;

/// How long intervals are without a budget that is exceeded, in thousandths.
pub const NO_STRETCH: u32 = 1_000;

/// What one tracking asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cadence {
    /// Seconds; of a cron expression those between two of its times, on average.
    pub every: u32,
    /// A cron expression, windows, or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<Spec>,
    /// Set when the interval follows how often something changes: the shortest it may come to, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<u32>,
    /// Seconds while stock is low.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_stock: Option<u32>,
}

impl Cadence {
    /// An interval and nothing else.
    #[must_use]
    pub const fn every(seconds: u32) -> Self {
        Self {
            every: seconds,
            spec: None,
            adaptive: None,
            low_stock: None,
        }
    }

    /// Whether the interval says when, and always the same.
    const fn is_fixed(&self) -> bool {
        self.spec.is_none() && self.adaptive.is_none()
    }

    fn is_cron(&self) -> bool {
        self.spec.as_ref().is_some_and(|spec| spec.cron.is_some())
    }

    fn adaptive(&self) -> Option<Adaptive> {
        let least = self.adaptive.filter(|_| !self.is_cron())?;
        Some(Adaptive {
            asked: self.every,
            least,
        })
    }
}

/// What is known of a target besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The interval that its shortest adaptive cadence has come to, in seconds.
    pub own_interval: Option<u32>,
    /// Whether stock is low.
    pub low_stock: bool,
    /// By how much adaptive intervals are longer, in thousandths.
    pub stretch: u32,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            own_interval: None,
            low_stock: false,
            stretch: NO_STRETCH,
        }
    }
}

/// What the live trackings of a target ask for together: at least one cadence, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    cadences: Vec<Cadence>,
}

impl Plan {
    /// An interval and nothing else.
    #[must_use]
    pub fn every(seconds: u32) -> Self {
        Self {
            cadences: vec![Cadence::every(seconds)],
        }
    }

    /// Of all cadences; what another one covers is left out. `None`: nobody asks for anything.
    #[must_use]
    pub fn of(cadences: impl IntoIterator<Item = Cadence>) -> Option<Self> {
        let (fixed, mut rest): (Vec<_>, Vec<_>) = cadences.into_iter().partition(Cadence::is_fixed);
        // Of fixed intervals only the shortest is ever the earliest.
        let low_stock = fixed.iter().filter_map(|cadence| cadence.low_stock).min();
        let shortest = fixed.iter().map(|cadence| cadence.every).min();
        rest.extend(shortest.map(|every| Cadence {
            low_stock,
            ..Cadence::every(every)
        }));
        rest.sort_unstable();
        rest.dedup();
        (!rest.is_empty()).then_some(Self { cadences: rest })
    }

    /// The cadences, when there is more to say than one interval.
    #[must_use]
    pub fn cadences(&self) -> Option<&[Cadence]> {
        match self.cadences.as_slice() {
            [one] if *one == Cadence::every(one.every) => None,
            all => Some(all),
        }
    }

    /// Whether an interval of it follows how often something changes.
    #[must_use]
    pub fn is_adaptive(&self) -> bool {
        self.cadences.iter().any(|one| one.adaptive().is_some())
    }

    /// Whether it asks for no less than `other`.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        other.cadences.iter().all(|theirs| {
            self.cadences.iter().any(|own| {
                own == theirs || (own.is_fixed() && theirs.is_fixed() && own.every <= theirs.every)
            })
        })
    }

    /// The adaptive interval after a look; `None`: it has none.
    #[must_use]
    pub fn own_after(&self, own: Option<u32>, changed: Option<bool>) -> Option<u32> {
        let adaptive = self.shortest_adaptive()?;
        let current = own.unwrap_or(adaptive.asked);
        Some(changed.map_or(current, |changed| adaptive.after(current, changed)))
    }

    /// When it is due after a look at the book's now.
    pub fn next(&self, phase: Phase, seen: Seen, book: &mut Book) -> DateTime<Utc> {
        self.earliest(seen, |spec, every| book.next(spec, every, phase))
    }

    /// When a target that was looked at `last` goes on: at its regular time, or if that has passed some share of an
    /// interval later. What is taken up together does not come at once.
    pub fn taken_up(
        &self,
        last: DateTime<Utc>,
        phase: Phase,
        seen: Seen,
        book: &mut Book,
    ) -> DateTime<Utc> {
        self.earliest(seen, |spec, every| book.taken_up(spec, every, last, phase))
    }

    fn earliest(
        &self,
        seen: Seen,
        mut due: impl FnMut(Option<&Spec>, u32) -> DateTime<Utc>,
    ) -> DateTime<Utc> {
        let times = self
            .cadences
            .iter()
            .map(|cadence| due(cadence.spec.as_ref(), self.interval(cadence, seen)));
        times.min().expect("a plan has a cadence")
    }

    /// The interval of a cadence as things stand.
    fn interval(&self, cadence: &Cadence, seen: Seen) -> u32 {
        let every = match cadence.adaptive() {
            Some(adaptive) => self.adapted(adaptive, seen),
            None => cadence.every,
        };
        let low = cadence.low_stock.filter(|_| seen.low_stock);
        low.map_or(every, |low| low.min(every))
    }

    /// Its own interval in the same ratio to what it asks for as the shortest one's.
    fn adapted(&self, adaptive: Adaptive, seen: Seen) -> u32 {
        let shortest = self.shortest_adaptive().unwrap_or(adaptive);
        let own = u64::from(seen.own_interval.unwrap_or(shortest.asked));
        let scaled = own * u64::from(adaptive.asked) / u64::from(shortest.asked.max(1));
        let within = narrowed(scaled).clamp(adaptive.shortest(), adaptive.longest());
        let stretched = u64::from(within) * u64::from(seen.stretch) / u64::from(NO_STRETCH);
        narrowed(stretched).min(LONGEST_SECONDS)
    }

    fn shortest_adaptive(&self) -> Option<Adaptive> {
        let adaptive = self.cadences.iter().filter_map(Cadence::adaptive);
        adaptive.min_by_key(|adaptive| (adaptive.asked, adaptive.least))
    }
}

fn narrowed(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// Schedules as they are at one instant. Many targets share one, and reading it is what costs.
#[derive(Debug)]
pub struct Book {
    now: DateTime<Utc>,
    known: HashMap<Spec, Option<(Schedule, Ahead)>>,
}

impl Book {
    /// At this instant.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            known: HashMap::new(),
        }
    }

    /// The instant.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn next(&mut self, spec: Option<&Spec>, every: u32, phase: Phase) -> DateTime<Utc> {
        let now = self.now;
        let Some(spec) = spec else {
            return next_due(now, every, phase);
        };
        match self.look_up(spec) {
            Some((schedule, ahead)) if spec.cron.is_some() => schedule.due(*ahead, phase),
            Some((schedule, _)) => schedule.with_interval(every).next_after(now, phase),
            None => next_due(now, every, phase),
        }
    }

    fn taken_up(
        &mut self,
        spec: Option<&Spec>,
        every: u32,
        last: DateTime<Utc>,
        phase: Phase,
    ) -> DateTime<Utc> {
        let now = self.now;
        let plain = Schedule::every(every.clamp(1, LONGEST_SECONDS), 1).ok();
        let known = match spec {
            Some(spec) => self
                .look_up(spec)
                .map(|(known, _)| known.with_interval(every)),
            None => None,
        };
        match known.or(plain) {
            Some(schedule) => schedule.taken_up(last, now, phase),
            None => next_due(now, every, phase),
        }
    }

    /// A spec that cannot be read is not looked at twice; it was checked when it came, so there is none.
    fn look_up(&mut self, spec: &Spec) -> Option<&(Schedule, Ahead)> {
        if !self.known.contains_key(spec) {
            let schedule = Schedule::kept(spec, LONGEST_SECONDS, 1).ok();
            let entry = schedule.map(|schedule| {
                let ahead = schedule.ahead(self.now);
                (schedule, ahead)
            });
            self.known.insert(spec.clone(), entry);
        }
        self.known.get(spec)?.as_ref()
    }
}

#[cfg(test)]
mod tests;
