//! A person's sessions, in whatever tenant.

use chrono::{DateTime, Utc};
use db::SystemTx;
use uuid::Uuid;

use super::{AccountError, Accounts};
use crate::storage::people;
use crate::storage::sessions::{self, EndReason, OpenSession};

impl Accounts {
    /// Those that can still go on, the last used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions(
        &self,
        user_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenSession>, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let open = sessions::of_person(&tx, user_id, now).await?;
        tx.commit().await?;
        Ok(open)
    }

    /// Ends one.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] when the person has no such session that could go on, or a failure.
    pub async fn end_own_session(
        &self,
        user_id: Uuid,
        session_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let ended = sessions::end_own(&tx, user_id, session_id, now).await?;
        tx.commit_audited().await?;
        if ended {
            Ok(())
        } else {
            Err(AccountError::NotFound)
        }
    }

    /// Ends all but one.
    ///
    /// # Errors
    /// [`AccountError::Gone`], or a failure.
    pub async fn end_other_sessions(
        &self,
        user_id: Uuid,
        kept: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        // Whoever opens a session with an ending one waits, and then finds it ended.
        people::get_locked(&tx, user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        self.end_all_but(&tx, user_id, Some(kept), EndReason::EndedElsewhere, now)
            .await?;
        tx.commit_audited().await?;
        Ok(())
    }
}
