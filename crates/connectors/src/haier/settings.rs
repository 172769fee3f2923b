//! `[sources.haier]`

use config::{ConfigError, HTTP_URL, Rules, Sources};
use serde::Deserialize;

/// Haier's distributor API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The API.
    pub base_url: String,
    /// What stands before the token in `Authorization`, such as `Bearer`; empty: the bare token.
    pub token_prefix: String,
}

const RULES: Rules = &[("base_url", HTTP_URL)];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        crate::settings::own(sources, super::SOURCE, RULES)
    }
}
