//! `[sync]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// Syncs of catalogues, and the log of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// How long a log is kept after its end, in days.
    pub log_days: u64,
    /// Between two full syncs by the clock, in hours; 0: none.
    pub full_hours: u64,
    /// Between two incremental syncs by the clock, in minutes; 0: none.
    pub incremental_minutes: u64,
    /// So many left or fewer are low stock.
    pub low_stock: u32,
}

pub(crate) const RULES: Rules = &[
    ("log_days", Rule::Within(1, 3_650)),
    ("full_hours", Rule::Within(0, 8_760)),
    ("incremental_minutes", Rule::Within(0, 525_600)),
    ("low_stock", Rule::Within(0, 1_000_000)),
];
