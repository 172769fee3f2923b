//! E-mail addresses: asking whether one is a person's, and changing it.

use chrono::{DateTime, TimeDelta, Utc};
use db::SystemTx;
use uuid::Uuid;

use super::guesses::settled;
use super::register::taken;
use super::{AccountError, Accounts, Origin, PERSON};
use crate::mail::{Letter, To};
use crate::rules::{locale, lockout};
use crate::storage::mail_tokens::{self, NewToken, Purpose};
use crate::storage::people::{self, EMAIL_KEY, Person};

/// Mails of this kind a person may ask for within [`WITHIN`].
const MAILS: i64 = 5;
const WITHIN: TimeDelta = TimeDelta::hours(1);

impl Accounts {
    /// Sends a link that proves that `address` is the person's.
    pub(super) async fn ask_to_verify(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        address: &str,
        language: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let token = secrets::random_token(32);
        let expires_at = now + self.lives.verification;
        let new = NewToken {
            sha256: secrets::sha256(&token),
            purpose: Purpose::VerifyEmail,
            user_id,
            email: address,
            expires_at,
        };
        mail_tokens::insert(tx, new, now).await?;
        let letter = Letter::VerifyEmail {
            address,
            link: &self.mailer.link("verify-email", &token),
            until: expires_at,
        };
        let to = To {
            tenant_id: None,
            address,
            language,
        };
        self.mailer.post(tx, to, &letter, now).await
    }

    /// Sends the link once more, to the address that is to be verified.
    ///
    /// # Errors
    /// [`AccountError::Verified`], [`AccountError::TooManyMails`], [`AccountError::Gone`], or a failure.
    pub async fn send_verification(
        &self,
        user_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        // Locked, so that of several requests at once each counts the others' mails.
        let person = people::get_locked(&tx, user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        let address = match (&person.pending_email, person.email_verified_at) {
            (Some(pending), _) => pending,
            (None, None) => &person.email,
            (None, Some(_)) => return Err(AccountError::Verified),
        };
        self.may_write(&tx, user_id, now).await?;
        let language = self.language(&tx, user_id).await?;
        self.ask_to_verify(&tx, user_id, address, &language, now)
            .await?;
        audit::about(PERSON, user_id);
        tx.commit_audited().await?;
        Ok(())
    }

    /// Uses a link's token up: its address is the person's from now on.
    ///
    /// # Errors
    /// [`AccountError::WrongToken`], [`AccountError::LockedOut`], [`AccountError::EmailTaken`], or a failure.
    pub async fn verify_email(
        &self,
        token: &str,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let attempt = self.lockout.admit(lockout::token(origin.place())).await?;
        settled(attempt, self.use_link(token, now).await).await
    }

    async fn use_link(&self, token: &str, now: DateTime<Utc>) -> Result<(), AccountError> {
        const WRONG: AccountError = AccountError::WrongToken("token");
        let tx = SystemTx::begin(&self.system).await?;
        let digest = secrets::sha256(token);
        let used = mail_tokens::take(&tx, Purpose::VerifyEmail, &digest, now)
            .await?
            .ok_or(WRONG)?;
        let person = people::get_locked(&tx, used.user_id).await?.ok_or(WRONG)?;
        let asked_for = [Some(&person.email), person.pending_email.as_ref()];
        if !asked_for.contains(&Some(&used.email)) {
            return Err(WRONG);
        }
        people::set_verified(&tx, person.id, &used.email, now)
            .await
            .map_err(|error| taken(error, EMAIL_KEY, AccountError::EmailTaken))?;
        if used.email != person.email {
            // They were sent to an address that is not the person's any more.
            mail_tokens::forget(&tx, Purpose::ResetPassword, person.id).await?;
        }
        self.commit_as(tx, person.id).await
    }

    /// Notes the address that a person wants, asks at that one whether it is theirs, and tells the old one.
    pub(super) async fn name_new_address(
        &self,
        tx: &SystemTx,
        person: &Person,
        new_address: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        if new_address == person.email {
            people::set_pending_email(tx, person.id, None).await?;
            return Ok(());
        }
        // First, so that who may not write to anybody does not learn either who has an account.
        self.may_write(tx, person.id, now).await?;
        if people::by_email(tx, new_address).await?.is_some() {
            return Err(AccountError::EmailTaken);
        }
        people::set_pending_email(tx, person.id, Some(new_address)).await?;
        let language = self.language(tx, person.id).await?;
        self.ask_to_verify(tx, person.id, new_address, &language, now)
            .await?;
        let letter = Letter::EmailChange {
            address: &person.email,
            new_address,
            link: &self.mailer.forgot_password_page(),
        };
        let to = To {
            tenant_id: None,
            address: &person.email,
            language: &language,
        };
        self.mailer.post(tx, to, &letter, now).await
    }

    /// The language in which a person is written to.
    pub(super) async fn language(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
    ) -> Result<String, AccountError> {
        let language = people::language(tx, user_id).await?;
        Ok(language.unwrap_or_else(|| locale::DEFAULT.to_owned()))
    }

    async fn may_write(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let purpose = Purpose::VerifyEmail;
        let sent = mail_tokens::count_since(tx, purpose, user_id, now - WITHIN).await?;
        if sent >= MAILS {
            return Err(AccountError::TooManyMails);
        }
        Ok(())
    }
}
