//! `[egress]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// What outgoing requests may reach.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Private addresses too; for demos and tests only.
    pub allow_private: bool,
}

pub(crate) const RULES: Rules = &[("allow_private", Rule::Any)];
