//! Going on in another tenant.

use chrono::{DateTime, TimeDelta, Utc};
use db::SystemTx;
use uuid::Uuid;

use super::guesses::settled;
use super::{AccountError, Accounts, Origin, PERSON, admit};
use crate::rules::lockout;
use crate::storage::handoffs;
use crate::storage::people::{self, Membership, TenantOf};
use crate::storage::sessions::{self, EndReason};
use crate::tokens::TokenPair;

/// How long a code for another host works: as long as a browser needs to go there.
const HANDOFF: TimeDelta = TimeDelta::seconds(60);

/// Who wants to go on elsewhere, and with which session.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    /// The tenant of the session.
    pub tenant_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// The session.
    pub session_id: Uuid,
}

impl Accounts {
    /// Every tenant of a person, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants(&self, user_id: Uuid) -> Result<Vec<TenantOf>, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let tenants = people::tenants(&tx, user_id).await?;
        tx.commit().await?;
        Ok(tenants)
    }

    /// Opens a session in another tenant of the person. The one there is goes on, unless the new one's cookies take its
    /// place in a browser (`replaces`): nobody could end it there any more.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::SuspendedFor`], [`AccountError::Deleting`], [`AccountError::Gone`], or a failure.
    pub async fn switch(
        &self,
        who: SignedIn,
        slug: &str,
        replaces: bool,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let (tx, keys) = self.begin().await?;
        let membership = self.target(&tx, who, slug).await?;
        let pair = self
            .open_session(&tx, &keys, who.user_id, &membership, origin, now)
            .await?;
        if replaces {
            let reason = EndReason::Switched;
            sessions::end(&tx, who.tenant_id, who.session_id, reason, now).await?;
        }
        audit::about(PERSON, who.user_id);
        tx.commit_audited().await?;
        Ok(pair)
    }

    /// A code with which the other tenant's host opens the session.
    ///
    /// # Errors
    /// As [`Accounts::switch`].
    pub async fn hand_off(
        &self,
        who: SignedIn,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<String, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let membership = self.target(&tx, who, slug).await?;
        let code = secrets::random_token(32);
        let (digest, until) = (secrets::sha256(&code), now + HANDOFF);
        handoffs::insert(&tx, digest, membership.tenant_id, who.user_id, until).await?;
        // In the log of the tenant where this is asked for the other one's id has no place.
        audit::about(PERSON, who.user_id);
        tx.commit_audited().await?;
        Ok(code)
    }

    /// Uses a code up, at the host of the tenant `slug`.
    ///
    /// # Errors
    /// [`AccountError::WrongToken`], [`AccountError::LockedOut`], [`AccountError::SuspendedFor`], [`AccountError::Deleting`], or a failure.
    pub async fn take_over(
        &self,
        code: &str,
        slug: &str,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let attempt = self.lockout.admit(lockout::token(origin.place())).await?;
        let digest = secrets::sha256(code);
        settled(attempt, self.use_code(&digest, slug, origin, now).await).await
    }

    async fn use_code(
        &self,
        digest: &[u8],
        slug: &str,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        const WRONG: AccountError = AccountError::WrongToken("code");
        let (tx, keys) = self.begin().await?;
        let slug = slug.to_lowercase();
        let user_id = handoffs::whose(&tx, digest).await?.ok_or(WRONG)?;
        // A new password forgets the codes before it under the same lock.
        people::get_locked(&tx, user_id).await?.ok_or(WRONG)?;
        let used = handoffs::take(&tx, digest, &slug, now)
            .await?
            .ok_or(WRONG)?;
        let membership = people::membership(&tx, used.tenant_id, used.user_id)
            .await?
            .ok_or(WRONG)?;
        admit(&tx, used.user_id, &membership, None).await?;
        let pair = self
            .open_session(&tx, &keys, used.user_id, &membership, origin, now)
            .await?;
        audit::about(PERSON, used.user_id);
        tx.commit_audited().await?;
        Ok(pair)
    }

    /// The tenant to go to. An access token outlives its session by minutes; a session that has ended begins no other:
    /// the person is locked, as by whoever ends what they began.
    async fn target(
        &self,
        tx: &SystemTx,
        who: SignedIn,
        slug: &str,
    ) -> Result<Membership, AccountError> {
        people::get_locked(tx, who.user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        if !sessions::is_open(tx, who.tenant_id, who.session_id).await? {
            return Err(AccountError::Gone);
        }
        let slug = slug.trim().to_lowercase();
        let memberships = people::memberships(tx, who.user_id).await?;
        let membership = memberships
            .into_iter()
            .find(|membership| membership.tenant_slug == slug)
            .ok_or(AccountError::NotFound)?;
        admit(tx, who.user_id, &membership, Some(who.session_id)).await?;
        Ok(membership)
    }
}
