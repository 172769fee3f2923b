//! `[telemetry]`

use serde::Deserialize;

use crate::rule::{HTTP_URL, Rule, Rules};

/// Logs and traces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// How log lines look.
    pub log_format: LogFormat,
    /// A level or directives as in RUST_LOG.
    pub level: String,
    /// Where spans go over OTLP/gRPC; empty: nowhere.
    pub otlp_endpoint: String,
}

pub(crate) const RULES: Rules = &[
    ("log_format", Rule::OneOf(&["json", "text"])),
    ("level", Rule::Filled),
    ("otlp_endpoint", HTTP_URL),
];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}

impl Telemetry {
    /// Whether log lines are JSON objects.
    pub fn is_json(&self) -> bool {
        self.log_format == LogFormat::Json
    }
}
