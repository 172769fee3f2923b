//! What only user-service knows.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Scope, Standing};

/// The identity service as seen from here.
#[async_trait]
pub trait IdentityLookup: Send + Sync + 'static {
    /// The keys that sign access tokens.
    async fn jwks(&self) -> Result<Jwks, LookupError>;

    /// The key whose full text has this SHA-256; `None` when there is none that is valid.
    async fn api_key(&self, sha256: [u8; 32]) -> Result<Option<ApiKeyRecord>, LookupError>;

    /// How a tenant stands. Who does not say otherwise knows active tenants only.
    async fn standing(&self, tenant_id: Uuid) -> Result<Standing, LookupError> {
        let _ = tenant_id;
        Ok(Standing::Active)
    }
}

/// A JWK set and how long it may be kept.
#[derive(Debug, Clone)]
pub struct Jwks {
    /// RFC 7517 JSON.
    pub json: String,
    /// How long it may be kept.
    pub max_age: Duration,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// Its tenant.
    pub tenant_id: Uuid,
    /// The tenant's slug.
    pub tenant_slug: String,
    /// The key.
    pub key_id: Uuid,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Good until; `None`: until revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The identity service did not answer, or answered nonsense.
#[derive(Debug, thiserror::Error)]
#[error("identity look-up failed")]
pub struct LookupError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl LookupError {
    /// With what caused it.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
