//! Signing up, in and out: what concerns people across tenants, and therefore works with the system login.
//!
//! Nothing else in the public API holds that login; handlers of a tenant's own things have the `api` one only.

mod addresses;
mod error;
mod guesses;
mod invited;
mod login;
mod origin;
mod own_sessions;
mod password;
mod profile;
mod refresh;
mod register;
mod switch;

use std::sync::Arc;

use audit::{Actor, Entry, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::Schema;
use db::{SystemPool, SystemTx, audited};
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
use crate::signing_keys::Active;
use crate::storage::people::{self, Membership, Person};
use crate::storage::sessions::{self, EndReason, NewSession};
use crate::storage::{handoffs, tenants};
use crate::tokens::{Subject, TokenPair, Tokens};

/// What the audit log calls a person that something is about.
pub(crate) const PERSON: &str = "user";

/// Open sessions of a person in a tenant, at most: more than anybody has browsers and programs, and few enough to be
/// listed whole. Whoever signs in anew for each request loses the oldest and notices nothing.
const SESSIONS: i64 = 100;

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

    /// Commits what a token of somebody's mailbox did: the token proves who acts, and everybody whom the person works for
    /// has a line of it in their audit log, as has the installation.
    async fn commit_as(&self, tx: SystemTx, user_id: Uuid) -> Result<(), AccountError> {
        audit::about(PERSON, user_id);
        let Some(act) = audit::current() else {
            return Ok(tx.commit().await?);
        };
        let line = Entry {
            actor: Actor::user(user_id),
            ..act.entry(Outcome::Done)
        };
        let tenants = people::memberships(&tx, user_id).await?;
        let logs = tenants.iter().map(|member| Some(member.tenant_id));
        let lines = logs.chain([None]).map(|tenant_id| Entry {
            tenant_id,
            ..line.clone()
        });
        audited::append(&mut *tx.sqlx().await, Schema::Identity, lines.collect()).await?;
        tx.commit().await?;
        act.kept();
        Ok(())
    }

    /// Begins what ends with tokens. The keys that sign them are read before: whoever waits for a second connection while
    /// holding one, and a lock that all others wait for, waits for itself.
    async fn begin(&self) -> Result<(SystemTx, Arc<Active>), AccountError> {
        let keys = self.tokens.keys().await?;
        Ok((SystemTx::begin(&self.system).await?, keys))
    }

    /// Opens a session of `user_id` in a tenant and hands out its first tokens.
    async fn open_session(
        &self,
        tx: &SystemTx,
        keys: &Active,
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
        sessions::end_oldest(tx, membership.tenant_id, user_id, SESSIONS, now).await?;
        self.hand_out(tx, keys, user_id, membership, session_id, now)
            .await
    }

    /// The next tokens of a session.
    async fn hand_out(
        &self,
        tx: &SystemTx,
        keys: &Active,
        user_id: Uuid,
        membership: &Membership,
        session_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        audit::identified(membership.tenant_id, Actor::user(user_id), Some(session_id));
        let subject = Subject {
            user_id,
            tenant_id: membership.tenant_id,
            tenant_slug: &membership.tenant_slug,
            role: role(membership)?,
            session_id,
        };
        let pair = self.tokens.pair(keys, subject, now)?;
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

/// The person, locked until the transaction ends, if the password is still the one that was verified. Whoever changes
/// it ends every session under the same lock, so that none is opened with the former one behind that.
async fn still(
    tx: &SystemTx,
    user_id: Uuid,
    verified_hash: &str,
) -> Result<Option<Person>, AccountError> {
    let person = people::get_locked(tx, user_id).await?;
    Ok(person.filter(|person| person.password_hash == verified_hash))
}

/// Lets a person into the tenant of this membership, or says why not: which is that tenant's to know, and so is the line
/// of the audit log about it.
async fn admit(
    tx: &SystemTx,
    user_id: Uuid,
    membership: &Membership,
    credential: Option<Uuid>,
) -> Result<(), AccountError> {
    if is_active(membership) {
        return Ok(());
    }
    audit::identified(membership.tenant_id, Actor::user(user_id), credential);
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
