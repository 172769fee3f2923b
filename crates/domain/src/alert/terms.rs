//! What a rule needs to know of whom it is evaluated for.

use chrono::{DateTime, Utc};

use super::{Amount, Metric, Timeline};

/// The value of each metric when a product was first tracked, and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Anchors([Option<(DateTime<Utc>, Amount)>; 7]);

impl Anchors {
    /// Notes a metric's value.
    pub const fn set(&mut self, metric: Metric, at: DateTime<Utc>, amount: Amount) {
        self.0[metric.place()] = Some((at, amount));
    }

    /// A metric's value; nothing while none was seen.
    #[must_use]
    pub const fn get(&self, metric: Metric) -> Option<(DateTime<Utc>, Amount)> {
        self.0[metric.place()]
    }
}

/// What a rule needs to know of the tracking it is evaluated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Since when this version of the rule applies to the tracking: its memory begins here.
    pub since: DateTime<Utc>,
    /// The values when the product was first tracked; `None` while they were not looked up.
    pub anchors: Option<Anchors>,
}

impl Terms {
    /// Terms that say the same of every look of a line: it only matters between which looks the memory begins. So those
    /// of many trackings become the same.
    #[must_use]
    pub fn on(self, line: &Timeline<'_>) -> Self {
        let sights = line.sights();
        let first = sights.partition_point(|sight| sight.at < self.since);
        let since = sights.get(first).map(|sight| sight.at);
        Self {
            since: since.unwrap_or(DateTime::<Utc>::MAX_UTC),
            ..self
        }
    }
}
