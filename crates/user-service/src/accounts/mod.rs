//! Signing up, in and out: what concerns people across tenants, and therefore works with the system login.
//!
//! Nothing else in the public API holds that login; handlers of a tenant's own things have the `api` one only.

mod error;
mod login;
mod profile;
mod refresh;
mod register;

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use http_kit::auth::Role;
use uuid::Uuid;

pub use error::AccountError;
pub use login::Credentials;
pub use profile::{Change, Profile};
pub use register::Registration;
pub(crate) use register::{announce, create_person, create_tenant};

use crate::passwords::Passwords;
use crate::storage::people::Membership;
use crate::storage::sessions;
use crate::tokens::{Subject, TokenPair, Tokens};

/// What the audit log calls a person that something is about.
pub(crate) const PERSON: &str = "user";

/// People and their sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Accounts {
    pub(crate) system: SystemPool,
    pub(crate) passwords: Passwords,
    tokens: Tokens,
}

impl Accounts {
    /// Over the system login.
    #[must_use]
    pub const fn new(system: SystemPool, passwords: Passwords, tokens: Tokens) -> Self {
        Self {
            system,
            passwords,
            tokens,
        }
    }

    /// Opens a session of `user_id` in a tenant and hands out its first tokens.
    async fn open_session(
        &self,
        tx: &SystemTx,
        user_id: Uuid,
        membership: &Membership,
        now: DateTime<Utc>,
    ) -> Result<TokenPair, AccountError> {
        let session_id = Uuid::now_v7();
        let tenant_id = membership.tenant_id;
        sessions::open(tx, tenant_id, session_id, user_id, now).await?;
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

/// Whether a person may work in the tenant of this membership.
fn is_active(membership: &Membership) -> bool {
    membership.tenant_status == "active"
}
