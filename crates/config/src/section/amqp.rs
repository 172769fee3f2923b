//! `[amqp]`

use serde::Deserialize;

use crate::{
    Secret,
    rule::{Rule, Rules},
};

/// The broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amqp {
    /// `amqp://` or `amqps://`; holds a password.
    pub url: Secret,
    /// In front of every exchange and queue.
    pub prefix: String,
}

pub(crate) const RULES: Rules = &[
    ("url", Rule::Url(&["amqp", "amqps"])),
    ("prefix", Rule::Any),
];
