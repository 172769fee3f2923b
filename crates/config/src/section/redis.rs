//! `[redis]`

use serde::Deserialize;

use crate::{
    Secret,
    rule::{Rule, Rules},
};

/// The shared cache and limiter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://` or `rediss://`; holds a password.
    pub url: Secret,
    /// In front of every key.
    pub prefix: String,
}

pub(crate) const RULES: Rules = &[
    ("url", Rule::Url(&["redis", "rediss"])),
    ("prefix", Rule::Any),
];
