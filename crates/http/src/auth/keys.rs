//! The signing keys, kept for a while.

use std::{
    collections::HashMap,
    sync::Arc,
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
}

impl Known {
    fn is_older_than(&self, age: Duration) -> bool {
        self.fetched.is_none_or(|(at, _)| at.elapsed() > age)
    }

    fn is_fresh(&self) -> bool {
        self.fetched
            .is_some_and(|(at, fresh)| at.elapsed() <= fresh)
    }
}

/// The signing keys by id.
pub(super) struct SigningKeys {
    lookup: Arc<dyn IdentityLookup>,
    known: ArcSwap<Known>,
    /// One asks, the others wait for the answer.
    asking: Mutex<()>,
}

impl SigningKeys {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>) -> Self {
        Self {
            lookup,
            known: ArcSwap::default(),
            asking: Mutex::new(()),
        }
    }

    /// The key with this id; `None` when the identity service does not know it either.
    pub(super) async fn find(&self, id: &str) -> Result<Option<DecodingKey>, LookupError> {
        let known = self.known.load();
        let found = known.by_id.get(id).cloned();
        if found.is_some() && known.is_fresh() {
            return Ok(found);
        }
        if found.is_none() && !known.is_older_than(ASK_AGAIN) {
            return Ok(None);
        }
        drop(known);

        let _turn = self.asking.lock().await;
        let known = self.known.load();
        // Somebody may have asked while this request waited for its turn.
        if known.is_fresh() && (known.by_id.contains_key(id) || !known.is_older_than(ASK_AGAIN)) {
            return Ok(known.by_id.get(id).cloned());
        }
        match self.fetch().await {
            Ok(fetched) => {
                let found = fetched.by_id.get(id).cloned();
                self.known.store(Arc::new(fetched));
                Ok(found)
            }
            Err(cause) => match known.by_id.get(id) {
                Some(key) if !known.is_older_than(LONGEST_AGE + STALE_LIMIT) => {
                    tracing::warn!(error = %cause, "signing keys could not be renewed");
                    Ok(Some(key.clone()))
                }
                _ => Err(cause),
            },
        }
    }

    async fn fetch(&self) -> Result<Known, LookupError> {
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
        })
    }
}
