//! What only user-service knows.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use ipnet::IpNet;
use uuid::Uuid;

use super::{Role, Scope, Standing};

/// The identity service as seen from here.
#[async_trait]
pub trait IdentityLookup: Send + Sync + 'static {
    /// The keys that sign access tokens.
    async fn jwks(&self) -> Result<Jwks, LookupError>;

    /// The key whose full text has this SHA-256.
    async fn api_key(&self, sha256: [u8; 32]) -> Result<KeyAnswer, LookupError>;

    /// A session as it is now; `None` when it ended or its person left the tenant.
    async fn session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
    ) -> Result<Option<SessionRecord>, LookupError>;

    /// How a tenant stands. Who does not say otherwise knows active tenants only.
    async fn standing(&self, tenant_id: Uuid) -> Result<Standing, LookupError> {
        let _ = tenant_id;
        Ok(Standing::Active)
    }

    /// What becomes untrue of what was answered before, from now on. It ends when something may be missed.
    async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError>;

    /// These keys were used.
    async fn note_uses(&self, uses: Vec<KeyUse>) -> Result<(), LookupError>;
}

/// A JWK set and how long it may be kept.
#[derive(Debug, Clone)]
pub struct Jwks {
    /// RFC 7517 JSON.
    pub json: String,
    /// How long it may be kept.
    pub max_age: Duration,
}

/// What is known of a presented API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAnswer {
    /// Nobody ever had it.
    Unknown,
    /// It is revoked or has expired.
    Ended {
        /// Whose it was.
        tenant_id: Uuid,
        /// Which one.
        key_id: Uuid,
    },
    /// It works.
    Known(ApiKeyRecord),
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
    /// From where it may be used; empty: from anywhere.
    pub allowed: Vec<IpNet>,
}

/// A session that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its tenant.
    pub tenant_id: Uuid,
    /// The session.
    pub session_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What the person is in the tenant now.
    pub role: Role,
    /// The tenant's slug now.
    pub tenant_slug: String,
}

/// What is not as it was answered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It ended.
    Session(Uuid),
    /// Another role, or none.
    Member {
        /// In this tenant.
        tenant_id: Uuid,
        /// The person.
        user_id: Uuid,
    },
    /// Revoked, or ends at another time.
    ApiKey(Uuid),
    /// Its status or slug.
    Tenant(Uuid),
    /// Which keys sign and verify.
    SigningKeys,
    /// Something was missed.
    Everything,
}

/// That a key was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    /// The key's tenant.
    pub tenant_id: Uuid,
    /// The key.
    pub key_id: Uuid,
    /// When, about.
    pub at: DateTime<Utc>,
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
