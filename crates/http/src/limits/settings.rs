//! How much is admitted.

use super::Class;

/// The section `[limits]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Requests a minute from one place, whoever sends them.
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
    /// What files may use of it.
    pub export_percent: u32,
}

/// What of a place's limit may go on with sessions or end them: a quarter. There is nothing to guess, so it only has to
/// leave room for the rest, and no number of ours fits every office.
const RENEWING: u32 = 4;

impl Settings {
    /// Requests a minute from one place that renew or end a session.
    pub(super) const fn renew_per_minute(&self) -> u32 {
        self.address_per_minute.div_ceil(RENEWING)
    }

    /// How much of its plan a tenant may use for requests of a class, in percent.
    pub(super) const fn percent(&self, class: Class) -> u32 {
        match class {
            Class::SignIn | Class::Renew | Class::Read => 100,
            Class::Write => self.write_percent,
            Class::Crawl => self.crawl_percent,
            Class::Export => self.export_percent,
        }
    }
}

impl From<&config::Limits> for Settings {
    fn from(section: &config::Limits) -> Self {
        Self {
            address_per_minute: section.address_per_minute,
            anonymous_per_minute: section.anonymous_per_minute,
            sign_in_per_minute: section.sign_in_per_minute,
            key_percent: section.key_percent,
            write_percent: section.write_percent,
            crawl_percent: section.crawl_percent,
            export_percent: section.export_percent,
        }
    }
}
