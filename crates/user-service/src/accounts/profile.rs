//! A person's own record.

use chrono::{DateTime, Utc};
use db::SystemTx;
use http_kit::auth::Role;
use uuid::Uuid;

use super::{AccountError, Accounts, Origin, PERSON, role};
use crate::rules::email::Email;
use crate::rules::lockout;
use crate::storage::people;
use crate::storage::sessions::EndReason;
use crate::storage::tenants::{self, Tenant};

/// A person in the tenant they are signed in to.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The person.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// Whether they proved that it is theirs.
    pub email_verified: bool,
    /// The address to be, once it is verified.
    pub pending_email: Option<String>,
    /// Where they are signed in.
    pub tenant: Tenant,
    /// What they are there.
    pub role: Role,
}

/// A change of one's own record. Both parts need the current password: an access token left open somewhere is not
/// enough to take an account over.
#[derive(Clone)] // no Debug: it holds passwords
pub struct Change {
    /// A new address, which takes the old one's place when it is verified.
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
            email_verified: person.email_verified_at.is_some(),
            pending_email: person.pending_email,
            tenant,
            role: role(&membership)?,
        })
    }

    /// Whether this is the person's password; for what an access token left open somewhere must not be enough for.
    ///
    /// # Errors
    /// [`AccountError::Gone`], or a failure.
    pub async fn knows_password(
        &self,
        user_id: Uuid,
        password: String,
    ) -> Result<bool, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let person = people::get(&tx, user_id).await?.ok_or(AccountError::Gone)?;
        tx.commit().await?;
        let verified = self.passwords.verify(password, Some(person.password_hash));
        Ok(verified.await?)
    }

    /// Changes a person's record; `session_id` is the session that may go on.
    ///
    /// # Errors
    /// [`AccountError::WrongCurrentPassword`], [`AccountError::LockedOut`], [`AccountError::EmailTaken`],
    /// [`AccountError::TooManyMails`], [`AccountError::Gone`], or a failure.
    pub async fn change(
        &self,
        user_id: Uuid,
        session_id: Uuid,
        change: Change,
        origin: &Origin,
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
        // Whoever found an access token lying about must not find the password with it.
        let counters = lockout::password(&person.email, origin.place(), true);
        let attempt = self.lockout.admit(counters).await?;
        let hash = Some(person.password_hash);
        if !self.passwords.verify(current_password, hash).await? {
            return Err(AccountError::WrongCurrentPassword);
        }
        attempt.forgive().await;
        let password_hash = match password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let tx = SystemTx::begin(&self.system).await?;
        let person = people::get_locked(&tx, user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        if let Some(email) = email {
            self.name_new_address(&tx, &person, email.as_str(), now)
                .await?;
        }
        if let Some(password_hash) = password_hash {
            people::set_password_hash(&tx, user_id, &password_hash).await?;
            let reason = EndReason::PasswordChanged;
            self.end_all_but(&tx, user_id, Some(session_id), reason, now)
                .await?;
            self.tell_password_changed(&tx, &person, now).await?;
        }
        audit::about(PERSON, user_id);
        tx.commit_audited().await?;
        Ok(())
    }
}
