//! In what state the sources are, as far as this process knows.

use chrono::{DateTime, Utc};
use domain::source::Source;

/// In what state a scope of a source is, as this process knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeState {
    /// The source.
    pub source: Source,
    /// The part of it; empty: the whole.
    pub scope: String,
    /// Whether it is asked at all.
    pub breaker: Breaker,
    /// When a pause that the source asked for ends.
    pub paused_until: Option<DateTime<Utc>>,
    /// How much wider than configured the gaps are now: 100 is as configured.
    pub gap_percent: u32,
    /// Requests that may be under way at once, now.
    pub concurrency: u16,
    /// The newest trouble, for people, and when it was.
    pub last_error: Option<(String, DateTime<Utc>)>,
    /// The newest good answer.
    pub last_ok: Option<DateTime<Utc>>,
    /// Requests sent since the state was last taken.
    pub requests: u64,
    /// Troubles met since the state was last taken.
    pub troubles: u64,
}

/// Whether a scope is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// As usual.
    Closed,
    /// Left alone.
    Open {
        /// When one request tries again.
        probe_at: DateTime<Utc>,
    },
    /// One request is trying.
    HalfOpen,
}
