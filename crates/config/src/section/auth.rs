//! `[auth]`

use serde::Deserialize;

use crate::rule::{HTTP_URL, Rule, Rules};

/// Tokens and password hashes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token, in seconds.
    pub access_seconds: u64,
    /// Life of a refresh token, in seconds.
    pub refresh_seconds: u64,
    /// Life of an invitation, in seconds.
    pub invitation_seconds: u64,
    /// Life of a link that verifies an e-mail address, in seconds.
    pub verification_seconds: u64,
    /// Life of a link that sets a new password, in seconds.
    pub reset_seconds: u64,
    /// Days after which another key signs access tokens.
    pub signing_key_days: u32,
    /// Memory of one password hash, in KiB.
    pub argon2_memory_kib: u32,
    /// Passes of one password hash.
    pub argon2_iterations: u32,
    /// Lanes of one password hash.
    pub argon2_parallelism: u32,
}

pub(crate) const RULES: Rules = &[
    ("issuer", HTTP_URL),
    ("audience", Rule::Filled),
    ("access_seconds", Rule::Within(60, 86_400)),
    ("refresh_seconds", Rule::Within(3_600, 31_536_000)),
    ("invitation_seconds", Rule::Within(3_600, 2_592_000)),
    ("verification_seconds", Rule::Within(3_600, 2_592_000)),
    ("reset_seconds", Rule::Within(300, 86_400)),
    ("signing_key_days", Rule::Within(1, 3_650)),
    ("argon2_memory_kib", Rule::Within(8, 1_048_576)),
    ("argon2_iterations", Rule::Within(1, 20)),
    ("argon2_parallelism", Rule::Within(1, 16)),
];
