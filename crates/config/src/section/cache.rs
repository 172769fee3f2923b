//! `[cache]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// How long answers are kept, and how much.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// What a process keeps in its own memory, in MiB.
    pub memory_mib: u64,
    /// Single products, in seconds.
    pub answer_seconds: u64,
    /// Histories, in seconds.
    pub history_seconds: u64,
    /// Statistics, in seconds.
    pub aggregate_seconds: u64,
}

pub(crate) const RULES: Rules = &[
    ("memory_mib", Rule::Within(1, 65_536)),
    ("answer_seconds", Rule::Within(1, 86_400)),
    ("history_seconds", Rule::Within(1, 86_400)),
    ("aggregate_seconds", Rule::Within(1, 86_400)),
];
