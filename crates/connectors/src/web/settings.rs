//! `[sources.web]`

use config::{ConfigError, Problem, Rule, Rules, Secret, Sources};
use serde::Deserialize;
use url::Url;

/// Any web shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Shortest pause between two requests, in milliseconds.
    pub jitter_min_ms: u64,
    /// Longest pause between two requests, in milliseconds.
    pub jitter_max_ms: u64,
    /// Requests under way at the same time, over all workers.
    pub concurrency: u16,
    /// Outbound proxies; they may hold a password.
    pub proxies: Vec<Secret>,
    /// Products in one task.
    pub batch: u32,
    /// Where a shop reads who we are; part of the user agent. May be empty.
    pub contact_url: String,
}

const RULES: Rules = &[
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
        let settings: Self = sources.section(super::SOURCE.as_str(), RULES)?;
        if settings.jitter_min_ms > settings.jitter_max_ms {
            let message = format!(
                "must not be above jitter_max_ms ({})",
                settings.jitter_max_ms
            );
            return Err(Problem::new("sources.web.jitter_min_ms", message).into());
        }
        let contact = &settings.contact_url;
        let web = Url::parse(contact).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let usable = contact.is_empty() || (web && contact.is_ascii());
        if !usable {
            let message = "must be a web address or empty";
            return Err(Problem::new("sources.web.contact_url", message).into());
        }
        Ok(settings)
    }

    /// Who we say we are. The first word is our name in a robots.txt.
    pub(super) fn agent(&self) -> String {
        let name = concat!("Bellwether/", env!("CARGO_PKG_VERSION"));
        match self.contact_url.as_str() {
            "" => name.to_owned(),
            contact => format!("{name} (+{contact})"),
        }
    }
}
