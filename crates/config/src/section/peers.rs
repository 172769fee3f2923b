//! `[peers]`

use serde::Deserialize;

use crate::rule::{HTTP_URL, Rules};

/// Where the other services' gRPC is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// gRPC URL of the user-service.
    pub user: String,
    /// gRPC URL of the core-service.
    pub core: String,
    /// gRPC URL of the crawler-service.
    pub crawler: String,
    /// gRPC URL of the worker.
    pub worker: String,
}

pub(crate) const RULES: Rules = &[
    ("user", HTTP_URL),
    ("core", HTTP_URL),
    ("crawler", HTTP_URL),
    ("worker", HTTP_URL),
];
