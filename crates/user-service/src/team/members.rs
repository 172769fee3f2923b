//! Changing members.

use chrono::{DateTime, Utc};
use http_kit::auth::{Permission, Principal, Role};
use http_kit::{ApiError, ApiResult};
use uuid::Uuid;

use super::{Team, lock, refused, role, role_now};
use crate::error::storage;
use crate::rules::membership::{self, Change};
use crate::storage::members::{self, Member};

impl Team {
    /// A page of the tenant's members, in the order in which they joined.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(
        &self,
        caller: &Principal,
        after: Option<(DateTime<Utc>, Uuid)>,
        fetch: i64,
    ) -> ApiResult<Vec<Member>> {
        let tx = self.begin(caller).await?;
        let found = members::list(&tx, after, fetch).await.map_err(storage)?;
        tx.commit().await.map_err(storage)?;
        Ok(found)
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// 404, a refusal of [`membership::check`], or a failure.
    pub async fn change_role(
        &self,
        caller: &Principal,
        user_id: Uuid,
        to: Role,
    ) -> ApiResult<Member> {
        let tx = self.begin(caller).await?;
        let mut member = self.checked(&tx, caller, user_id, Some(to)).await?;
        if member.role != to.as_str() {
            audit::detail("from", member.role.as_str());
            audit::detail("to", to.as_str());
            members::set_role(&tx, caller.tenant_id, user_id, to.as_str())
                .await
                .map_err(storage)?;
            to.as_str().clone_into(&mut member.role);
        }
        tx.commit().await.map_err(storage)?;
        Ok(member)
    }

    /// Takes a member out; their sessions in the tenant end. Anybody may leave.
    ///
    /// # Errors
    /// As [`Team::change_role`].
    pub async fn remove(&self, caller: &Principal, user_id: Uuid) -> ApiResult<()> {
        if caller.actor.id() != user_id {
            Permission::Admin.check(caller)?;
        }
        let tx = self.begin(caller).await?;
        self.checked(&tx, caller, user_id, None).await?;
        members::remove(&tx, caller.tenant_id, user_id)
            .await
            .map_err(storage)?;
        tx.commit().await.map_err(storage)
    }

    /// The member to change, with the tenant locked, if the caller may.
    async fn checked(
        &self,
        tx: &db::TenantTx,
        caller: &Principal,
        user_id: Uuid,
        to: Option<Role>,
    ) -> ApiResult<Member> {
        lock(tx).await?;
        let by = role_now(tx, caller).await?;
        let member = members::get(tx, user_id).await.map_err(storage)?;
        let member = member.ok_or_else(ApiError::not_found)?;
        let owners = members::owners(tx, caller.tenant_id)
            .await
            .map_err(storage)?;
        let change = Change {
            by,
            own: caller.actor.id() == user_id,
            from: role(&member.role)?,
            to,
            owners,
        };
        membership::check(change).map_err(refused)?;
        Ok(member)
    }
}
