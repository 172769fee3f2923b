//! `[sources.web]`

use config::{ConfigError, HTTP_URL, Problem, Rules, Sources};
use serde::Deserialize;

/// Any web shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where a shop reads who we are; part of the user agent. May be empty.
    pub contact_url: String,
}

const RULES: Rules = &[("contact_url", HTTP_URL)];

impl Settings {
    /// From the configuration.
    ///
    /// # Errors
    /// One line for each wrong value.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let settings: Self = crate::settings::own(sources, super::SOURCE, RULES)?;
        if !settings.contact_url.is_ascii() {
            let message = "must be ASCII: it is part of a header";
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
