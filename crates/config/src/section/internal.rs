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
}

pub(crate) const RULES: Rules = &[
    ("user_token", Rule::Secret(16)),
    ("core_token", Rule::Secret(16)),
    ("crawler_token", Rule::Secret(16)),
    ("worker_token", Rule::Secret(16)),
    ("operator_token", Rule::Secret(16)),
];

impl Internal {
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
