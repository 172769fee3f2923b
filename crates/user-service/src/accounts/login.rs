//! Signing in.

use chrono::{DateTime, TimeDelta, Utc};
use db::SystemTx;

use uuid::Uuid;

use super::{AccountError, Accounts, Origin, PERSON, admit, still};
use crate::rules::lockout;
use crate::storage::people::{self, Membership};
use crate::storage::sessions;
use crate::tokens::TokenPair;

/// How long a place is known after a session was last used from there.
const KNOWN: TimeDelta = TimeDelta::days(30);

/// What a person signs in with, as typed.
#[derive(Clone)] // no Debug: it holds a password
pub struct Credentials {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Which tenant, for people who belong to several.
    pub slug: Option<String>,
}

impl Accounts {
    /// Opens a session. An unknown address takes as long, and is told the same, as a wrong password; whoever was wrong
    /// too often is told before anything is hashed.
    ///
    /// # Errors
    /// [`AccountError::WrongCredentials`], [`AccountError::LockedOut`], [`AccountError::SlugNeeded`],
    /// [`AccountError::SuspendedFor`], [`AccountError::Deleting`], or a failure.
    pub async fn login(
        &self,
        credentials: Credentials,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let Credentials {
            email,
            password,
            slug,
        } = credentials;
        let email = email.trim().to_lowercase();
        // Postgres refuses a text with NUL, which therefore is nobody's address.
        let (person, known) = if email.contains('\0') {
            (None, false)
        } else {
            let tx = SystemTx::begin(&self.system).await?;
            let person = people::by_email(&tx, &email).await?;
            let known = match &person {
                Some(person) => knows(&tx, person.id, origin, now).await?,
                None => false,
            };
            // No connection is held while the password is hashed.
            tx.commit().await?;
            (person, known)
        };
        let counters = lockout::password(&email, origin.place(), known);
        let hash = person.as_ref().map(|person| person.password_hash.clone());
        let right = self.verify(counters, password, hash).await?;
        if let Some(person) = &person {
            audit::about(PERSON, person.id);
        }
        let person = person
            .filter(|_| right)
            .ok_or(AccountError::WrongCredentials)?;

        let (tx, keys) = self.begin().await?;
        let person = still(&tx, person.id, &person.password_hash)
            .await?
            .ok_or(AccountError::WrongCredentials)?;
        let memberships = people::memberships(&tx, person.id).await?;
        let membership = choose(memberships, slug.as_deref())?;
        admit(&tx, person.id, &membership, None).await?;
        let pair = self
            .open_session(&tx, &keys, person.id, &membership, origin, now)
            .await?;
        tx.commit_audited().await?;
        Ok(pair)
    }
}

/// Whether a place is one that a person uses.
pub(super) async fn knows(
    tx: &SystemTx,
    user_id: Uuid,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Result<bool, AccountError> {
    Ok(sessions::knows_place(tx, user_id, origin.place(), now - KNOWN).await?)
}

/// The tenant to sign in to: the one named, or the only one.
fn choose(memberships: Vec<Membership>, slug: Option<&str>) -> Result<Membership, AccountError> {
    let slug = slug.map(|slug| slug.trim().to_lowercase());
    let mut fitting = memberships.into_iter().filter(|membership| {
        slug.as_ref()
            .is_none_or(|slug| *slug == membership.tenant_slug)
    });
    let first = fitting.next().ok_or(AccountError::WrongCredentials)?;
    if fitting.next().is_some() {
        return Err(AccountError::SlugNeeded);
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member_of(slug: &str, status: &str) -> Membership {
        Membership {
            tenant_id: Uuid::nil(),
            tenant_slug: slug.to_owned(),
            tenant_status: status.to_owned(),
            role: "owner".to_owned(),
        }
    }

    #[test]
    fn the_tenant_is_the_named_or_the_only_one() {
        let both = || vec![member_of("acme", "active"), member_of("beta", "suspended")];
        let slug = |chosen: Result<Membership, AccountError>| chosen.map(|m| m.tenant_slug);
        assert_eq!(
            slug(choose(both(), Some(" Acme "))).ok().as_deref(),
            Some("acme")
        );
        assert!(matches!(
            choose(both(), None),
            Err(AccountError::SlugNeeded)
        ));
        assert_eq!(
            slug(choose(both(), Some("beta"))).ok().as_deref(),
            Some("beta")
        );
        assert!(matches!(
            choose(both(), Some("gamma")),
            Err(AccountError::WrongCredentials)
        ));
        assert!(matches!(
            choose(Vec::new(), None),
            Err(AccountError::WrongCredentials)
        ));
        assert_eq!(
            slug(choose(vec![member_of("a", "active")], None))
                .ok()
                .as_deref(),
            Some("a")
        );
    }
}
