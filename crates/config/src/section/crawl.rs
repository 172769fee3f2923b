//! `[crawl]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// When and how work is handed out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crawl {
    /// How long a worker owns what it was given, in seconds.
    pub lease_seconds: u64,
    /// How often workers may begin with a target and be lost before its round has failed.
    pub max_openings: u16,
    /// Between two claims of due targets, in milliseconds.
    pub claim_interval_ms: u64,
    /// Targets claimed by one statement at most.
    pub claim_batch: u32,
    /// Items in one task message.
    pub task_items: u32,
    /// Work that may wait in the queues per source, in seconds of its speed.
    pub window_seconds: u64,
    /// The longest a preview, a live search, a live read or a test of a credential may take, in seconds.
    pub preview_timeout_seconds: u64,
    /// Of those, how many a tenant may have under way at once in one process.
    pub live_per_tenant: u32,
    /// Failures in a row, for reasons of its own, after which a target's trackers are told.
    pub trouble_after: u32,
    /// How many days crawls that are over are kept.
    pub keep_crawls_days: u32,
    /// How many crawls a tenant may watch live at once, in one process.
    pub streams_per_tenant: u32,
    /// What the free plan weighs against the others.
    pub weight_free: u32,
    /// What the pro plan weighs against the others.
    pub weight_pro: u32,
    /// What the enterprise plan weighs against the others.
    pub weight_enterprise: u32,
}

pub(crate) const RULES: Rules = &[
    ("lease_seconds", Rule::Within(1, 86_400)),
    ("max_openings", Rule::Within(3, 1_000)),
    ("claim_interval_ms", Rule::Within(10, 60_000)),
    ("claim_batch", Rule::Within(1, 50_000)),
    ("task_items", Rule::Within(1, 1_000)),
    ("window_seconds", Rule::Within(1, 3_600)),
    ("preview_timeout_seconds", Rule::Within(1, 600)),
    ("live_per_tenant", Rule::Within(1, 1_000)),
    ("trouble_after", Rule::Within(1, 1_000)),
    ("keep_crawls_days", Rule::Within(1, 3_650)),
    ("streams_per_tenant", Rule::Within(1, 10_000)),
    ("weight_free", Rule::Within(1, 1_000)),
    ("weight_pro", Rule::Within(1, 1_000)),
    ("weight_enterprise", Rule::Within(1, 1_000)),
];
