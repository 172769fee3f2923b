//! `[internal]`

use serde::Deserialize;

use crate::{
    Problem, Secret,
    rule::{Rule, Rules},
};

/// What processes show to each other on gRPC.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Internal {
    /// Shown by the user-service.
    pub user_token: Secret,
    /// Shown by the core-service.
    pub core_token: Secret,
    /// Shown by the crawler-service.
    pub crawler_token: Secret,
    /// Shown by the worker.
    pub worker_token: Secret,
    /// Shown by the operator.
    pub operator_token: Secret,
    /// Who signs the certificates that processes show each other: a PEM file. Empty: none are shown.
    pub tls_ca: String,
    /// This process's certificate.
    pub tls_cert: String,
    /// Its key.
    pub tls_key: String,
}

pub(crate) const RULES: Rules = &[
    ("user_token", Rule::Secret(16)),
    ("core_token", Rule::Secret(16)),
    ("crawler_token", Rule::Secret(16)),
    ("worker_token", Rule::Secret(16)),
    ("operator_token", Rule::Secret(16)),
    ("tls_ca", Rule::Any),
    ("tls_cert", Rule::Any),
    ("tls_key", Rule::Any),
];

impl Internal {
    /// One of three files without the others is of no use.
    pub(crate) fn halves(&self) -> Option<Problem> {
        let files = [&self.tls_ca, &self.tls_cert, &self.tls_key];
        let named = files.iter().filter(|file| !file.is_empty()).count();
        let message = "must be set together with tls_cert and tls_key, or not at all";
        (named % files.len() != 0).then(|| Problem::new("internal.tls_ca", message.to_owned()))
    }

    /// Tokens that are set more than once: the caller could not be told from another.
    pub(crate) fn duplicates(&self) -> Vec<Problem> {
        let tokens = [
            ("internal.user_token", &self.user_token),
            ("internal.core_token", &self.core_token),
            ("internal.crawler_token", &self.crawler_token),
            ("internal.worker_token", &self.worker_token),
            ("internal.operator_token", &self.operator_token),
        ];
        let mut problems = Vec::new();
        for (at, (key, token)) in tokens.iter().enumerate() {
            let earlier = tokens[..at]
                .iter()
                .find(|(_, other)| token.is_set() && other == token);
            if let Some((other, _)) = earlier {
                let message = format!("is the same as {other}; each caller needs its own");
                problems.push(Problem::new(*key, message));
            }
        }
        problems
    }
}
