//! `[sources.haier]`

use config::{ConfigError, HTTP_URL, Problem, Rule, Rules, Secret, Sources};
use serde::Deserialize;

/// Haier's distributor API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The API.
    pub base_url: String,
    /// What stands before the token in `Authorization`, such as `Bearer`; empty: the bare token.
    pub token_prefix: String,
    /// Shortest pause between two requests, in milliseconds.
    pub jitter_min_ms: u64,
    /// Longest pause between two requests, in milliseconds.
    pub jitter_max_ms: u64,
    /// Requests under way at the same time, over all workers.
    pub concurrency: u16,
    /// Outbound proxies; they may hold a password.
    pub proxies: Vec<Secret>,
    /// Stock below this is low.
    pub low_stock_below: u32,
    /// Products in one task.
    pub batch: u32,
}

const RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("jitter_min_ms", Rule::Within(0, 60_000)),
    ("jitter_max_ms", Rule::Within(0, 60_000)),
    ("concurrency", Rule::Within(1, 64)),
    ("low_stock_below", Rule::Within(0, 1_000_000)),
    ("batch", Rule::Within(1, 1_000)),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let settings: Self = sources.section(super::SOURCE.as_str(), RULES)?;
        if settings.jitter_min_ms > settings.jitter_max_ms {
            let message = format!(
                "must not be above jitter_max_ms ({})",
                settings.jitter_max_ms
            );
            return Err(Problem::new("sources.haier.jitter_min_ms", message).into());
        }
        Ok(settings)
    }
}
