//! Names of listings that were looked up before.
//!
//! A listing is never renamed, so what was found once holds; only a listing without a parent may get one. Those that go
//! with their tenant are forgotten in every process ([`KnownNames::forget_all`], as `answers::feed` hears it), and who
//! missed that is told by the listing's state, which cannot be locked any more. Kept as keyed 128-bit hashes: a name costs some forty bytes, and nobody can choose names that collide.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use super::incoming::ListingName;
use super::store::names::Found;

/// Names in each of the two generations.
const GENERATION: usize = 250_000;

type Key = (u64, u64);

/// Remembers the names used lately.
#[derive(Debug, Default)]
pub struct KnownNames {
    keys: (RandomState, RandomState),
    generations: Mutex<Generations>,
}

/// What is used moves to the young one; when that is full, it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, Found>,
    old: HashMap<Key, Found>,
}

impl KnownNames {
    fn key(&self, name: &ListingName) -> Key {
        (self.keys.0.hash_one(name), self.keys.1.hash_one(name))
    }

    /// What is known of these names, in their order.
    pub fn find(&self, names: &[ListingName]) -> Vec<Option<Found>> {
        let keys: Vec<Key> = names.iter().map(|name| self.key(name)).collect();
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        keys.into_iter().map(|key| generations.find(key)).collect()
    }

    /// Forgets everything: listings were deleted. Hashes do not tell whose they are, and what is used is soon learnt again.
    pub fn forget_all(&self) {
        *self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }

    /// Remembers what the database told.
    pub fn learn<'a>(&self, found: impl IntoIterator<Item = (&'a ListingName, &'a Found)>) {
        let found: Vec<(Key, Found)> = found
            .into_iter()
            .map(|(name, found)| (self.key(name), *found))
            .collect();
        let mut generations = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (key, found) in found {
            generations.keep(key, found);
        }
    }
}

impl Generations {
    fn find(&mut self, key: Key) -> Option<Found> {
        if let Some(found) = self.young.get(&key) {
            return Some(*found);
        }
        let found = self.old.remove(&key)?;
        self.keep(key, found);
        Some(found)
    }

    fn keep(&mut self, key: Key, found: Found) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, found);
    }
}

#[cfg(test)]
mod tests {
    use domain::source::Source;

    use super::*;

    fn name(number: usize) -> ListingName {
        ListingName {
            source: Source::named("amazon"),
            marketplace: "US".into(),
            external_id: format!("B{number:09}"),
            owner: None,
        }
    }

    fn found(id: i64) -> Found {
        Found {
            id,
            parent_id: None,
        }
    }

    #[test]
    fn what_is_used_stays_and_what_is_not_is_forgotten() {
        let known = KnownNames::default();
        let (used, unused) = (name(1), name(2));
        known.learn([(&used, &found(1)), (&unused, &found(2))]);
        for round in 1..=3 {
            for number in 0..GENERATION {
                known.learn([(&name(round * GENERATION + number), &found(3))]);
            }
            assert_eq!(known.find(std::slice::from_ref(&used)), [Some(found(1))]);
        }
        assert_eq!(known.find(&[unused]), [None]);
    }

    #[test]
    fn what_was_forgotten_is_looked_up_again() {
        let known = KnownNames::default();
        let name = name(1);
        known.learn([(&name, &found(1))]);
        known.forget_all();
        assert_eq!(known.find(std::slice::from_ref(&name)), [None]);
        known.learn([(&name, &found(2))]);
        assert_eq!(known.find(&[name]), [Some(found(2))]);
    }

    #[test]
    fn another_owners_listing_is_another() {
        let known = KnownNames::default();
        let public = name(1);
        known.learn([(&public, &found(1))]);
        let owned = ListingName {
            owner: Some(uuid::Uuid::from_u128(1)),
            ..public
        };
        assert_eq!(known.find(&[owned]), [None]);
    }
}
