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
    // What rules may ask for, 365 days before what they remember of 30; and months that fresh looks fall into are never
    // dropped.
    ("raw_days", Rule::Within(395, 36_500)),
    ("unwatched_days", Rule::Within(1, 36_500)),
];
