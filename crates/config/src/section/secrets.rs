//! `[secrets]`

use serde::Deserialize;

use crate::{
    Secret,
    rule::{Rule, Rules},
};

/// What seals stored secrets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// 32 bytes in base64, for `secrets::MasterKey::from_base64`.
    pub master_key: Secret,
}

pub(crate) const RULES: Rules = &[("master_key", Rule::MasterKey)];
