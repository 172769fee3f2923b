//! What other services ask about callers. The gRPC service and this process' own authenticator both answer from here.

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use db::{SystemPool, SystemTx};
use http_kit::auth::{ApiKeyRecord, IdentityLookup, Jwks, LookupError};
use http_kit::plans::PlanLookup;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::signing_keys::SigningKeys;
use crate::storage::api_keys::{self, Verified};
use crate::storage::plans::{self, Plan};
use crate::storage::tenants;

/// How long others may keep the public keys. They ask earlier when a token names a key they do not know.
const JWKS_AGE: Duration = Duration::from_secs(300);

/// Looks credentials up, over the system login; cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity {
    system: SystemPool,
    keys: SigningKeys,
}

impl Identity {
    /// Over the system login and the signing keys.
    #[must_use]
    pub const fn new(system: SystemPool, keys: SigningKeys) -> Self {
        Self { system, keys }
    }

    /// The public keys as JSON, and how long they may be kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jwks(&self) -> anyhow::Result<Jwks> {
        let json = self.keys.active().await?.jwks_json.clone();
        Ok(Jwks {
            json,
            max_age: JWKS_AGE,
        })
    }

    /// Whose the API key with this digest is, if it works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_api_key(&self, key_sha256: &[u8]) -> Result<Option<Verified>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let verified = api_keys::verify(&tx, key_sha256, Utc::now()).await?;
        tx.commit().await?;
        Ok(verified)
    }

    /// What a tenant's plan allows, and the tenant's time zone; nothing when there is no such tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<(Plan, String)>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let plan = plans::of_tenant(&tx, tenant_id).await?;
        let tenant = tenants::get(&tx, tenant_id).await?;
        tx.commit().await?;
        Ok(plan.zip(tenant.map(|tenant| tenant.time_zone)))
    }

    /// Every plan, the smallest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plans(&self) -> Result<Vec<Plan>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let plans = plans::all(&tx).await?;
        tx.commit().await?;
        Ok(plans)
    }
}

#[async_trait]
impl PlanLookup for Identity {
    async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<String>, LookupError> {
        let plan = Self::plan_of(self, tenant_id).await;
        let plan = plan.map_err(LookupError::new)?;
        Ok(plan.map(|(plan, _)| plan.code))
    }

    async fn plans(&self) -> Result<Vec<http_kit::plans::Plan>, LookupError> {
        let plans = Self::plans(self).await.map_err(LookupError::new)?;
        Ok(plans.into_iter().map(Into::into).collect())
    }
}

#[async_trait]
impl IdentityLookup for Identity {
    async fn jwks(&self) -> Result<Jwks, LookupError> {
        Self::jwks(self).await.map_err(LookupError::new)
    }

    async fn api_key(&self, sha256: [u8; 32]) -> Result<Option<ApiKeyRecord>, LookupError> {
        let verified = self
            .verify_api_key(&sha256)
            .await
            .map_err(LookupError::new)?;
        Ok(verified.map(|key| ApiKeyRecord {
            tenant_id: key.tenant_id,
            tenant_slug: key.tenant_slug,
            key_id: key.key_id,
            scopes: key
                .scopes
                .iter()
                .filter_map(|scope| scope.parse().ok())
                .collect(),
            expires_at: key.expires_at,
        }))
    }
}
