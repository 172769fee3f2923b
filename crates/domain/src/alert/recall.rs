//! What was reckoned of a line, kept while its looks are judged.

use std::cell::{Cell, RefCell};

use super::windows::{Window, windows};
use super::{Amount, Metric, Sight};
use crate::money::Currency;

/// What windows are of: the figure, its unit, and how many days.
type Key = (Metric, Option<Currency>, u16);

/// What was reckoned of one line, so that each of its looks, and each rule, finds it there; and how much work it was.
#[derive(Debug, Default)]
pub struct Recall {
    windows: RefCell<Vec<(Key, Vec<Window>)>>,
    effort: Cell<u64>,
}

impl Recall {
    /// Looks that were looked at, again and again: what judging costs.
    #[must_use]
    pub fn effort(&self) -> u64 {
        self.effort.get()
    }

    pub(super) fn spend(&self, looks: usize) {
        let looks = u64::try_from(looks).unwrap_or(u64::MAX);
        self.effort.set(self.effort.get().saturating_add(looks));
    }

    /// The window before a look of the line that this is about.
    pub(super) fn window(
        &self,
        sights: &[Sight],
        index: usize,
        metric: Metric,
        like: Amount,
        days: u16,
    ) -> Window {
        let key = (metric, like.currency(), days);
        let mut known = self.windows.borrow_mut();
        let place = known.iter().position(|(of, _)| *of == key);
        let place = place.unwrap_or_else(|| {
            self.spend(sights.len());
            known.push((key, windows(sights, metric, like, days)));
            known.len() - 1
        });
        known[place].1[index]
    }
}
