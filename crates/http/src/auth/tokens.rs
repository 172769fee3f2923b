//! Access tokens that were checked a moment ago.

use std::time::Duration;

use chrono::Utc;
use moka::future::Cache;

use super::{Principal, authenticator::LEEWAY_SECONDS};

/// How long a check is believed: a key that is withdrawn signs no longer than this. Checking a signature takes ten times
/// as long as all else that is done to a request that is answered from memory.
const KEPT: Duration = Duration::from_secs(15);

/// Tokens kept at most.
const CAPACITY: u64 = 50_000;

/// Who showed which token, by the hash of its text.
pub(super) struct Tokens {
    known: Cache<[u8; 32], (Principal, i64)>,
}

impl Default for Tokens {
    fn default() -> Self {
        let known = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(KEPT)
            .build();
        Self { known }
    }
}

impl Tokens {
    /// Whose it is, when it was checked a moment ago and is still good.
    pub(super) async fn find(&self, token: &str) -> Option<Principal> {
        let (principal, ends) = self.known.get(&secrets::sha256(token)).await?;
        let good_until = ends.saturating_add_unsigned(LEEWAY_SECONDS);
        (Utc::now().timestamp() < good_until).then_some(principal)
    }

    /// It was checked; it is good until `ends`, in Unix seconds.
    pub(super) async fn keep(&self, token: &str, principal: Principal, ends: i64) {
        let known = (principal, ends);
        self.known.insert(secrets::sha256(token), known).await;
    }
}
