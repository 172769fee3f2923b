//! A figure over time, as steps.

use chrono::{DateTime, TimeDelta, Utc};

/// One figure over time: each value holds until the next step, the last one until the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    steps: Vec<(DateTime<Utc>, Option<i64>)>,
    end: DateTime<Utc>,
}

/// A part of a line in which one value held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end, which does not belong to it.
    pub to: DateTime<Utc>,
    /// What held; nothing in a gap.
    pub value: Option<i64>,
}

impl Stretch {
    /// How long it lasts, in microseconds.
    #[must_use]
    pub fn micros(&self) -> i128 {
        i128::from(self.to.timestamp_micros()) - i128::from(self.from.timestamp_micros())
    }

    /// How long it lasts.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.to - self.from
    }
}

impl Line {
    /// A line through what was seen; nothing after `end` counts. A value like the one before is no step, and of two at
    /// one instant the latter given stays.
    #[must_use]
    pub fn new(
        seen: impl IntoIterator<Item = (DateTime<Utc>, Option<i64>)>,
        end: DateTime<Utc>,
    ) -> Self {
        let mut seen: Vec<_> = seen.into_iter().filter(|(at, _)| *at <= end).collect();
        seen.sort_by_key(|(at, _)| *at);
        // Of one instant the last stays: the order above keeps equals as they came.
        let mut steps: Vec<(DateTime<Utc>, Option<i64>)> = Vec::with_capacity(seen.len());
        for (index, (at, value)) in seen.iter().enumerate() {
            let outdone = seen.get(index + 1).is_some_and(|(next, _)| next == at);
            let repeats = steps.last().is_some_and(|(_, last)| last == value);
            if !outdone && !repeats {
                steps.push((*at, *value));
            }
        }
        Self { steps, end }
    }

    /// What holds at the end.
    #[must_use]
    pub fn current(&self) -> Option<i64> {
        self.steps.last().and_then(|(_, value)| *value)
    }

    /// When the line begins.
    #[must_use]
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.steps.first().map(|(at, _)| *at)
    }

    /// When the line ends.
    #[must_use]
    pub const fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// Where the value became another one, in order of time; the first is where the line begins.
    #[must_use]
    pub fn steps(&self) -> &[(DateTime<Utc>, Option<i64>)] {
        &self.steps
    }

    /// The line from an instant on: it begins there with what held, unless it begins later.
    #[must_use]
    pub fn since(&self, from: DateTime<Utc>) -> Self {
        let after = self.steps.partition_point(|(at, _)| *at <= from);
        let held = self.steps[..after].last().map(|(_, value)| (from, *value));
        Self::new(
            held.into_iter().chain(self.steps[after..].iter().copied()),
            self.end,
        )
    }

    /// This line behind what was before it.
    #[must_use]
    pub(super) fn preceded_by(
        &self,
        earlier: impl IntoIterator<Item = (DateTime<Utc>, Option<i64>)>,
    ) -> Self {
        let begins = self.start().unwrap_or(self.end);
        let earlier = earlier
            .into_iter()
            .filter(|(at, _)| *at < begins || self.steps.is_empty());
        Self::new(earlier.chain(self.steps.iter().copied()), self.end)
    }

    /// All of the line.
    pub fn whole(&self) -> impl Iterator<Item = Stretch> + '_ {
        self.between(DateTime::<Utc>::MIN_UTC, self.end)
    }

    /// The line from `from` to `to`, without parts of no length.
    pub fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = Stretch> + '_ {
        let to = to.min(self.end);
        let after = self.steps.partition_point(|(at, _)| *at <= from);
        let first = after.saturating_sub(1);
        self.steps[first..]
            .iter()
            .enumerate()
            .map(move |(index, (at, value))| Stretch {
                from: (*at).max(from),
                to: self
                    .steps
                    .get(first + index + 1)
                    .map_or(self.end, |(next, _)| *next)
                    .min(to),
                value: *value,
            })
            .take_while(move |stretch| stretch.from < to)
            .filter(|stretch| stretch.from < stretch.to)
    }
}
