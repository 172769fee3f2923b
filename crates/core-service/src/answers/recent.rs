//! What has just changed, so that a replica may not show it yet.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// A replica that follows shows a change after that time.
const JUST: Duration = Duration::from_secs(6);
/// So many are remembered by name. When more change in so short a time, everything counts as changed.
const MANY: usize = 50_000;

/// Who changed what it watches, and which listings changed: these are read where they were written.
#[derive(Debug, Default)]
pub struct Recent {
    tenants: Mutex<Marks<Uuid>>,
    listings: Mutex<Marks<i64>>,
}

/// Until when each counts as just changed.
#[derive(Debug)]
struct Marks<K> {
    until: HashMap<K, Instant>,
    all_until: Option<Instant>,
}

impl<K> Default for Marks<K> {
    fn default() -> Self {
        Self {
            until: HashMap::new(),
            all_until: None,
        }
    }
}

impl<K: Hash + Eq + Copy> Marks<K> {
    fn note(&mut self, keys: &[K], now: Instant) {
        if self.until.len() + keys.len() > MANY {
            self.until.retain(|_, until| *until > now);
        }
        if self.until.len() + keys.len() > MANY {
            self.note_all(now);
            return;
        }
        self.until.extend(keys.iter().map(|key| (*key, now + JUST)));
    }

    fn note_all(&mut self, now: Instant) {
        self.until.clear();
        self.all_until = Some(now + JUST);
    }

    fn holds(&self, key: K, now: Instant) -> bool {
        let of_all = self.all_until.as_ref();
        let until = self.until.get(&key).into_iter().chain(of_all);
        until.into_iter().any(|until| *until > now)
    }
}

fn open<K>(marks: &Mutex<Marks<K>>) -> MutexGuard<'_, Marks<K>> {
    marks.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recent {
    /// Tenants wrote.
    pub fn note_tenants(&self, tenants: &[Uuid]) {
        open(&self.tenants).note(tenants, Instant::now());
    }

    /// Whether a tenant did so just now.
    pub fn wrote(&self, tenant: Uuid) -> bool {
        open(&self.tenants).holds(tenant, Instant::now())
    }

    /// Listings changed.
    pub fn note_listings(&self, listings: &[i64]) {
        open(&self.listings).note(listings, Instant::now());
    }

    /// Any listing may have changed.
    pub fn note_all_listings(&self) {
        open(&self.listings).note_all(Instant::now());
    }

    /// Whether a listing did so just now.
    pub fn changed(&self, listing: i64) -> bool {
        open(&self.listings).holds(listing, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_recent_for_a_while() {
        let now = Instant::now();
        let mut marks = Marks::default();
        marks.note(&[7], now);
        assert!(marks.holds(7, now + JUST / 2));
        assert!(!marks.holds(8, now));
        assert!(!marks.holds(7, now + JUST));
    }

    #[test]
    fn of_too_many_to_remember_all_count_as_changed() {
        let now = Instant::now();
        let mut marks = Marks::default();
        let many: Vec<usize> = (0..=MANY).collect();
        marks.note(&many[..MANY], now);
        assert!(!marks.holds(MANY, now));
        marks.note(&many[MANY..], now);
        assert!(marks.until.is_empty());
        assert!(marks.holds(MANY + 1, now));
        assert!(!marks.holds(0, now + JUST));
        // What is over makes room.
        marks.note(&many[..MANY], now + JUST);
        marks.note(&[MANY], now + JUST + JUST);
        assert_eq!(marks.until.len(), 1);
    }
}
