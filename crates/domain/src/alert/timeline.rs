//! Looks in order of time, and what was told before one of them.

use chrono::{DateTime, Utc};

use super::windows::{Window, windows};
use super::{Amount, MEMORY, Metric, Recall, Sight, Terms, Told};

/// What was loaded of history does not reach back far enough to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooShort;

/// Looks at one listing in order of time.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    sights: &'a [Sight],
    /// Whether the first of them is the listing's first ever.
    begins: bool,
    recall: Option<&'a Recall>,
}

impl<'a> Timeline<'a> {
    /// All looks from the first of `sights` on, in order of time. `begins`: there is none before.
    #[must_use]
    pub const fn new(sights: &'a [Sight], begins: bool) -> Self {
        Self {
            sights,
            begins,
            recall: None,
        }
    }

    /// With what was reckoned of this line, which is of no use to any other.
    #[must_use]
    pub const fn with(self, recall: &'a Recall) -> Self {
        Self {
            recall: Some(recall),
            ..self
        }
    }

    /// With this where nothing was reckoned yet.
    pub(super) fn or_with(self, recall: &'a Recall) -> Self {
        Self {
            recall: self.recall.or(Some(recall)),
            ..self
        }
    }

    /// The days before a look.
    pub(super) fn window(&self, index: usize, metric: Metric, like: Amount, days: u16) -> Window {
        match self.recall {
            Some(recall) => recall.window(self.sights, index, metric, like, days),
            None => windows(&self.sights[..=index], metric, like, days)[index],
        }
    }

    /// Notes that so many looks were looked at.
    pub(super) fn spend(&self, looks: usize) {
        if let Some(recall) = self.recall {
            recall.spend(looks);
        }
    }

    /// The looks.
    #[must_use]
    pub const fn sights(&self) -> &'a [Sight] {
        self.sights
    }

    pub(super) fn at(&self, index: usize) -> &'a Sight {
        &self.sights[index]
    }

    /// Whether every look from `instant` on is here, and the one before it.
    pub(super) fn reaches(&self, instant: DateTime<Utc>) -> bool {
        self.begins || self.sights.first().is_some_and(|first| first.at < instant)
    }

    /// The looks before one, the nearest first, as far as it may look for the value before: [`MEMORY`], and the one
    /// right before it however old it is.
    pub(super) fn back<T>(
        &self,
        index: usize,
        mut pick: impl FnMut(usize, &'a Sight) -> Option<T>,
    ) -> Result<Option<T>, TooShort> {
        let limit = self.at(index).at - MEMORY;
        for before in (0..index).rev() {
            self.spend(1);
            let sight = self.at(before);
            if before + 1 < index && sight.at < limit {
                return Ok(None);
            }
            if let Some(found) = pick(before, sight) {
                return Ok(Some(found));
            }
        }
        // With a look here that lies beyond the memory, the ones before it do so, too.
        let beyond = index > 0 && self.at(0).at < limit;
        if beyond || self.begins {
            Ok(None)
        } else {
            Err(TooShort)
        }
    }

    /// What was last told of a metric before a look, and where.
    pub(super) fn prior(
        &self,
        index: usize,
        metric: Metric,
    ) -> Result<Option<(usize, Told)>, TooShort> {
        self.back(index, |before, sight| match sight.told(metric) {
            Told::Nothing => None,
            told => Some((before, told)),
        })
    }

    /// Whether a look tells a figure anew: another one than before, or for the first time since the rule applies.
    pub(super) fn is_step(
        &self,
        index: usize,
        metric: Metric,
        terms: &Terms,
    ) -> Result<bool, TooShort> {
        let sight = self.at(index);
        let told = sight.told(metric);
        if told == Told::Nothing {
            return Ok(false);
        }
        let Some((before, prior)) = self.prior(index, metric)? else {
            return Ok(true);
        };
        Ok(prior != told || (sight.at >= terms.since && self.at(before).at < terms.since))
    }

    /// From where on a rule remembers at a look.
    pub(super) fn remembers_from(&self, index: usize, terms: &Terms) -> DateTime<Utc> {
        let at = self.at(index).at;
        if at >= terms.since {
            terms.since.max(at - MEMORY)
        } else {
            at - MEMORY
        }
    }
}
