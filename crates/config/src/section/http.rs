//! `[http]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// About requests to the public API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Domains whose left-most label is a tenant's slug.
    pub base_domains: Vec<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// The longest an ordinary request may take, in seconds.
    pub timeout_seconds: u64,
}

pub(crate) const RULES: Rules = &[
    ("base_domains", Rule::Any),
    ("trusted_proxies", Rule::Networks),
    ("timeout_seconds", Rule::Within(1, 600)),
];
