//! Configuration of every process: commented defaults, then a file, then the environment.
//!
//! `defaults.toml` documents every key. To add a key: write it there with its default, add the
//! field to the section's struct in `src/section/`, and one line to that section's `RULES` (what
//! values are accepted). Tests fail if one of the three is forgotten.

mod error;
mod layers;
mod needs;
mod rule;
mod secret;
mod section;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use error::{ConfigError, Problem};
pub use needs::ProcessKind;
pub use rule::{HTTP_URL, Rule, Rules};
pub use secret::Secret;
pub use section::{
    amqp::Amqp,
    audit::Audit,
    auth::Auth,
    cache::Cache,
    crawl::Crawl,
    database::{Database, DatabaseRole},
    egress::Egress,
    history::History,
    http::Http,
    ingest::Ingest,
    internal::Internal,
    limits::Limits,
    listen::Listen,
    mail::Mail,
    peers::Peers,
    process::Process,
    redis::Redis,
    secrets::Secrets,
    sources::Sources,
    sync::Sync,
    telemetry::{LogFormat, Telemetry},
    tenants::Tenants,
    web::Web,
    worker::Worker,
};

/// The exit code of a process whose configuration or arguments are wrong (EX_USAGE of sysexits.h).
pub const EXIT_USAGE: u8 = 64;

/// The environment variable that names the configuration file.
pub const FILE_VARIABLE: &str = "BELLWETHER_CONFIG";

/// The documentation of every key, as embedded in the binary.
pub const DEFAULTS: &str = concat!(
    include_str!("../defaults.toml"),
    include_str!(concat!(env!("OUT_DIR"), "/sources.toml"))
);

/// The whole configuration. Every key is documented in `defaults.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each section documents itself")]
pub struct Config {
    pub process: Process,
    pub listen: Listen,
    pub http: Http,
    pub limits: Limits,
    pub peers: Peers,
    pub database: Database,
    pub redis: Redis,
    pub cache: Cache,
    pub amqp: Amqp,
    pub secrets: Secrets,
    pub internal: Internal,
    pub auth: Auth,
    pub mail: Mail,
    pub audit: Audit,
    pub crawl: Crawl,
    pub ingest: Ingest,
    pub history: History,
    pub sync: Sync,
    pub tenants: Tenants,
    pub worker: Worker,
    pub sources: Sources,
    pub egress: Egress,
    pub telemetry: Telemetry,
    pub web: Web,
}

impl Config {
    /// The configuration of the all-in-one: defaults, then `file` (or the one that
    /// [`FILE_VARIABLE`] names), then the environment.
    ///
    /// # Errors
    /// One line for each unknown key, wrong value and missing secret.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_for(ProcessKind::All, file)
    }

    /// As [`load`](Self::load), demanding only what a process of `kind` needs.
    ///
    /// # Errors
    /// One line for each unknown key, wrong value and missing secret.
    pub fn load_for(kind: ProcessKind, file: Option<&Path>) -> Result<Self, ConfigError> {
        let named = std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty());
        let file = file
            .map(Path::to_path_buf)
            .or_else(|| named.map(PathBuf::from));
        let config = Self::read(file.as_deref(), std::env::vars_os().filter_map(text_pair))?;
        config.require(kind)?;
        Ok(config)
    }

    /// The defaults alone, without any secret: for tests, which set the fields they need.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the defaults are part of the binary.
    pub fn defaults() -> Self {
        Self::read(None, []).expect("the embedded defaults are valid")
    }

    /// Defaults, `file`, then `environment`, without asking whether secrets are set.
    ///
    /// # Errors
    /// One line for each unknown key and wrong value.
    pub fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let table = layers::merged(file, environment)?;
        let config: Self = serde_path_to_error::deserialize(toml::Value::Table(table))
            .map_err(|e| Problem::new(e.path().to_string(), e.inner().message()))?;
        config.check_combinations()?;
        Ok(config)
    }

    /// Checks that everything a process of `kind` needs is set.
    ///
    /// # Errors
    /// One line for each key that is not set.
    pub fn require(&self, kind: ProcessKind) -> Result<(), ConfigError> {
        ConfigError::unless_empty(needs::missing(self, kind))
    }

    /// Rules over more than one key.
    fn check_combinations(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        let former = section::secrets::former(self.secrets.former_keys.expose());
        if former.is_ok_and(|keys| keys.iter().any(|(id, _)| *id == self.secrets.master_key_id)) {
            problems.push(Problem::new(
                "secrets.former_keys",
                format!(
                    "must not name the number of master_key ({})",
                    self.secrets.master_key_id
                ),
            ));
        }
        if self.auth.argon2_memory_kib < 8 * self.auth.argon2_parallelism {
            problems.push(Problem::new(
                "auth.argon2_memory_kib",
                "must be at least 8 times argon2_parallelism",
            ));
        }
        if self.mail.smtp_url.is_set() && self.mail.from.trim().is_empty() {
            problems.push(Problem::new(
                "mail.from",
                "is not set, but mail.smtp_url is; set it to an address such as Bellwether <bellwether@example.com>",
            ));
        }
        problems.extend(self.internal.duplicates());
        problems.extend(self.internal.halves());
        ConfigError::unless_empty(problems)
    }
}

/// A variable whose name and value are text; others cannot be ours.
fn text_pair((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}
