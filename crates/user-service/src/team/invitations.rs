//! Inviting.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::messages::v1::QuotaWarned;
use contracts::messages::v1::event::Payload;
use db::TenantTx;
use db::outbox::{self, NewEvent, Schema};
use domain::quota;
use http_kit::auth::{Principal, Role};
use http_kit::{ApiError, ApiResult};
use uuid::Uuid;

use super::{Team, lock, refused, role, role_now};
use crate::error::{MEMBERS, members_quota, storage};
use crate::mail::{Letter, To};
use crate::rules::email::Email;
use crate::rules::membership;
use crate::storage::invitations::{self, Invitation, NewInvitation};
use crate::storage::members::{self, Allowance};
use crate::storage::{mails, tenants};

/// Invitations by mail a day, for each member that the plan allows: enough to mistype, too few to send out advertising.
const MAILS_A_MEMBER: i64 = 10;

impl Team {
    /// A page of the tenant's invitations, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitations(
        &self,
        caller: &Principal,
        before: Option<Uuid>,
        fetch: i64,
    ) -> ApiResult<Vec<Invitation>> {
        let tx = self.begin(caller).await?;
        let found = invitations::list(&tx, caller.tenant_id, before, fetch)
            .await
            .map_err(storage)?;
        tx.commit().await.map_err(storage)?;
        Ok(found)
    }

    /// Invites an address, by mail.
    ///
    /// # Errors
    /// A conflict with a member or an open invitation, the plan's quota, too many mails, or a failure.
    pub async fn invite(
        &self,
        caller: &Principal,
        email: &Email,
        as_role: Role,
        now: DateTime<Utc>,
    ) -> ApiResult<Invitation> {
        let tx = self.begin(caller).await?;
        let allowance = lock(&tx, caller.tenant_id).await?;
        let by = role_now(&tx, caller).await?;
        membership::check_invitation(by, as_role).map_err(refused)?;
        self.not_a_member(&tx, email.as_str()).await?;
        let pending = invitations::is_pending(&tx, caller.tenant_id, email.as_str(), now).await;
        if pending.map_err(storage)? {
            return Err(ApiError::conflict(
                "This address is invited already. Send that invitation again, or take it back first.",
            )
            .with_field("email", "is invited already"));
        }
        let used = self.has_room(&tx, &allowance, None, now).await?;
        let token = secrets::random_token(32);
        let new = NewInvitation {
            id: Uuid::now_v7(),
            email: email.as_str(),
            role: as_role.as_str(),
            token_sha256: secrets::sha256(&token),
            invited_by: caller.actor.id(),
            expires_at: now + self.life,
        };
        let invitation = invitations::insert(&tx, caller.tenant_id, new, now)
            .await
            .map_err(storage)?;
        self.send(&tx, caller, &allowance, &invitation, &token, now)
            .await?;
        warn(&tx, &allowance, used, now).await?;
        audit::about("invitation", invitation.id);
        audit::detail("role", as_role.as_str());
        tx.commit().await.map_err(storage)?;
        Ok(invitation)
    }

    /// Sends an invitation again, with another token and as much time as a new one.
    ///
    /// # Errors
    /// 404, a conflict when it is over, and as [`Team::invite`].
    pub async fn send_again(
        &self,
        caller: &Principal,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> ApiResult<Invitation> {
        let tx = self.begin(caller).await?;
        let allowance = lock(&tx, caller.tenant_id).await?;
        let by = role_now(&tx, caller).await?;
        let invitation = invitations::get_locked(&tx, caller.tenant_id, id).await;
        let invitation = invitation.map_err(storage)?;
        let invitation = invitation.ok_or_else(ApiError::not_found)?;
        membership::check_invitation(by, role(&invitation.role)?).map_err(refused)?;
        if invitation.accepted_at.is_some() || invitation.revoked_at.is_some() {
            return Err(ApiError::conflict(
                "This invitation was accepted or taken back. Make a new one.",
            ));
        }
        self.not_a_member(&tx, &invitation.email).await?;
        self.has_room(&tx, &allowance, Some(id), now).await?;
        let token = secrets::random_token(32);
        let (digest, expires_at) = (secrets::sha256(&token), now + self.life);
        let renewed = invitations::renew(&tx, caller.tenant_id, id, digest, expires_at).await;
        let renewed = renewed.map_err(storage)?.ok_or_else(ApiError::not_found)?;
        self.send(&tx, caller, &allowance, &renewed, &token, now)
            .await?;
        tx.commit().await.map_err(storage)?;
        Ok(renewed)
    }

    /// Takes an invitation back; false when there is none that is open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_back(
        &self,
        caller: &Principal,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> ApiResult<bool> {
        let tx = self.begin(caller).await?;
        let revoked = invitations::revoke(&tx, caller.tenant_id, id, now)
            .await
            .map_err(storage)?;
        tx.commit().await.map_err(storage)?;
        Ok(revoked)
    }

    async fn not_a_member(&self, tx: &TenantTx, email: &str) -> ApiResult<()> {
        if members::has_address(tx, email).await.map_err(storage)? {
            return Err(
                ApiError::conflict("Whoever has this address is a member already.")
                    .with_field("email", "is a member already"),
            );
        }
        Ok(())
    }

    /// Members and open invitations together stay within the plan. How many there are already.
    async fn has_room(
        &self,
        tx: &TenantTx,
        allowance: &Allowance,
        except: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> ApiResult<i64> {
        let used = invitations::seats(tx, tx.tenant_id(), except, now).await;
        let used = used.map_err(storage)?;
        if used >= i64::from(allowance.members) {
            return Err(members_quota(allowance, used));
        }
        Ok(used)
    }

    async fn send(
        &self,
        tx: &TenantTx,
        caller: &Principal,
        allowance: &Allowance,
        invitation: &Invitation,
        token: &str,
        now: DateTime<Utc>,
    ) -> ApiResult<()> {
        let tenant_id = caller.tenant_id;
        let day = TimeDelta::days(1);
        let sent = mails::of_tenant_since(tx, tenant_id, "invitation", now - day)
            .await
            .map_err(storage)?;
        if sent >= MAILS_A_MEMBER * i64::from(allowance.members) {
            return Err(ApiError::rate_limited(
                "Too many invitations were sent today. Go on tomorrow.",
                Duration::from_secs(6 * 3600),
            ));
        }
        let tenant = tenants::get(tx, tenant_id).await.map_err(storage)?;
        let tenant = tenant.ok_or_else(ApiError::not_found)?;
        let inviter = members::get(tx, caller.actor.id()).await.map_err(storage)?;
        let letter = Letter::Invitation {
            tenant: &tenant.name,
            inviter: inviter.as_ref().map(|member| member.email.as_str()),
            role: &invitation.role,
            link: &self.mailer.link("invitation", token),
            until: invitation.expires_at,
        };
        let to = To {
            tenant_id: Some(tenant_id),
            address: &invitation.email,
            language: &tenant.locale,
        };
        self.mailer.post(tx, to, &letter, now).await?;
        Ok(())
    }
}

/// Tells the tenant when one more than `used` is most of what the plan allows.
async fn warn(
    tx: &TenantTx,
    allowance: &Allowance,
    used: i64,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    let (before, allowed) = (used.unsigned_abs(), allowance.members.unsigned_abs().into());
    let Some(percent) = quota::reached(before, before + 1, allowed) else {
        return Ok(());
    };
    let warned = QuotaWarned {
        name: MEMBERS.to_owned(),
        used: before + 1,
        allowed,
        percent: percent.into(),
    };
    let event = NewEvent {
        tenant_id: Some(tx.tenant_id()),
        kind: "quota.warning",
        subject: MEMBERS.to_owned(),
        version: now.timestamp_micros(),
        message: Some(Payload::QuotaWarned(warned)),
        data: None,
    };
    let told = outbox::append(&mut *tx.sqlx().await, Schema::Identity, vec![event]).await;
    told.map_err(storage)
}
