//! `[sources.amazon]`

use config::{ConfigError, HTTP_URL, Rule, Rules, Secret, Sources};
use serde::Deserialize;

/// Amazon through Apify.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The Apify API.
    pub base_url: String,
    /// The account that pays for runs; without it amazon targets fail with a clear outcome.
    pub token: Secret,
    /// The actor that reads product pages.
    pub actor: String,
    /// How long one poll of a running actor waits, in seconds.
    pub poll_wait_seconds: u64,
    /// Shortest pause between two requests, in milliseconds.
    pub jitter_min_ms: u64,
    /// Longest pause between two requests, in milliseconds.
    pub jitter_max_ms: u64,
    /// Requests under way at the same time, over all workers.
    pub concurrency: u16,
    /// Outbound proxies; they may hold a password.
    pub proxies: Vec<Secret>,
    /// Products in one run.
    pub batch: u32,
}

const RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("actor", Rule::Filled),
    ("poll_wait_seconds", Rule::Within(0, 60)),
    ("jitter_min_ms", Rule::Within(0, 60_000)),
    ("jitter_max_ms", Rule::Within(0, 60_000)),
    ("concurrency", Rule::Within(1, 64)),
    ("batch", Rule::Within(1, 1_000)),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        sources.section(super::SOURCE.as_str(), RULES)
    }
}
