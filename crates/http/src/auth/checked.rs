//! Credentials that were checked a moment ago.
//!
//! Checking a signature takes longer than all else that is done to a request that is answered from memory, and even a
//! digest of a token, or of a key for the look-up by it, would be a good part of it. So a credential is found by a keyed
//! hash of its last characters, which are as good as random, and then compared as a whole, in constant time. Nobody
//! outside knows the hash's key, and only what was checked is in here.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::{BuildHasher as _, BuildHasherDefault, Hasher},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use super::{
    Principal,
    believed::{KEPT, Told},
    standing::Stands,
};

/// Credentials kept at most, in parts that do not wait for each other.
const PARTS: usize = 16;
const CAPACITY: usize = 50_000 / PARTS;

/// Characters that are hashed: of a token's signature as many random bits as a digest has, and all of a key.
const TAIL: usize = 48;

/// While the identity service is away, a credential is looked at again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// A credential that was checked, and what that rests on.
pub(super) struct Checked<P> {
    /// Who showed it.
    pub(super) principal: Principal,
    /// Until when that is believed.
    until: Instant,
    /// What is told of the session or key.
    pub(super) proof: Arc<Told<P>>,
    /// How its tenant stands.
    pub(super) standing: Arc<Told<Stands>>,
}

impl<P> Checked<P> {
    /// Believed as long as what it rests on, and at most for what is `left` of the credential's own time.
    pub(super) fn new(
        principal: Principal,
        proof: Arc<Told<P>>,
        standing: Arc<Told<Stands>>,
        left: Option<Duration>,
        now: Instant,
    ) -> Self {
        let until = (proof.at.min(standing.at) + KEPT).max(now + AGAIN);
        let end = left.and_then(|left| now.checked_add(left));
        Self {
            principal,
            until: end.map_or(until, |end| end.min(until)),
            proof,
            standing,
        }
    }

    fn holds(&self, now: Instant) -> bool {
        now < self.until && self.proof.holds() && self.standing.holds()
    }
}

/// Credentials by the hash of their ends, with their texts.
type Part<P> = RwLock<HashMap<u64, (Box<[u8]>, Arc<Checked<P>>), BuildHasherDefault<AsItIs>>>;

/// Who showed what.
pub(super) struct Shown<P> {
    seed: RandomState,
    parts: [Part<P>; PARTS],
}

impl<P> Default for Shown<P> {
    fn default() -> Self {
        Self {
            seed: RandomState::new(),
            parts: std::array::from_fn(|_| RwLock::default()),
        }
    }
}

impl<P> Shown<P> {
    fn hash(&self, text: &[u8]) -> u64 {
        let from = text.len().saturating_sub(TAIL);
        self.seed.hash_one(&text[from..])
    }

    /// The tables go by the hash's first and last bits.
    const fn part(&self, hash: u64) -> &Part<P> {
        &self.parts[(hash >> 32) as usize % PARTS]
    }

    /// What is known of it, when it was checked a moment ago and still holds.
    pub(super) fn find(&self, text: &[u8], now: Instant) -> Option<Arc<Checked<P>>> {
        let hash = self.hash(text);
        let part = self.part(hash);
        let part = part.read().unwrap_or_else(PoisonError::into_inner);
        let (known, checked) = part.get(&hash)?;
        let same = secrets::constant_time_eq(known, text);
        (same && checked.holds(now)).then(|| Arc::clone(checked))
    }

    /// It was checked.
    pub(super) fn keep(&self, text: &[u8], checked: Arc<Checked<P>>, now: Instant) {
        let hash = self.hash(text);
        let part = self.part(hash);
        let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= CAPACITY {
            part.retain(|_, (_, checked)| checked.holds(now));
        }
        // More than can be kept: what is asked for again comes back.
        if part.len() >= CAPACITY {
            part.clear();
        }
        part.insert(hash, (text.into(), checked));
    }

    /// Forgets what does not hold any more.
    pub(super) fn sweep(&self, now: Instant) {
        for part in &self.parts {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            part.retain(|_, (_, checked)| checked.holds(now));
        }
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        for part in &self.parts {
            part.write().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

/// Takes a hash for what it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::{Actor, Scopes, Standing};
    use super::*;

    fn checked(left: Option<Duration>, now: Instant) -> Arc<Checked<()>> {
        let tenant_id = Uuid::from_u128(1);
        let principal = Principal {
            tenant_id,
            tenant_slug: "acme".into(),
            actor: Actor::ApiKey {
                id: Uuid::from_u128(2),
                scopes: Scopes::default(),
            },
        };
        let stands = Stands {
            tenant_id,
            standing: Standing::Active,
        };
        let standing = Arc::new(Told::new(stands, now));
        let proof = Arc::new(Told::new((), now));
        Arc::new(Checked::new(principal, proof, standing, left, now))
    }

    #[test]
    fn only_the_whole_text_is_found_and_only_while_all_of_it_holds() {
        let now = Instant::now();
        let shown = Shown::default();
        let tail = "t".repeat(TAIL);
        let text = format!("a{tail}");
        let known = checked(None, now);
        shown.keep(text.as_bytes(), Arc::clone(&known), now);
        assert!(shown.find(text.as_bytes(), now).is_some());
        assert!(shown.find(format!("b{tail}").as_bytes(), now).is_none());
        assert!(shown.find(tail.as_bytes(), now).is_none());
        assert!(shown.find(b"", now).is_none());
        assert!(shown.find(text.as_bytes(), now + KEPT).is_none());

        known.standing.outdate();
        assert!(shown.find(text.as_bytes(), now).is_none());
        shown.keep(text.as_bytes(), checked(None, now), now);
        let found = shown.find(text.as_bytes(), now).expect("kept anew");
        found.proof.outdate();
        assert!(shown.find(text.as_bytes(), now).is_none());
    }

    #[test]
    fn a_credential_is_believed_no_longer_than_its_own_time() {
        let now = Instant::now();
        let shown = Shown::default();
        let left = Duration::from_secs(3);
        shown.keep(b"key", checked(Some(left), now), now);
        assert!(shown.find(b"key", now + left / 2).is_some());
        assert!(shown.find(b"key", now + left).is_none());
    }
}
