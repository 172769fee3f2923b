//! The manners towards sources over all processes, kept in Redis.
//!
//! Redis is asked for each start and told how each request ended. While it is away or slow, nothing
//! waits for it: [`crate::Politeness`] then goes by this process's share of the limits.

mod link;
mod snapshot;
mod source;

use std::sync::Arc;
use std::time::Duration;

use link::Link;

pub(crate) use snapshot::Snapshot;
pub(crate) use source::{Answer, Ask, Slot, SourceLimits};

/// How [`SharedLimits`] behaves.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// In front of every key. Processes with the same prefix share their limits.
    pub prefix: String,
    /// After this a slot ends by itself, because its holder must have died. Longer than the
    /// longest request.
    pub slot_life: Duration,
    /// Redis counts as away when it takes longer to answer.
    pub answer_within: Duration,
    /// How long Redis is left alone once it is away.
    pub retry_after: Duration,
}

impl Sharing {
    /// For requests that take `longest_request` at most.
    #[must_use]
    pub fn new(prefix: &str, longest_request: Duration) -> Self {
        Self {
            prefix: prefix.to_owned(),
            slot_life: longest_request + Duration::from_secs(5),
            answer_within: Duration::from_millis(200),
            retry_after: Duration::from_secs(2),
        }
    }
}

/// The address of Redis cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not usable as the address of Redis")]
pub struct UnusableRedis(#[from] redis::RedisError);

/// This process's part in limits that all processes keep together. Cheap to clone; build one a
/// process and give it to [`crate::Politeness::shared_by`].
#[derive(Clone, Debug)]
pub struct SharedLimits {
    link: Arc<Link>,
}

impl SharedLimits {
    /// Begins to connect, without waiting for it: a Redis that is away is no error. Needs a tokio
    /// runtime.
    ///
    /// # Errors
    /// A malformed address, or one of a kind that is not supported.
    pub fn connect(url: &str, sharing: Sharing) -> Result<Self, UnusableRedis> {
        Ok(Self {
            link: Link::open(url, sharing)?,
        })
    }

    /// The limits of one source.
    pub(crate) fn source(&self, source: &str) -> SourceLimits {
        SourceLimits::new(Arc::clone(&self.link), source)
    }
}
