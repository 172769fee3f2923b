//! `[sources.haier]`

use config::{ConfigError, HTTP_URL, Rule, Rules, Sources};
use serde::Deserialize;

/// Haier's distributor API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The API.
    pub base_url: String,
    /// What stands before the token in `Authorization`, such as `Bearer`; empty: the bare token.
    pub token_prefix: String,
    /// Stock below this is low.
    pub low_stock_below: u32,
}

const RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("low_stock_below", Rule::Within(0, 1_000_000)),
];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        crate::settings::own(sources, super::SOURCE, RULES)
    }
}
