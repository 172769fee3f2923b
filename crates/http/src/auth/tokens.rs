//! Access tokens that were checked a moment ago.
//!
//! Checking a signature takes longer than all else that is done to a request that is answered from memory, and even a
//! digest of the whole token would be a good part of it. So a token is found by a keyed hash of its last characters,
//! which belong to the signature and are as good as random, and compared as a whole. Nobody outside knows the hash's key,
//! and only tokens that were checked are in here, so nothing is learnt from how long a comparison takes.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::{BuildHasher, DefaultHasher, Hasher},
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use super::{Principal, SessionRecord, believed::Told};

/// Tokens kept at most, in parts that do not wait for each other.
const PARTS: usize = 16;
const CAPACITY: usize = 50_000 / PARTS;

/// Characters that are hashed: as many random bits as a digest has.
const TAIL: usize = 48;

/// A token that was checked.
pub(super) struct Checked {
    /// Who showed it.
    pub(super) principal: Principal,
    /// Until when that is believed.
    pub(super) until: Instant,
    /// What the session was when it was checked.
    pub(super) session: Arc<Told<SessionRecord>>,
}

impl Checked {
    fn holds(&self, now: Instant) -> bool {
        now < self.until && self.session.holds()
    }
}

type Part = RwLock<HashMap<Box<[u8]>, Checked, ByTail>>;

/// Who showed which token.
#[derive(Default)]
pub(super) struct Tokens {
    parts: [Part; PARTS],
}

impl Tokens {
    fn part(&self, token: &[u8]) -> &Part {
        // Of the signature's last characters this one holds six bits of it.
        let place = token.len().checked_sub(8).and_then(|at| token.get(at));
        &self.parts[usize::from(place.copied().unwrap_or_default()) % PARTS]
    }

    /// Whose it is, when it was checked a moment ago and still holds.
    pub(super) fn find(&self, token: &[u8], now: Instant) -> Option<Principal> {
        let part = self.part(token);
        let part = part.read().unwrap_or_else(PoisonError::into_inner);
        let checked = part.get(token).filter(|checked| checked.holds(now))?;
        Some(checked.principal.clone())
    }

    /// It was checked.
    pub(super) fn keep(&self, token: &[u8], checked: Checked, now: Instant) {
        let part = self.part(token);
        let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= CAPACITY {
            part.retain(|_, checked| checked.holds(now));
        }
        // More sessions than can be kept: what is asked for again comes back.
        if part.len() >= CAPACITY {
            part.clear();
        }
        part.insert(token.into(), checked);
    }

    /// Forgets what does not hold any more.
    pub(super) fn sweep(&self, now: Instant) {
        for part in &self.parts {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            part.retain(|_, checked| checked.holds(now));
        }
    }

    /// Forgets all: which keys verify has changed.
    pub(super) fn clear(&self) {
        for part in &self.parts {
            part.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

/// Hashes the end of a text.
#[derive(Clone, Default)]
struct ByTail(RandomState);

impl BuildHasher for ByTail {
    type Hasher = TailHasher;

    fn build_hasher(&self) -> TailHasher {
        TailHasher(self.0.build_hasher())
    }
}

struct TailHasher(DefaultHasher);

impl Hasher for TailHasher {
    fn write(&mut self, bytes: &[u8]) {
        let from = bytes.len().saturating_sub(TAIL);
        self.0.write(&bytes[from..]);
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}
