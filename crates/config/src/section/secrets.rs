//! `[secrets]`

use secrets::{MasterKey, SealError, SecretBox};
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
    /// The key's number: sealed values name it.
    pub master_key_id: u8,
    /// Keys that open what was sealed before: `number:base64`, separated by commas.
    pub former_keys: Secret,
}

impl Secrets {
    /// The ring of all keys; the master key seals.
    ///
    /// # Errors
    /// When a key is none.
    pub fn ring(&self) -> Result<SecretBox, SealError> {
        let newest = MasterKey::from_base64(self.master_key.expose())?;
        let former = former(self.former_keys.expose())?;
        Ok(SecretBox::ring(
            [(self.master_key_id, newest)].into_iter().chain(former),
        ))
    }
}

/// Reads `number:base64, number:base64`.
pub(crate) fn former(text: &str) -> Result<Vec<(u8, MasterKey)>, SealError> {
    let pairs = text
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (id, key) = pair.split_once(':').ok_or(SealError::BadKey)?;
            let id = id.trim().parse().map_err(|_| SealError::BadKey)?;
            Ok((id, MasterKey::from_base64(key)?))
        })
        .collect()
}

pub(crate) const RULES: Rules = &[
    ("master_key", Rule::MasterKey),
    ("master_key_id", Rule::Within(1, 255)),
    ("former_keys", Rule::FormerKeys),
];
