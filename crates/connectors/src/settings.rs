//! A source's own settings. What all sources have in common is the executor's and the dispatcher's
//! to keep, and is checked once, by the executor.

use config::{ConfigError, Rules, Sources};
use domain::source::Source;
use serde::de::DeserializeOwned;

/// The keys that every source's settings have.
const COMMON: &[&str] = &[
    "jitter_min_ms",
    "jitter_max_ms",
    "concurrency",
    "proxies",
    "batch",
];

/// A source's section without the keys that all have.
///
/// # Errors
/// One line for each wrong value.
pub(crate) fn own<T: DeserializeOwned>(
    settings: &Sources,
    source: Source,
    rules: Rules,
) -> Result<T, ConfigError> {
    settings.section_without(source.as_str(), COMMON, rules)
}
