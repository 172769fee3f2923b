//! `[tenants]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// Tenants that go, and what they take along.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenants {
    /// Between the wish to be deleted and the erasing, in days.
    pub grace_days: u32,
    /// How long nothing of an erased tenant may turn up before it is taken for gone, in seconds.
    pub settle_seconds: u32,
    /// How long a slug that was given up leads to its tenant, in days.
    pub former_slug_days: u32,
    /// How long the slug of an erased tenant is free for nobody, in days.
    pub erased_slug_days: u32,
    /// How long an archive can be fetched, in days.
    pub export_days: u32,
}

pub(crate) const RULES: Rules = &[
    ("grace_days", Rule::Within(0, 365)),
    ("settle_seconds", Rule::Within(0, 3_600)),
    ("former_slug_days", Rule::Within(1, 3_650)),
    ("erased_slug_days", Rule::Within(1, 3_650)),
    ("export_days", Rule::Within(1, 90)),
];
