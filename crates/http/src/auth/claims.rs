//! What an access token says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Role;

/// The claims of an access token: signed by user-service, read by everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed it: `auth.issuer` of the configuration.
    pub iss: String,
    /// For whom: `auth.audience` of the configuration.
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// The tenant.
    pub tid: Uuid,
    /// The tenant's slug.
    pub tsl: String,
    /// The user's role in the tenant.
    pub role: Role,
    /// The session, which sign-out ends.
    pub sid: Uuid,
    /// Signed at, Unix seconds.
    pub iat: i64,
    /// Good until, Unix seconds.
    pub exp: i64,
    /// This token alone.
    pub jti: Uuid,
}
