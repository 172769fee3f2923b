//! Slowing down whoever guesses, before it costs a hash.
//!
//! An attempt counts before it is made and is taken back when it was right, so that a hundred at once are as many as a
//! hundred in a row. Each process counts what it lets through, and Redis what all do; while that is away the own count goes
//! on.

mod local;
mod shared;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_kit::ApiError;

use crate::rules::lockout::Counter;
use local::Local;
use shared::Shared;

/// Counts failures; cheap to clone.
#[derive(Debug, Clone)]
pub struct Lockout(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    shared: Option<Shared>,
    local: Local,
}

/// An attempt that counts as wrong until it is forgiven.
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    lockout: Lockout,
    counters: Vec<Counter>,
    /// Counted in Redis, too.
    shared: bool,
}

/// Too many were wrong: nothing is looked at before this is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next one in {} s", .0.as_secs())]
pub struct LockedOut(pub Duration);

impl From<LockedOut> for ApiError {
    fn from(LockedOut(wait): LockedOut) -> Self {
        Self::rate_limited(
            "Too many attempts failed. Wait as long as Retry-After says, then try again.",
            wait,
        )
    }
}

impl Lockout {
    /// Counting in Redis, or without an address in this process only.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(redis: &config::Redis) -> anyhow::Result<Self> {
        let url = redis.url.expose();
        let shared = (redis.url.is_set())
            .then(|| Shared::new(url, &redis.prefix))
            .transpose()?;
        let local = Local::default();
        Ok(Self(Arc::new(Counters { shared, local })))
    }

    /// Lets an attempt through and counts it, or says how long to wait.
    ///
    /// # Errors
    /// [`LockedOut`].
    pub async fn admit(&self, counters: Vec<Counter>) -> Result<Attempt, LockedOut> {
        let Counters { shared, local } = &*self.0;
        let mut wait = local.take(&counters, Instant::now());
        let mut counted = false;
        if let (None, Some(redis)) = (wait, shared) {
            let asked = redis.take(&counters).await;
            counted = asked == Some(None);
            wait = asked.flatten();
            if wait.is_some() {
                local.give_back(&counters);
            }
        }
        if let Some(wait) = wait {
            metrics::counter!("identity_locked_out_total").increment(1);
            return Err(LockedOut(wait));
        }
        Ok(Attempt {
            lockout: self.clone(),
            counters,
            shared: counted,
        })
    }
}

impl Attempt {
    /// It was right: it does not count.
    pub async fn forgive(self) {
        let Self {
            lockout,
            counters,
            shared,
        } = self;
        lockout.0.local.give_back(&counters);
        if let Some(redis) = lockout.0.shared.as_ref().filter(|_| shared) {
            redis.give_back(&counters).await;
        }
    }
}
