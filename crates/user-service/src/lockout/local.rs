//! Counters of this process alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rules::lockout::{Counter, WINDOW};

/// Counters that are held; some megabytes.
const MOST: usize = 50_000;

/// Failures since a window began.
#[derive(Debug, Clone, Copy)]
struct Count {
    failures: u32,
    ends: Instant,
}

/// Counters by name.
#[derive(Debug, Default)]
pub(super) struct Local(Mutex<HashMap<String, Count>>);

impl Local {
    /// Counts an attempt everywhere, or nowhere and says how long to wait.
    pub(super) fn take(&self, counters: &[Counter], now: Instant) -> Option<Duration> {
        let mut counts = self.lock();
        let wait = counters
            .iter()
            .filter_map(|counter| {
                let count = counts.get(&counter.key)?;
                (count.ends > now && count.failures >= counter.limit).then(|| count.ends - now)
            })
            .max();
        if wait.is_some() {
            return wait;
        }
        if counts.len() + counters.len() > MOST {
            make_room(&mut counts, now);
        }
        for counter in counters {
            let count = counts.entry(counter.key.clone()).or_insert(Count {
                failures: 0,
                ends: now + WINDOW,
            });
            if count.ends <= now {
                *count = Count {
                    failures: 0,
                    ends: now + WINDOW,
                };
            }
            count.failures += 1;
        }
        None
    }

    pub(super) fn give_back(&self, counters: &[Counter]) {
        let mut counts = self.lock();
        for counter in counters {
            if let Some(count) = counts.get_mut(&counter.key) {
                count.failures = count.failures.saturating_sub(1);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is over, and if that is not enough the smaller half: who has failed most is remembered.
fn make_room(counts: &mut HashMap<String, Count>, now: Instant) {
    counts.retain(|_, count| count.ends > now && count.failures > 0);
    if counts.len() > MOST / 2 {
        let mut failures: Vec<u32> = counts.values().map(|count| count.failures).collect();
        failures.sort_unstable();
        let middle = failures[failures.len() / 2];
        let mut room = counts.len() - MOST / 2;
        counts.retain(|_, count| {
            let goes = room > 0 && count.failures <= middle;
            room -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(names: &[(&str, u32)]) -> Vec<Counter> {
        let counter = |(key, limit): &(&str, u32)| Counter {
            key: (*key).to_owned(),
            limit: *limit,
        };
        names.iter().map(counter).collect()
    }

    #[test]
    fn the_strictest_counter_decides_and_a_refusal_counts_nowhere() {
        let (local, now) = (Local::default(), Instant::now());
        let both = counters(&[("a", 2), ("b", 9)]);
        assert_eq!(local.take(&both, now), None);
        assert_eq!(local.take(&both, now), None);
        assert_eq!(local.take(&both, now), Some(WINDOW));
        assert_eq!(local.take(&counters(&[("b", 3)]), now), None, "b has two");
        assert!(local.take(&counters(&[("b", 3)]), now).is_some());
    }

    #[test]
    fn what_was_right_does_not_count_and_a_window_ends() {
        let (local, now) = (Local::default(), Instant::now());
        let one = counters(&[("a", 1)]);
        for _ in 0..5 {
            assert_eq!(local.take(&one, now), None);
            local.give_back(&one);
        }
        assert_eq!(local.take(&one, now), None);
        assert!(local.take(&one, now).is_some());
        assert_eq!(local.take(&one, now + WINDOW), None);
    }

    #[test]
    fn memory_is_bounded_and_who_failed_most_is_remembered() {
        let (local, now) = (Local::default(), Instant::now());
        let worst = counters(&[("worst", 3)]);
        for _ in 0..3 {
            local.take(&worst, now);
        }
        for n in 0..2 * MOST {
            local.take(&counters(&[(&n.to_string(), 9)]), now);
        }
        assert!(local.lock().len() <= MOST);
        assert!(local.take(&worst, now).is_some());
    }
}
