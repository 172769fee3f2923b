//! A person's own record.

use chrono::{DateTime, Utc};
use db::SystemTx;
use http_kit::auth::Role;
use uuid::Uuid;

use super::password::lock_to_renew;
use super::{AccountError, Accounts, Origin, PERSON, role};
use crate::rules::email::Email;
use crate::rules::lockout;
use crate::storage::mail_tokens::{self, Purpose};
use crate::storage::people::{self, Person};
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

/// A change whose current password was right.
struct Checked {
    email: Option<Email>,
    password_hash: Option<String>,
    /// The session that may go on.
    session_id: Uuid,
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
    /// [`AccountError::LockedOut`], [`AccountError::Gone`], or a failure.
    pub async fn knows_password(
        &self,
        user_id: Uuid,
        password: String,
        origin: &Origin,
    ) -> Result<bool, AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let person = people::get(&tx, user_id).await?.ok_or(AccountError::Gone)?;
        tx.commit().await?;
        self.is_own_password(&person, password, origin).await
    }

    /// The same, of somebody who is signed in and whose place is therefore known. Whoever found an access token lying
    /// about must not find the password with it.
    async fn is_own_password(
        &self,
        person: &Person,
        password: String,
        origin: &Origin,
    ) -> Result<bool, AccountError> {
        let counters = lockout::password(&person.email, origin.place(), true);
        let hash = Some(person.password_hash.clone());
        self.verify(counters, password, hash).await
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
        if !self
            .is_own_password(&person, current_password, origin)
            .await?
        {
            return Err(AccountError::WrongCurrentPassword);
        }
        let checked = Checked {
            email,
            password_hash: match password {
                Some(password) => Some(self.passwords.hash(password).await?),
                None => None,
            },
            session_id,
        };
        if checked.email.is_none() {
            return self.write(person, checked, now).await;
        }
        let counters = lockout::new_address(user_id);
        let attempt = self.lockout.admit(counters).await?;
        let written = self.write(person, checked, now).await;
        if !matches!(written, Err(AccountError::EmailTaken)) {
            attempt.forgive().await;
        }
        written
    }

    /// Writes a change of somebody whose password was verified, if it is still that one.
    async fn write(
        &self,
        verified: Person,
        change: Checked,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let user_id = verified.id;
        let tx = SystemTx::begin(&self.system).await?;
        let person = match change.password_hash {
            Some(_) => lock_to_renew(&tx, user_id, &verified.email).await?,
            None => people::get_locked(&tx, user_id).await?,
        };
        let person = person.ok_or(AccountError::Gone)?;
        if person.password_hash != verified.password_hash {
            return Err(AccountError::WrongCurrentPassword);
        }
        if let Some(email) = change.email {
            self.name_new_address(&tx, &person, email.as_str(), now)
                .await?;
        }
        if let Some(password_hash) = change.password_hash {
            people::set_password_hash(&tx, user_id, &password_hash).await?;
            // Whoever had the mailbox once must not undo this with a link from then.
            mail_tokens::forget(&tx, Purpose::ResetPassword, user_id).await?;
            let (kept, reason) = (Some(change.session_id), EndReason::PasswordChanged);
            self.end_all_but(&tx, user_id, kept, reason, now).await?;
            self.tell_password_changed(&tx, &person, now).await?;
        }
        audit::about(PERSON, user_id);
        tx.commit_audited().await?;
        Ok(())
    }
}
