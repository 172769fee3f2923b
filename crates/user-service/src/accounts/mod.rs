//! Signing up, in and out: what concerns people across tenants, and therefore works with the system login.
//!
//! Nothing else in the public API holds that login; handlers of a tenant's own things have the `api` one only.

mod addresses;
mod error;
mod invited;
mod login;
mod origin;
mod own_sessions;
mod password;
mod profile;
mod refresh;
mod register;
mod switch;

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use http_kit::auth::Role;
use uuid::Uuid;

pub use error::AccountError;
pub use invited::Invited;
pub use login::Credentials;
pub use origin::Origin;
pub use profile::{Change, Profile};
pub use register::Registration;
pub(crate) use register::{announce, create_person, create_tenant};
pub use switch::SignedIn;

use crate::lockout::Lockout;
use crate::mail::Mailer;
use crate::passwords::Passwords;
use crate::rules::standing::Status;
use crate::storage::people::Membership;
use crate::storage::sessions::{self, EndReason, NewSession};
use crate::storage::{handoffs, tenants};
use crate::tokens::{Subject, TokenPair, Tokens};

/// What the audit log calls a person that something is about.
pub(crate) const PERSON: &str = "user";

/// People and their sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Accounts {
    pub(crate) system: SystemPool,
    pub(crate) passwords: Passwords,
    pub(crate) tokens: Tokens,
    pub(crate) lockout: Lockout,
    pub(crate) mailer: Mailer,
    pub(crate) lives: Lives,
}

/// How long links in mails work.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// One that verifies an address.
    pub verification: TimeDelta,
    /// One that sets a new password.
    pub reset: TimeDelta,
}

impl Accounts {
    /// Ends what a person began with the password until now: other sessions, and codes that would begin new ones.
    async fn end_all_but(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        kept: Option<Uuid>,
        reason: EndReason,
        now: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        sessions::end_others(tx, user_id, kept, reason, now).await?;
        handoffs::forget(tx, user_id).await?;
        Ok(())
    }

    /// Opens a session of `user_id` in a tenant and hands out its first tokens.
    async fn open_session(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        membership: &Membership,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let session_id = Uuid::now_v7();
        let new = NewSession {
            tenant_id: membership.tenant_id,
            session_id,
            user_id,
            user_agent: origin.user_agent(),
            address: origin.address(),
            place: origin.place(),
        };
        sessions::open(tx, new, now).await?;
        self.hand_out(tx, user_id, membership, session_id, now)
            .await
    }

    /// The next tokens of a session.
    async fn hand_out(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        membership: &Membership,
        session_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        audit::identified(
            membership.tenant_id,
            audit::Actor::user(user_id),
            Some(session_id),
        );
        let subject = Subject {
            user_id,
            tenant_id: membership.tenant_id,
            tenant_slug: &membership.tenant_slug,
            role: role(membership)?,
            session_id,
        };
        let pair = self.tokens.pair(subject, now).await?;
        let expires_at = self.tokens.refresh_expiry(now);
        let digest = pair.refresh.sha256();
        sessions::add_token(tx, membership.tenant_id, session_id, &digest, expires_at).await?;
        Ok(pair)
    }
}

/// The role a membership stores; the table's check keeps others out.
fn role(membership: &Membership) -> Result<Role, AccountError> {
    membership
        .role
        .parse()
        .map_err(|error| AccountError::Other(anyhow::Error::new(error)))
}

/// Whether a person may sign in to the tenant of this membership: one that waits to be deleted is its owners' alone.
fn is_active(membership: &Membership) -> bool {
    match Status::parse(&membership.tenant_status) {
        Some(Status::Active) => true,
        Some(Status::Deleting) => membership.role == Role::Owner.as_str(),
        _ => false,
    }
}

/// Lets a person into the tenant of this membership, or says why not.
async fn admit(tx: &SystemTx, membership: &Membership) -> Result<(), AccountError> {
    if is_active(membership) {
        return Ok(());
    }
    let tenant = tenants::get(tx, membership.tenant_id).await?;
    let standing = tenant.ok_or(AccountError::Gone)?.standing()?;
    Err(
        match (standing.status, standing.suspended_for, standing.delete_at) {
            (Status::Deleting, _, Some(at)) => AccountError::Deleting(at),
            (Status::Suspended, Some(reason), _) => AccountError::SuspendedFor(reason),
            _ => AccountError::Gone,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_that_waits_to_be_deleted_is_its_owners_alone() {
        let member = |status: &str, role: &str| {
            is_active(&Membership {
                tenant_id: Uuid::nil(),
                tenant_slug: "acme".to_owned(),
                tenant_status: status.to_owned(),
                role: role.to_owned(),
            })
        };
        assert!(member("active", "viewer") && member("deleting", "owner"));
        for (status, role) in [
            ("deleting", "admin"),
            ("suspended", "owner"),
            ("erasing", "owner"),
        ] {
            assert!(!member(status, role), "{status} {role}");
        }
    }
}
