//! `[limits]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// How often the API may be asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether requests are refused for coming too often.
    pub enabled: bool,
    /// Requests a minute from one place.
    pub address_per_minute: u32,
    /// Of those, requests without a valid credential.
    pub anonymous_per_minute: u32,
    /// Of those, attempts to sign in and the like.
    pub sign_in_per_minute: u32,
    /// What one key or person may use of its tenant's plan, in percent.
    pub key_percent: u32,
    /// What changes may use of it.
    pub write_percent: u32,
    /// What asking the outside world may use of it.
    pub crawl_percent: u32,
    /// What whole files may use of it.
    pub export_percent: u32,
}

/// More than a machine can answer.
const MOST: i64 = 2_000_000_000;

pub(crate) const RULES: Rules = &[
    ("enabled", Rule::Any),
    ("address_per_minute", Rule::Within(1, MOST)),
    ("anonymous_per_minute", Rule::Within(1, MOST)),
    ("sign_in_per_minute", Rule::Within(1, MOST)),
    ("key_percent", Rule::Within(1, 100)),
    ("write_percent", Rule::Within(1, 100)),
    ("crawl_percent", Rule::Within(1, 100)),
    ("export_percent", Rule::Within(1, 100)),
];
