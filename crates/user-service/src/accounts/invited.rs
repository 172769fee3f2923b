//! Whoever holds an invitation: looking at it, and joining.

use chrono::{DateTime, Utc};
use db::SystemTx;

use super::guesses::settled;
use super::login::knows;
use super::register::create_person;
use super::{AccountError, Accounts, Origin, PERSON, admit, still};
use crate::rules::email::Email;
use crate::rules::{lockout, password};
use crate::storage::invitations::{self, Presented};
use crate::storage::members;
use crate::storage::people::{self, Person};
use crate::tokens::TokenPair;

/// What an invitation says.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The tenant's name.
    pub tenant: String,
    /// Its slug.
    pub slug: String,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: String,
    /// Whether the address has an account already, whose password is then asked for.
    pub account_exists: bool,
}

const WRONG: AccountError = AccountError::WrongToken("token");

impl Accounts {
    /// What the invitation of a token says.
    ///
    /// # Errors
    /// [`AccountError::WrongToken`], [`AccountError::LockedOut`], or a failure.
    pub async fn look_at_invitation(
        &self,
        token: &str,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<Invited, AccountError> {
        let attempt = self.lockout.admit(lockout::token(origin.place())).await?;
        let looked = match self.presented(&secrets::sha256(token), now).await {
            Ok((Some(invitation), person)) => Ok((invitation, person)),
            Ok((None, _)) => Err(WRONG),
            Err(error) => Err(error),
        };
        let (invitation, person) = settled(attempt, looked).await?;
        Ok(Invited {
            tenant: invitation.tenant_name,
            slug: invitation.tenant_slug,
            email: invitation.email,
            role: invitation.role,
            account_exists: person.is_some(),
        })
    }

    /// Joins the tenant and opens a session there: with the password of the account that the invited address has, or
    /// with the one a new account is to have. The address counts as verified, because the token was sent there.
    ///
    /// # Errors
    /// [`AccountError::WrongToken`], [`AccountError::LockedOut`], [`AccountError::WrongCredentials`],
    /// [`AccountError::BadPassword`], [`AccountError::Full`], [`AccountError::SuspendedFor`], [`AccountError::Deleting`], or a failure.
    pub async fn accept_invitation(
        &self,
        token: &str,
        password: String,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let by_token = self.lockout.admit(lockout::token(origin.place())).await?;
        let digest = secrets::sha256(token);
        let looked = match self.presented(&digest, now).await {
            Ok((Some(invitation), person)) => Ok((invitation, person)),
            // Hashed in any case, so that a wrong token takes as long as a right one.
            Ok((None, _)) => {
                let verified = self.passwords.verify(password.clone(), None).await;
                Err(verified.map_or_else(AccountError::from, |_| WRONG))
            }
            Err(error) => Err(error),
        };
        let (invitation, person) = settled(by_token, looked).await?;
        let joining = match person {
            Some(person) => {
                self.check_password(&person, password, origin, now).await?;
                Joining::Known(person)
            }
            None => {
                let email = Email::parse(&invitation.email)
                    .map_err(|why| AccountError::Other(anyhow::anyhow!("invited {why}")))?;
                password::check(&password, email.as_str()).map_err(AccountError::BadPassword)?;
                Joining::New(email, self.passwords.hash(password).await?)
            }
        };
        self.join(&digest, &invitation, joining, origin, now).await
    }

    /// The account's own password, counted like a sign-in: an invitation is no way around the lock-out.
    async fn check_password(
        &self,
        person: &Person,
        password: String,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let known = knows(&tx, person.id, origin, now).await?;
        tx.commit().await?;
        let counters = lockout::password(&person.email, origin.place(), known);
        let hash = Some(person.password_hash.clone());
        if !self.verify(counters, password, hash).await? {
            return Err(AccountError::WrongCredentials);
        }
        Ok(())
    }

    async fn join(
        &self,
        digest: &[u8],
        invitation: &Presented,
        joining: Joining,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let tenant_id = invitation.tenant_id;
        let (tx, keys) = self.begin().await?;
        // First the tenant, as everybody who changes members does.
        let allowance = members::lock(&tx, tenant_id).await?.ok_or(WRONG)?;
        if !invitations::accept(&tx, digest, now).await? {
            return Err(WRONG);
        }
        let user_id = match joining {
            Joining::Known(person) => {
                let person = still(&tx, person.id, &person.password_hash).await?;
                person.ok_or(AccountError::WrongCredentials)?.id
            }
            Joining::New(email, hash) => create_person(&tx, &email, &hash).await?,
        };
        if people::membership(&tx, tenant_id, user_id).await?.is_none() {
            // The plan may have become smaller since the invitation.
            let there = members::count(&tx, tenant_id).await?;
            if there >= i64::from(allowance.members) {
                return Err(AccountError::Full(allowance, there));
            }
            members::join(&tx, tenant_id, user_id, &invitation.role).await?;
        }
        people::set_verified(&tx, user_id, &invitation.email, now).await?;
        let membership = people::membership(&tx, tenant_id, user_id)
            .await?
            .ok_or(AccountError::Gone)?;
        admit(&tx, user_id, &membership, None).await?;
        let pair = self
            .open_session(&tx, &keys, user_id, &membership, origin, now)
            .await?;
        audit::about(PERSON, user_id);
        audit::detail("role", membership.role);
        tx.commit_audited().await?;
        tracing::info!(tenant.id = %tenant_id, user.id = %user_id, "a member joined");
        Ok(pair)
    }

    async fn presented(
        &self,
        digest: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(Option<Presented>, Option<Person>), AccountError> {
        let tx = SystemTx::begin(&self.system).await?;
        let invitation = invitations::presented(&tx, digest, now).await?;
        let person = match &invitation {
            Some(invitation) => people::by_email(&tx, &invitation.email).await?,
            None => None,
        };
        tx.commit().await?;
        Ok((invitation, person))
    }
}

/// Who joins.
enum Joining {
    /// Somebody with an account, as it was when the password was verified.
    Known(Person),
    /// Somebody new, with the hash of the password.
    New(Email, String),
}
