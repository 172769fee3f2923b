//! `[ingest]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// How observations are collected into transactions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    /// Observations from which on a transaction is full.
    pub batch: u32,
    /// How long the first of a transaction waits for others, in milliseconds.
    pub wait_ms: u64,
    /// Transactions at the same time.
    pub at_once: u64,
}

pub(crate) const RULES: Rules = &[
    ("batch", Rule::Within(1, 20_000)),
    ("wait_ms", Rule::Within(0, 1_000)),
    ("at_once", Rule::Within(1, 16)),
];
