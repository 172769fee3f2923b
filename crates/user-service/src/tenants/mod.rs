//! What becomes of tenants: suspended and resumed, moved to another plan, deleted, restored and erased.
//!
//! It concerns tenants from outside and therefore works with the system login. What follows from it elsewhere is told by
//! an event (crawling), asked by those who face callers (how a tenant stands), or asked of the other services (erasing).

pub(crate) mod erasure;
pub(crate) mod grpc;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::messages::v1::{TenantStanding, event::Payload};
use db::outbox::{self, NewEvent, Schema};
use db::{SystemPool, SystemTx, violated_constraint};
use http_kit::{ApiError, ApiResult, ErrorCode};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::accounts::announce;
use crate::error::storage;
use crate::rules::standing::{Refused, Standing, Status};
use crate::storage::slugs;
use crate::storage::standings::{self, Overview};
use crate::storage::tenants::{self, Tenant};

/// How long things stay, by configuration.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// Between the wish to be deleted and the erasing.
    pub grace: TimeDelta,
    /// How long nothing of an erased tenant may turn up.
    pub settle: std::time::Duration,
    /// How long a slug that was given up leads to its tenant.
    pub former_slug: TimeDelta,
    /// How long the slug of an erased tenant is nobody's.
    pub erased_slug: TimeDelta,
    /// How long an archive can be fetched.
    pub export: TimeDelta,
}

impl From<&config::Tenants> for Life {
    fn from(config: &config::Tenants) -> Self {
        let days = |days: u32| TimeDelta::days(days.into());
        Self {
            grace: days(config.grace_days),
            settle: std::time::Duration::from_secs(config.settle_seconds.into()),
            former_slug: days(config.former_slug_days),
            erased_slug: days(config.erased_slug_days),
            export: days(config.export_days),
        }
    }
}

/// Tenants from outside; cheap to clone.
#[derive(Debug, Clone)]
pub struct Tenants {
    system: SystemPool,
    life: Life,
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Reason => Self::new(ErrorCode::Invalid, format!("Correct this: {refused}."))
                .with_field("reason", "must have 1 to 500 characters"),
            _ => Self::conflict(format!("This cannot be done: {refused}.")),
        }
    }
}

impl Tenants {
    /// Over the system login.
    #[must_use]
    pub const fn new(system: SystemPool, life: Life) -> Self {
        Self { system, life }
    }

    /// One tenant.
    ///
    /// # Errors
    /// 404, or when the database fails.
    pub async fn get(&self, id: Uuid) -> ApiResult<Tenant> {
        let tenant = self.find(id).await.map_err(storage)?;
        tenant.ok_or_else(ApiError::not_found)
    }

    /// One tenant, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: Uuid) -> Result<Option<Tenant>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let tenant = tenants::get(&tx, id).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// Closes a tenant, for a reason that its people are told.
    ///
    /// # Errors
    /// 404, 409, 422, or when the database fails.
    pub async fn suspend(&self, id: Uuid, reason: &str) -> ApiResult<Tenant> {
        self.change(id, |standing| standing.suspended(reason)).await
    }

    /// Opens a suspended tenant.
    ///
    /// # Errors
    /// 404, 409, or when the database fails.
    pub async fn resume(&self, id: Uuid) -> ApiResult<Tenant> {
        self.change(id, Standing::resumed).await
    }

    /// Lets a tenant be erased after the days of grace; `at_once`: without them.
    ///
    /// # Errors
    /// 404, 409, or when the database fails.
    pub async fn delete(&self, id: Uuid, at_once: bool, now: DateTime<Utc>) -> ApiResult<Tenant> {
        let grace = if at_once {
            TimeDelta::zero()
        } else {
            self.life.grace
        };
        self.change(id, |standing| standing.deleted(now, grace, at_once))
            .await
    }

