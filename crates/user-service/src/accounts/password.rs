//! Forgotten passwords.

use chrono::{DateTime, Utc};
use db::SystemTx;
use uuid::Uuid;

use super::guesses::settled;
use super::{AccountError, Accounts, Origin};
use crate::mail::{self, Letter, To};
use crate::rules::email::Email;
use crate::rules::{lockout, password};
use crate::storage::mail_tokens::{self, Purpose};
use crate::storage::mails;
use crate::storage::people::{self, Person};
use crate::storage::sessions::EndReason;

impl Accounts {
    /// Notes that a new password is wanted. Whether anybody has the address is found out later, by whoever sends the
    /// mail: so every address costs the same here.
    ///
    /// # Errors
    /// [`AccountError::LockedOut`], or a failure.
    pub async fn forgot_password(
        &self,
        email: &Email,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        // Never forgiven: it is mails that are counted here, not mistakes.
        let _counted = self.lockout.admit(lockout::mail(origin.place())).await?;
        let tx = SystemTx::begin(&self.system).await?;
        mail::ask_forgotten(&tx, email.as_str(), self.lives.reset, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sets a new password by a mail's token, and ends every session. The mailbox is proven thereby, and the place from
    /// where it is done counts as one that the person uses: somebody else's guesses must not keep them out now. A change
    /// of the address that was under way is taken back, because whoever asked for it may be who the person wants to be
    /// rid of.
    ///
    /// # Errors
    /// [`AccountError::WrongToken`], [`AccountError::LockedOut`], [`AccountError::BadPassword`], or a failure.
    pub async fn reset_password(
        &self,
        token: &str,
        password: String,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let attempt = self.lockout.admit(lockout::token(origin.place())).await?;
        settled(attempt, self.reset(token, password, origin, now).await).await
    }

    async fn reset(
        &self,
        token: &str,
        password: String,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        const WRONG: AccountError = AccountError::WrongToken("token");
        // Before the token is looked at: a wrong one takes as long as a right one.
        let password_hash = self.passwords.hash(password.clone()).await?;
        let tx = SystemTx::begin(&self.system).await?;
        let digest = secrets::sha256(token);
        let used = mail_tokens::take(&tx, Purpose::ResetPassword, &digest, now)
            .await?
            .ok_or(WRONG)?;
        let person = lock_to_renew(&tx, used.user_id, &used.email)
            .await?
            .filter(|person| person.email == used.email)
            .ok_or(WRONG)?;
        password::check(&password, &person.email).map_err(AccountError::BadPassword)?;
        people::set_password_hash(&tx, person.id, &password_hash).await?;
        people::set_verified(&tx, person.id, &person.email, now).await?;
        people::set_pending_email(&tx, person.id, None).await?;
        people::set_proven_place(&tx, person.id, origin.place(), now).await?;
        mail_tokens::forget(&tx, Purpose::ResetPassword, person.id).await?;
        mail_tokens::forget(&tx, Purpose::VerifyEmail, person.id).await?;
        self.end_all_but(&tx, person.id, None, EndReason::PasswordReset, now)
            .await?;
        self.tell_password_changed(&tx, &person, now).await?;
        self.commit_as(tx, person.id).await
    }

    /// Tells a person that the password is another one now.
    pub(super) async fn tell_password_changed(
        &self,
        tx: &SystemTx,
        person: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let language = self.language(tx, person.id).await?;
        let letter = Letter::PasswordChanged {
            address: &person.email,
            at: now,
            link: &self.mailer.forgot_password_page(),
        };
        let to = To {
            tenant_id: None,
            address: &person.email,
            language: &language,
        };
        self.mailer.post(tx, to, &letter, now).await
    }
}

/// Locks a person who is to have another password, after taking away what was asked for to their address and would become
/// a link that outlives it. In this order, because whoever writes such a mail holds it first and then its person.
pub(super) async fn lock_to_renew(
    tx: &SystemTx,
    user_id: Uuid,
    email: &str,
) -> Result<Option<Person>, AccountError> {
    mails::forget_unwritten(tx, email).await?;
    Ok(people::get_locked(tx, user_id).await?)
}
