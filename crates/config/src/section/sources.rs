//! `[sources.*]`

use serde::Deserialize;

use crate::{
    Secret,
    rule::{HTTP_URL, Rule, Rules},
};

/// The outside sources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Amazon through Apify.
    pub amazon: Amazon,
    /// PopMart.
    pub popmart: Popmart,
}

/// Amazon through Apify.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amazon {
    /// The Apify API.
    pub base_url: String,
    /// The account that pays for runs; without it amazon targets fail with a clear outcome.
    pub token: Secret,
    /// The actor that reads product pages.
    pub actor: String,
    /// How long one poll of a running actor waits, in seconds.
    pub poll_wait_seconds: u64,
    /// Products in one run.
    pub batch: u32,
}

pub(crate) const AMAZON_RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("token", Rule::Any),
    ("actor", Rule::Filled),
    ("poll_wait_seconds", Rule::Within(0, 60)),
    ("batch", Rule::Within(1, 1_000)),
];

/// PopMart's shop API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Popmart {
    /// The regional API host.
    pub base_url: String,
    /// Sent with every signed request.
    pub client_key: Secret,
    /// Signs requests.
    pub sign_salt: Secret,
    /// Shortest pause between two requests, in milliseconds.
    pub jitter_min_ms: u64,
    /// Longest pause between two requests, in milliseconds.
    pub jitter_max_ms: u64,
    /// Requests under way at the same time, over all workers.
    pub concurrency: u16,
    /// One is drawn per task.
    pub user_agents: Vec<String>,
    /// Products in one task.
    pub batch: u32,
}

pub(crate) const POPMART_RULES: Rules = &[
    ("base_url", HTTP_URL),
    ("client_key", Rule::Any),
    ("sign_salt", Rule::Any),
    ("jitter_min_ms", Rule::Within(0, 60_000)),
    ("jitter_max_ms", Rule::Within(0, 60_000)),
    ("concurrency", Rule::Within(1, 64)),
    ("user_agents", Rule::Filled),
    ("batch", Rule::Within(1, 1_000)),
];
