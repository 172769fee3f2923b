//! `[process]`

use std::time::Duration;

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// About the process itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Between the first stop signal and the abort, in seconds.
    pub grace_seconds: u64,
    /// What tells it from its siblings; empty: see [`Process::name`].
    pub instance: String,
}

pub(crate) const RULES: Rules = &[
    ("grace_seconds", Rule::Within(0, 3_600)),
    ("instance", Rule::Any),
];

impl Process {
    /// Between the first stop signal and the abort.
    pub fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_seconds)
    }

    /// `instance`, or host name and process id where it is not set.
    pub fn name(&self) -> String {
        if !self.instance.is_empty() {
            return self.instance.clone();
        }
        let host = std::env::var("HOSTNAME")
            .ok()
            .filter(|name| !name.is_empty())
            .or_else(|| {
                let name = std::fs::read_to_string("/etc/hostname").ok()?;
                Some(name.trim().to_owned())
            });
        format!(
            "{}-{}",
            host.as_deref().unwrap_or("bellwether"),
            std::process::id()
        )
    }
}
