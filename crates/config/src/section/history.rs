//! `[history]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// How long what was seen is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Days that looks themselves are kept, at most.
    pub raw_days: u32,
    /// Days kept of a listing that nobody watches.
    pub unwatched_days: u32,
}

pub(crate) const RULES: Rules = &[
    // Two months at least: months that fresh looks fall into are never dropped.
    ("raw_days", Rule::Within(62, 36_500)),
    ("unwatched_days", Rule::Within(1, 36_500)),
];
