//! API keys, kept for a moment.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;

use super::{API_KEY_PREFIX, ApiKeyRecord, IdentityLookup, LookupError};

/// How long an answer is kept: a revoked key works no longer than this.
const KEPT: Duration = Duration::from_secs(15);

/// Answers kept at most, misses included.
const CAPACITY: u64 = 50_000;

/// Real keys have about 50 characters.
const LONGEST: usize = 128;

/// API keys by the hash of their text.
pub(super) struct ApiKeys {
    lookup: Arc<dyn IdentityLookup>,
    known: Cache<[u8; 32], Option<Arc<ApiKeyRecord>>>,
}

impl ApiKeys {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>) -> Self {
        let known = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(KEPT)
            .build();
        Self { lookup, known }
    }

    /// The record of the key with this text; `None` when it is not valid.
    pub(super) async fn find(
        &self,
        text: &str,
    ) -> Result<Option<Arc<ApiKeyRecord>>, Arc<LookupError>> {
        if !text.starts_with(API_KEY_PREFIX) || text.len() > LONGEST {
            return Ok(None);
        }
        let hash = secrets::sha256(text);
        let ask = async { Ok(self.lookup.api_key(hash).await?.map(Arc::new)) };
        self.known.try_get_with(hash, ask).await
    }
}
