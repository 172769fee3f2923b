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
    /// Events that a service works on at once, and fetches.
    pub event_concurrency: u16,
}

pub(crate) const RULES: Rules = &[
    ("url", Rule::Url(&["amqp", "amqps"])),
    ("prefix", Rule::Any),
    ("event_concurrency", Rule::Within(1, 256)),
];
