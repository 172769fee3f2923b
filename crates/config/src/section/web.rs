//! `[web]`

use serde::Deserialize;

use crate::rule::{Rule, Rules};

/// The page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Directory of the built page; empty: API only.
    pub dir: String,
}

pub(crate) const RULES: Rules = &[("dir", Rule::Any)];
