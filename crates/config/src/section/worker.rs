//! `[worker]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// How much a worker does at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Tasks under way per source and priority.
    pub concurrency: u16,
    /// Results carried to core and crawler in one request.
    pub result_batch: u16,
    /// Limit of one outgoing request, in seconds.
    pub request_timeout_seconds: u64,
}

pub(crate) const RULES: Rules = &[
    ("concurrency", Rule::Within(1, 256)),
    ("result_batch", Rule::Within(1, 1_000)),
    ("request_timeout_seconds", Rule::Within(1, 600)),
];
