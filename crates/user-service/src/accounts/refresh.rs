//! Going on with a session, and ending it.

use chrono::{DateTime, Utc};
use db::SystemTx;
use uuid::Uuid;

use super::{AccountError, Accounts, admit};
use crate::storage::people;
use crate::storage::sessions::{self, EndReason};
use crate::tokens::{RefreshToken, TokenPair};

impl Accounts {
    /// Exchanges a refresh token for the next pair. A token that comes a second time was copied, by whom is unknown:
    /// its whole session ends.
    ///
    /// # Errors
    /// [`AccountError::WrongRefreshToken`], [`AccountError::Replayed`], [`AccountError::SuspendedFor`],
    /// [`AccountError::Deleting`], or a failure.
    pub async fn refresh(
        &self,
        token: &RefreshToken,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let digest = token.sha256();
        let (tx, keys) = self.begin().await?;
        let presented = sessions::present(&tx, &digest).await?;
        let presented = presented
            .filter(|presented| presented.ended_at.is_none())
            .ok_or(AccountError::WrongRefreshToken)?;
        let (tenant_id, session_id) = (presented.tenant_id, presented.session_id);
        let actor = audit::Actor::user(presented.user_id);
        audit::identified(tenant_id, actor, Some(session_id));
        audit::about("session", session_id);
        if presented.used_at.is_some() {
            audit::detail("replayed", true);
            sessions::end(&tx, tenant_id, session_id, EndReason::Replayed, now).await?;
            tx.commit().await?;
            tracing::warn!(
                tenant.id = %tenant_id, user.id = %presented.user_id, session.id = %session_id,
                "a refresh token came twice; its session ends"
            );
            let user_id = presented.user_id;
            return Err(AccountError::Replayed { tenant_id, user_id });
        }
        if presented.expires_at <= now {
            return Err(AccountError::WrongRefreshToken);
        }
        let membership = people::membership(&tx, tenant_id, presented.user_id)
            .await?
            .ok_or(AccountError::WrongRefreshToken)?;
        admit(&tx, presented.user_id, &membership, Some(session_id)).await?;
        sessions::mark_used(&tx, &digest, &presented, now).await?;
        let pair = self
            .hand_out(&tx, &keys, presented.user_id, &membership, session_id, now)
            .await?;
        tx.commit_audited().await?;
        Ok(pair)
    }

    /// Ends the session of a refresh token. An unknown token changes nothing, and nobody is told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logout(
        &self,
        token: &RefreshToken,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        if let Some(presented) = sessions::present(&tx, &token.sha256()).await? {
            let (tenant_id, session_id) = (presented.tenant_id, presented.session_id);
            let actor = audit::Actor::user(presented.user_id);
            audit::identified(tenant_id, actor, Some(session_id));
            audit::about("session", session_id);
            sessions::end(&tx, tenant_id, session_id, EndReason::SignedOut, now).await?;
        }
        tx.commit_audited().await?;
        Ok(())
    }

    /// Ends the session that an access token belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(
        &self,
        tenant_id: Uuid,
        session_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        audit::about("session", session_id);
        sessions::end(&tx, tenant_id, session_id, EndReason::SignedOut, now).await?;
        tx.commit_audited().await?;
        Ok(())
    }
}
