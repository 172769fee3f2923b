//! Changing members.

use chrono::{DateTime, Utc};
use db::SystemTx;
use http_kit::auth::{Permission, Principal, Role};
use http_kit::{ApiError, ApiResult};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Team, lock, refused, role, role_now};
use crate::error::storage;
use crate::rules::membership::{self, Change};
use crate::storage::members::{self, Member};
use crate::storage::{erasing, invitations, mails, people};

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

    /// Gives a member another role. Invitations that they sent and could not send now are taken back.
    ///
    /// # Errors
    /// 404, a refusal of [`membership::check`], or a failure.
    pub async fn change_role(
        &self,
        caller: &Principal,
        user_id: Uuid,
        to: Role,
        now: DateTime<Utc>,
    ) -> ApiResult<Member> {
        let tx = self.begin(caller).await?;
        check(&tx, caller, user_id, Some(to)).await?;
        let member = members::get(&tx, user_id).await.map_err(storage)?;
        let mut member = member.ok_or_else(ApiError::not_found)?;
        if member.role != to.as_str() {
            audit::detail("from", member.role.as_str());
            audit::detail("to", to.as_str());
            members::set_role(&tx, caller.tenant_id, user_id, to.as_str())
                .await
                .map_err(storage)?;
            take_back(&tx, caller.tenant_id, user_id, Some(to), now).await?;
            to.as_str().clone_into(&mut member.role);
        }
        tx.commit().await.map_err(storage)?;
        Ok(member)
    }

    /// Takes a member out; their sessions in the tenant end, and invitations that they sent are taken back. Anybody may
    /// leave. Whoever belongs to no other tenant is forgotten: nobody could sign in with that account any more, and its
    /// address would be taken for ever.
    ///
    /// # Errors
    /// As [`Team::change_role`].
    pub async fn remove(
        &self,
        caller: &Principal,
        user_id: Uuid,
        now: DateTime<Utc>,
    ) -> ApiResult<()> {
        if caller.actor.id() != user_id {
            Permission::Admin.check(caller)?;
        }
        let tx = SystemTx::begin(&self.system).await.map_err(storage)?;
        check(&tx, caller, user_id, None).await?;
        take_back(&tx, caller.tenant_id, user_id, None, now).await?;
        take_out(&tx, caller.tenant_id, user_id)
            .await
            .map_err(storage)?;
        tx.commit_audited().await.map_err(storage)
    }
}

/// Locks the tenant, and lets the caller change this member, or says why not.
async fn check(
    tx: &impl ConnectionTrait,
    caller: &Principal,
    user_id: Uuid,
    to: Option<Role>,
) -> ApiResult<()> {
    lock(tx, caller.tenant_id).await?;
    let by = role_now(tx, caller).await?;
    let member = people::membership(tx, caller.tenant_id, user_id).await;
    let member = member.map_err(storage)?.ok_or_else(ApiError::not_found)?;
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
    membership::check(change).map_err(refused)
}

/// Takes back invitations of somebody who is this from now on, or nothing, and could not send them now.
async fn take_back(
    tx: &impl ConnectionTrait,
    tenant_id: Uuid,
    user_id: Uuid,
    becomes: Option<Role>,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    let roles = membership::not_to_invite(becomes);
    let roles = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let revoked = invitations::revoke_of(tx, tenant_id, user_id, roles, now).await;
    let revoked = revoked.map_err(storage)?;
    if revoked > 0 {
        audit::detail("invitations_revoked", revoked);
    }
    Ok(())
}

async fn take_out(tx: &SystemTx, tenant_id: Uuid, user_id: Uuid) -> Result<(), DbErr> {
    if let Some(person) = people::get(tx, user_id).await? {
        mails::hold(tx, &person.email).await?;
    }
    // Whoever makes them a member of another tenant, or signs them in, holds a key on the person, who stays then.
    people::get_locked(tx, user_id).await?;
    members::remove(tx, tenant_id, user_id).await?;
    erasing::without_tenant(tx, vec![user_id]).await?;
    Ok(())
}
