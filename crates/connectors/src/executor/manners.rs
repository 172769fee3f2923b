//! How often and by which way a source may be asked: the keys that every source's settings have.

use std::ops::RangeInclusive;
use std::time::Duration;

use config::{ConfigError, Problem, Rule, Rules, Secret, Sources};
use domain::source::Source;
use serde::Deserialize;

/// The manners towards one source, or towards each of its scopes.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    /// Between two starts.
    pub(super) gap: RangeInclusive<Duration>,
    /// Requests under way at once.
    pub(super) concurrency: u16,
    /// Outbound proxies; empty: directly. They may hold a password.
    pub(super) proxies: Vec<Secret>,
}

/// A source whose settings say nothing is asked slowly.
impl Default for Manners {
    fn default() -> Self {
        Self {
            gap: Duration::from_secs(1)..=Duration::from_secs(3),
            concurrency: 1,
            proxies: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Keys {
    jitter_min_ms: Option<u64>,
    jitter_max_ms: Option<u64>,
    concurrency: Option<u16>,
    #[serde(default)]
    proxies: Vec<Secret>,
}

const RULES: Rules = &[
    ("jitter_min_ms", Rule::Within(0, 60_000)),
    ("jitter_max_ms", Rule::Within(0, 60_000)),
    ("concurrency", Rule::Within(1, 64)),
    // Kept by the dispatcher, which reads it as a bare number.
    ("batch", Rule::Within(1, 1_000)),
];

impl Manners {
    /// From the source's section; absent keys leave the default.
    pub(super) fn read(settings: &Sources, source: Source) -> Result<Self, ConfigError> {
        let keys: Keys = settings.section(source.as_str(), RULES)?;
        let default = Self::default();
        let millis =
            |given: Option<u64>, default: &Duration| given.map_or(*default, Duration::from_millis);
        let least = millis(keys.jitter_min_ms, default.gap.start());
        let most = millis(keys.jitter_max_ms, default.gap.end());
        if least > most {
            let key = format!("sources.{}.jitter_min_ms", source.as_str());
            let message = format!("must not be above jitter_max_ms ({})", most.as_millis());
            return Err(Problem::new(key, message).into());
        }
        Ok(Self {
            gap: least..=most,
            concurrency: keys.concurrency.unwrap_or(default.concurrency),
            proxies: keys.proxies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_source_has_is_checked_for_each() {
        for source in crate::sources() {
            for (key, value) in [
                ("jitter_min_ms", 59_999),
                ("jitter_max_ms", 60_001),
                ("concurrency", 0),
                ("batch", 0),
            ] {
                let mut settings = Sources::default();
                settings.set(source.as_str(), key, value);
                let error = Manners::read(&settings, source).expect_err(key);
                let key = format!("sources.{}.{key}", source.as_str());
                assert!(error.to_string().contains(&key), "{error}");
            }
        }
    }
}
