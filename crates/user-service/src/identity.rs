//! What other services ask about callers. The gRPC service and this process' own authenticator both answer from here.

use async_trait::async_trait;
use chrono::Utc;
use db::{SystemPool, SystemTx};
use futures::stream::BoxStream;
use http_kit::auth::{
    ApiKeyRecord, Change, IdentityLookup, Jwks, KeyAnswer, KeyUse, LookupError, SessionRecord,
    Standing,
};
use http_kit::plans::PlanLookup;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::credentials::Feed;
use crate::rules::standing::Status;
use crate::signing_keys::{JWKS_AGE, SigningKeys};
use crate::storage::api_keys::{self, Verified};
use crate::storage::plans::{self, Plan};
use crate::storage::sessions;
use crate::storage::tenants;

/// Looks credentials up, over the system login; cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity {
    system: SystemPool,
    keys: SigningKeys,
    feed: Feed,
}

impl Identity {
    /// Over the system login, the signing keys, and what is heard of changes.
    #[must_use]
    pub const fn new(system: SystemPool, keys: SigningKeys, feed: Feed) -> Self {
        Self { system, keys, feed }
    }

    /// What is heard of changes.
    #[must_use]
    pub const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The keys that sign access tokens.
    #[must_use]
    pub const fn signing_keys(&self) -> &SigningKeys {
        &self.keys
    }

    /// How a session stands; nothing when it ended or its person left.
    async fn find_session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
    ) -> Result<Option<sessions::Standing>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let standing = sessions::standing(&tx, tenant_id, session_id).await?;
        tx.commit().await?;
        Ok(standing)
    }

    async fn store_uses(&self, uses: Vec<KeyUse>) -> Result<(), DbErr> {
        let (mut tenants, mut ids, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for used in uses {
            tenants.push(used.tenant_id);
            ids.push(used.key_id);
            times.push(used.at);
        }
        let tx = SystemTx::begin(&self.system).await?;
        api_keys::note_uses(&tx, tenants, ids, times).await?;
        tx.commit().await
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

    /// Whose the API key with this digest is, and whether it works.
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

    async fn api_key(&self, sha256: [u8; 32]) -> Result<KeyAnswer, LookupError> {
        let verified = self.verify_api_key(&sha256).await;
        let Some(key) = verified.map_err(LookupError::new)? else {
            return Ok(KeyAnswer::Unknown);
        };
        let (tenant_id, key_id) = (key.tenant_id, key.key_id);
        if !key.works {
            return Ok(KeyAnswer::Ended { tenant_id, key_id });
        }
        let scopes = key.scopes.iter().filter_map(|scope| scope.parse().ok());
        let allowed = key.allowed_addresses.iter().map(|text| text.parse());
        let allowed: Result<Vec<_>, _> = allowed.collect();
        Ok(KeyAnswer::Known(ApiKeyRecord {
            tenant_id,
            tenant_slug: key.tenant_slug,
            key_id,
            scopes: scopes.collect(),
            expires_at: key.expires_at,
            // What cannot be read must not make the list shorter, let alone empty.
            allowed: allowed.map_err(LookupError::new)?,
        }))
    }

    async fn session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
    ) -> Result<Option<SessionRecord>, LookupError> {
        let standing = self.find_session(tenant_id, session_id).await;
        let Some(standing) = standing.map_err(LookupError::new)? else {
            return Ok(None);
        };
        Ok(Some(SessionRecord {
            tenant_id,
            session_id,
            user_id: standing.user_id,
            role: standing.role.parse().map_err(LookupError::new)?,
            tenant_slug: standing.tenant_slug,
        }))
    }

    async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
        let changes = self.feed.follow();
        changes.ok_or_else(|| LookupError::new("changes are not heard now"))
    }

    async fn note_uses(&self, uses: Vec<KeyUse>) -> Result<(), LookupError> {
        self.store_uses(uses).await.map_err(LookupError::new)
    }

    async fn standing(&self, tenant_id: Uuid) -> Result<Standing, LookupError> {
        let tx = SystemTx::begin(&self.system)
            .await
            .map_err(LookupError::new)?;
        let tenant = tenants::get(&tx, tenant_id)
            .await
            .map_err(LookupError::new)?;
        tx.commit().await.map_err(LookupError::new)?;
        let Some(tenant) = tenant else {
            return Ok(Standing::Gone);
        };
        let standing = tenant.standing().map_err(LookupError::new)?;
        Ok(match (standing.status, standing.delete_at) {
            (Status::Active, _) => Standing::Active,
            (Status::Suspended, _) => Standing::Suspended {
                reason: standing.suspended_for.unwrap_or_default(),
            },
            (Status::Deleting, Some(at)) => Standing::Deleting { at },
            (Status::Deleting, None) | (Status::Erasing, _) => Standing::Gone,
        })
    }
}
