//! A person's own record.

use chrono::{DateTime, Utc};
use db::SystemTx;
use http_kit::auth::Role;
use uuid::Uuid;

use super::register::taken;
use super::{AccountError, Accounts, PERSON, role};
use crate::rules::email::Email;
use crate::storage::people::{self, EMAIL_KEY};
use crate::storage::sessions::{self, EndReason};
use crate::storage::tenants::{self, Tenant};

/// A person in the tenant they are signed in to.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The person.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// Where they are signed in.
    pub tenant: Tenant,
    /// What they are there.
    pub role: Role,
}

/// A change of one's own record. Both parts need the current password: an access token left open somewhere is not
/// enough to take an account over.
#[derive(Clone)] // no Debug: it holds passwords
pub struct Change {
    /// A new address.
    pub email: Option<Email>,
    /// A new password; other sessions end.
    pub password: Option<String>,
    /// The password until now.
    pub current_password: String,
}

impl Accounts {
    /// The profile of a person in a tenant.
    ///
    /// # Errors
    /// [`AccountError::Gone`], or a failure.
    pub async fn profile(&self, tenant_id: Uuid, user_id: Uuid) -> Result<Profile, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let person = people::get(&tx, user_id).await?.ok_or(AccountError::Gone)?;
        let tenant = tenants::get(&tx, tenant_id)
            .await?
            .ok_or(AccountError::Gone)?;
        let membership = people::membership(&tx, tenant_id, user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        tx.commit().await?;
        Ok(Profile {
            id: person.id,
            email: person.email,
            tenant,
            role: role(&membership)?,
        })
    }

    /// Changes a person's record; `session_id` is the session that may go on.
    ///
    /// # Errors
    /// [`AccountError::WrongCurrentPassword`], [`AccountError::EmailTaken`], [`AccountError::Gone`], or a failure.
    pub async fn change(
        &self,
        user_id: Uuid,
        session_id: Uuid,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let Change {
            email,
            password,
            current_password,
        } = change;
        let tx = SystemTx::begin(&self.system).await?;
        let person = people::get(&tx, user_id).await?.ok_or(AccountError::Gone)?;
        tx.commit().await?;
        if !self
            .passwords
            .verify(current_password, Some(person.password_hash))
            .await?
        {
            return Err(AccountError::WrongCurrentPassword);
        }
        let password_hash = match password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let tx = SystemTx::begin(&self.system).await?;
        if let Some(email) = email {
            people::set_email(&tx, user_id, email.as_str())
                .await
                .map_err(|error| taken(error, EMAIL_KEY, AccountError::EmailTaken))?;
        }
        if let Some(password_hash) = password_hash {
            people::set_password_hash(&tx, user_id, &password_hash).await?;
            let reason = EndReason::PasswordChanged;
            sessions::end_others(&tx, user_id, Some(session_id), reason, now).await?;
        }
        audit::about(PERSON, user_id);
        tx.commit_audited().await?;
        Ok(())
    }
}
