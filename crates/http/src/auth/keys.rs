//! The signing keys, kept for a while.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use jsonwebtoken::{
    DecodingKey,
    jwk::{JwkSet, KeyAlgorithm, PublicKeyUse},
};
use tokio::sync::Mutex;

use super::{IdentityLookup, LookupError};

/// A set is kept at least and at most this long, whatever the identity service says.
const SHORTEST_AGE: Duration = Duration::from_secs(10);
const LONGEST_AGE: Duration = Duration::from_secs(3600);

/// An unknown key id asks again only this long after the last time, so that forged tokens cannot
/// drive requests to the identity service.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Keys that could not be renewed are used this much longer, so that requests survive a restart of
/// the identity service.
const STALE_LIMIT: Duration = Duration::from_secs(600);

#[derive(Default)]
struct Known {
    by_id: HashMap<String, DecodingKey>,
    /// When it was fetched, and for how long it is fresh. `None` before the first time.
    fetched: Option<(Instant, Duration)>,
    /// The identity service has others by now.
    doubted: bool,
}

impl Known {
    fn is_older_than(&self, age: Duration) -> bool {
        self.fetched.is_none_or(|(at, _)| at.elapsed() > age)
    }

    /// A key that may be used although it could not be renewed.
    fn usable(&self, id: &str) -> Option<&DecodingKey> {
        self.by_id
            .get(id)
            .filter(|_| !self.is_older_than(LONGEST_AGE + STALE_LIMIT))
    }

    fn is_fresh(&self) -> bool {
        !self.doubted
            && self
                .fetched
                .is_some_and(|(at, fresh)| at.elapsed() <= fresh)
    }

    /// Whether an id that is not among them may be known by now.
    fn may_be_behind(&self) -> bool {
        self.doubted || self.is_older_than(ASK_AGAIN)
    }
}

/// The signing keys by id.
pub(super) struct SigningKeys {
    lookup: Arc<dyn IdentityLookup>,
    known: ArcSwap<Known>,
    /// One asks; others wait for the answer only when they have no usable key. Holds when asking last failed.
    asking: Mutex<Option<Instant>>,
    /// Grows with every doubt, so that a set on its way meanwhile is not taken for the newest.
    doubts: AtomicU64,
}

impl SigningKeys {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>) -> Self {
        Self {
            lookup,
            known: ArcSwap::default(),
            asking: Mutex::new(None),
            doubts: AtomicU64::new(0),
        }
    }

    /// Asks again before any key is used; if there is no answer, those that are known go on.
    pub(super) fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
        let known = self.known.load();
        self.known.store(Arc::new(Known {
            by_id: known.by_id.clone(),
            fetched: known.fetched,
            doubted: true,
        }));
    }

    /// The key with this id; `None` when the identity service does not know it either.
    pub(super) async fn find(&self, id: &str) -> Result<Option<DecodingKey>, LookupError> {
        let known = self.known.load();
        let found = known.by_id.get(id).cloned();
        if found.is_some() && known.is_fresh() {
            return Ok(found);
        }
        if found.is_none() && !known.may_be_behind() {
            return Ok(None);
        }
        let mut failed = match (known.usable(id), self.asking.try_lock()) {
            (_, Ok(turn)) => turn,
            (Some(key), Err(_)) if !known.doubted => return Ok(Some(key.clone())),
            (_, Err(_)) => self.asking.lock().await,
        };
        let known = self.known.load();
        // Somebody may have asked while this request waited for its turn.
        if known.is_fresh() && (known.by_id.contains_key(id) || !known.may_be_behind()) {
            return Ok(known.by_id.get(id).cloned());
        }
        // An identity service that hangs must not hold up every request that has a key.
        if let (Some(key), Some(at)) = (known.usable(id), *failed)
            && at.elapsed() <= ASK_AGAIN
        {
            return Ok(Some(key.clone()));
        }
        match self.fetch().await {
            Ok(fetched) => {
                *failed = None;
                let found = fetched.by_id.get(id).cloned();
                self.known.store(Arc::new(fetched));
                Ok(found)
            }
            Err(cause) => {
                *failed = Some(Instant::now());
                let Some(key) = known.usable(id) else {
                    return Err(cause);
                };
                tracing::warn!(error = %cause, "signing keys could not be renewed");
                Ok(Some(key.clone()))
            }
        }
    }

    async fn fetch(&self) -> Result<Known, LookupError> {
        let doubts = self.doubts.load(Ordering::Acquire);
        let answer = self.lookup.jwks().await?;
        let set: JwkSet = serde_json::from_str(&answer.json).map_err(LookupError::new)?;
        let mut by_id = HashMap::new();
        for key in &set.keys {
            let common = &key.common;
            let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
                && matches!(common.key_algorithm, None | Some(KeyAlgorithm::RS256));
            // Keys of another kind may be in the set; tokens that name them are refused.
            if let (true, Some(id), Ok(decoding)) =
                (signs, &common.key_id, DecodingKey::from_jwk(key))
            {
                by_id.insert(id.clone(), decoding);
            }
        }
        let fresh = answer.max_age.clamp(SHORTEST_AGE, LONGEST_AGE);
        Ok(Known {
            by_id,
            fetched: Some((Instant::now(), fresh)),
            doubted: self.doubts.load(Ordering::Acquire) != doubts,
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::stream::BoxStream;
    use uuid::Uuid;

    use super::super::{Change, Jwks, KeyAnswer, KeyUse, SessionRecord};
    use super::*;

    /// Never answers.
    struct Hung;

    #[async_trait::async_trait]
    impl IdentityLookup for Hung {
        async fn jwks(&self) -> Result<Jwks, LookupError> {
            std::future::pending().await
        }

        async fn api_key(&self, _: [u8; 32]) -> Result<KeyAnswer, LookupError> {
            std::future::pending().await
        }

        async fn session(&self, _: Uuid, _: Uuid) -> Result<Option<SessionRecord>, LookupError> {
            std::future::pending().await
        }

        async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
            std::future::pending().await
        }

        async fn note_uses(&self, _: Vec<KeyUse>) -> Result<(), LookupError> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn while_one_waits_for_a_hung_identity_service_others_go_on_with_the_key_they_have() {
        let keys = Arc::new(SigningKeys::new(Arc::new(Hung)));
        let stale = Instant::now().checked_sub(Duration::from_secs(60));
        keys.known.store(Arc::new(Known {
            by_id: HashMap::from([("a".to_owned(), DecodingKey::from_secret(b"a"))]),
            fetched: Some((stale.expect("a past"), SHORTEST_AGE)),
            doubted: false,
        }));
        let mut renewing = tokio::spawn({
            let keys = Arc::clone(&keys);
            async move { keys.find("a").await.map(|key| key.is_some()) }
        });
        // On one thread the other has begun to ask once it was polled.
        assert!(futures::poll!(&mut renewing).is_pending());
        tokio::task::yield_now().await;
        assert!(keys.find("a").await.expect("known").is_some());
        renewing.abort();
    }
}
