//! `[audit]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// Who did what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// How long lines are kept, in days.
    pub keep_days: u16,
}

// The database refuses to drop a month that ended less than thirty days ago, whatever its clock's zone.
pub(crate) const RULES: Rules = &[("keep_days", Rule::Within(31, 3_650))];