    /// Keeps a tenant that waits to be deleted.
    ///
    /// # Errors
    /// 404, 409, or when the database fails.
    pub async fn restore(&self, id: Uuid, now: DateTime<Utc>) -> ApiResult<Tenant> {
        self.change(id, |standing| standing.restored(now)).await
    }

    /// Moves a tenant to another plan.
    ///
    /// # Errors
    /// 404, 422 for a plan that there is not, or when the database fails.
    pub async fn set_plan(&self, id: Uuid, plan: &str) -> ApiResult<Tenant> {
        let tx = self.begin().await?;
        let known = standings::lock(&tx, id).await.map_err(storage)?;
        known.ok_or_else(ApiError::not_found)?;
        let tenant = tenants::set_plan(&tx, id, plan).await;
        let tenant = tenant.map_err(|error| match violated_constraint(&error) {
            Some(key) if key == "tenant_plan_code_fkey" => {
                ApiError::new(ErrorCode::Invalid, format!("There is no plan `{plan}`."))
                    .with_field("plan", "is no plan of this installation")
            }
            _ => storage(error),
        })?;
        announce(&tx, &tenant).await.map_err(ApiError::from)?;
        audit::detail("plan", plan);
        tx.commit_audited().await.map_err(storage)?;
        tracing::info!(tenant.id = %id, plan, "a tenant has another plan");
        Ok(tenant)
    }

    /// Tenants in the order of their slugs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        status: Option<String>,
        after: &str,
        limit: u32,
    ) -> ApiResult<Vec<Overview>> {
        let tx = self.begin().await?;
        let rows = standings::list(&tx, None, status, after, limit.into()).await;
        tx.commit().await.map_err(storage)?;
        rows.map_err(storage)
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// 404, or when the database fails.
    pub async fn show(&self, slug: &str) -> ApiResult<Overview> {
        let tx = self.begin().await?;
        let rows = standings::list(&tx, Some(slug.to_owned()), None, "", 1).await;
        tx.commit().await.map_err(storage)?;
        let found = rows.map_err(storage)?.pop();
        found.ok_or_else(ApiError::not_found)
    }

    /// Where a slug leads that a tenant gave up lately.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn moved(&self, slug: &str, now: DateTime<Utc>) -> Result<Option<String>, DbErr> {
        let tx = SystemTx::begin(&self.system).await?;
        let leads_to = slugs::leads_to(&tx, slug, now).await?;
        tx.commit().await?;
        Ok(leads_to)
    }

    async fn begin(&self) -> ApiResult<SystemTx> {
        SystemTx::begin(&self.system).await.map_err(storage)
    }

    /// Lets a tenant stand otherwise, and tells who crawls for it.
    async fn change(
        &self,
        id: Uuid,
        change: impl FnOnce(&Standing) -> Result<Standing, Refused>,
    ) -> ApiResult<Tenant> {
        let tx = self.begin().await?;
        let tenant = standings::lock(&tx, id).await.map_err(storage)?;
        let before = tenant.ok_or_else(ApiError::not_found)?;
        let standing = change(&before.standing().map_err(storage)?)?;
        let tenant = write(&tx, id, &standing).await.map_err(storage)?;
        tx.commit_audited().await.map_err(storage)?;
        tracing::info!(
            tenant.id = %id, tenant.slug = tenant.slug, from = before.status, to = tenant.status,
            "a tenant stands otherwise"
        );
        Ok(tenant)
    }
}

/// Writes how a locked tenant stands, and tells it in the same transaction.
async fn write(tx: &SystemTx, id: Uuid, standing: &Standing) -> Result<Tenant, DbErr> {
    let tenant = standings::write(tx, id, standing).await?;
    let event = NewEvent {
        tenant_id: Some(id),
        kind: "tenant.standing",
        subject: id.to_string(),
        version: tenant.version,
        message: Some(Payload::TenantStanding(TenantStanding {
            stopped: standing.status != Status::Active,
        })),
        data: None,
    };
    outbox::append(&mut *tx.sqlx().await, Schema::Identity, vec![event]).await?;
    Ok(tenant)
}
