//! A tenant's members and invitations, as the tenant changes them: under a lock of the tenant's row, so that what was
//! counted is still so when it is written. Only who goes is taken out with the system login: whether they belong to any
//! other tenant is no tenant's to see.

mod invitations;
mod members;

use chrono::TimeDelta;
use db::{ApiPool, SystemPool, TenantTx};
use http_kit::auth::{Actor, Principal, Role};
use http_kit::{ApiError, ApiResult};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::error::storage;
use crate::mail::Mailer;
use crate::rules::membership::Refused;
use crate::storage::members::{self as rows, Allowance};
use crate::storage::people;

/// Members and invitations of the caller's tenant; cheap to clone.
#[derive(Debug, Clone)]
pub struct Team {
    api: ApiPool,
    system: SystemPool,
    mailer: Mailer,
    /// Life of an invitation.
    life: TimeDelta,
}

impl Team {
    /// Over the api login, and the system login for who goes.
    #[must_use]
    pub const fn new(api: ApiPool, system: SystemPool, mailer: Mailer, life: TimeDelta) -> Self {
        Self {
            api,
            system,
            mailer,
            life,
        }
    }

    /// Begins for the caller's tenant.
    async fn begin(&self, caller: &Principal) -> ApiResult<TenantTx> {
        TenantTx::begin(&self.api, caller.tenant_id)
            .await
            .map_err(storage)
    }
}

/// Locks the tenant; nobody else changes its members until the transaction ends.
async fn lock(tx: &impl ConnectionTrait, tenant_id: Uuid) -> ApiResult<Allowance> {
    let allowance = rows::lock(tx, tenant_id).await.map_err(storage)?;
    allowance.ok_or_else(ApiError::not_found)
}

/// What a caller is now, whatever the access token says; nothing for a program.
async fn role_now(tx: &impl ConnectionTrait, caller: &Principal) -> ApiResult<Option<Role>> {
    let Actor::User { id, .. } = caller.actor else {
        return Ok(None);
    };
    let member = people::membership(tx, caller.tenant_id, id).await;
    let member = member.map_err(storage)?;
    let member = member.ok_or_else(|| {
        ApiError::unauthenticated("You are no member of this tenant any more. Sign in again.")
    })?;
    role(&member.role).map(Some)
}

/// The table's check keeps other words out.
fn role(text: &str) -> ApiResult<Role> {
    text.parse().map_err(ApiError::internal)
}

/// What a refused change is told.
fn refused(why: Refused) -> ApiError {
    match why {
        Refused::AdminsOnly => {
            ApiError::denied("Only an owner or admin changes members. Ask one of them.")
        }
        Refused::OwnersOnly => ApiError::denied(
            "Only an owner makes somebody an owner, or takes that away. Ask an owner.",
        ),
        Refused::LastOwner => ApiError::conflict(
            "A tenant keeps at least one owner, and this is the last one. Make somebody else an owner first.",
        ),
    }
}
