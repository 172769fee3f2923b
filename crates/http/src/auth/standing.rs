//! Whether a tenant may be worked for: what holds for a credential that is good in itself.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use uuid::Uuid;

use super::{Actor, IdentityLookup, LookupError, Principal, Role};
use crate::ApiError;

/// How long an answer is believed when nobody tells that it changed: who is suspended works on for so long at most.
const KEPT: Duration = Duration::from_secs(5);

/// While the identity service is away the last answer counts for this long, so that requests survive its restart.
const STALE_LIMIT: Duration = Duration::from_secs(600);

/// Tenants remembered at most.
const CAPACITY: u64 = 50_000;

/// How a tenant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// As it should be.
    Active,
    /// Nobody works in it, for this reason.
    Suspended {
        /// An operator's words.
        reason: String,
    },
    /// It is erased from this instant on; until then its owner may restore it.
    Deleting {
        /// When.
        at: DateTime<Utc>,
    },
    /// It is gone, or going.
    Gone,
}

/// What somebody in a tenant that is closed may still do: go to another one, or leave.
const LEAVING: [&str; 3] = [
    "/api/v1/auth/tenants",
    "/api/v1/auth/switch",
    "/api/v1/auth/logout",
];

/// What the owner of a tenant that waits to be deleted may still do: see it, take its data along, bring it back.
const OF_OWNER: [&str; 2] = ["/api/v1/auth/", "/api/v1/tenant"];

impl Standing {
    /// Refuses what the tenant's standing forbids.
    ///
    /// # Errors
    /// 403 that says why, and 401 when the tenant is gone.
    pub fn admit(&self, caller: &Principal, path: &str) -> Result<(), ApiError> {
        let refused = match self {
            Self::Active => return Ok(()),
            Self::Gone => return Err(ApiError::unauthenticated("This tenant is gone.")),
            Self::Suspended { reason } => {
                if LEAVING.contains(&path) {
                    return Ok(());
                }
                ApiError::denied(format!(
                    "This tenant is suspended: {reason} Ask the operator of this installation."
                ))
                .with_member("tenant_status", "suspended")
            }
            Self::Deleting { at } => {
                let owner = matches!(
                    caller.actor,
                    Actor::User {
                        role: Role::Owner,
                        ..
                    }
                );
                if LEAVING.contains(&path)
                    || owner && OF_OWNER.iter().any(|prefix| path.starts_with(prefix))
                {
                    return Ok(());
                }
                let on = at.format("%Y-%m-%d %H:%M UTC");
                ApiError::denied(format!(
                    "This tenant will be deleted on {on}. Until then an owner can restore it with \
                     POST /api/v1/tenant/restore."
                ))
                .with_member("tenant_status", "deleting")
            }
        };
        Err(refused)
    }
}

/// How tenants stand, kept for a moment.
pub(super) struct Standings {
    lookup: Arc<dyn IdentityLookup>,
    known: Cache<Uuid, Arc<Standing>>,
    last: Cache<Uuid, Arc<Standing>>,
}

impl Standings {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>) -> Self {
        let kept = |life| {
            Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(life)
                .build()
        };
        Self {
            lookup,
            known: kept(KEPT),
            last: kept(STALE_LIMIT),
        }
    }

    /// The next question about the tenant is asked anew.
    pub(super) async fn forget(&self, tenant_id: Uuid) {
        self.known.invalidate(&tenant_id).await;
    }

    /// The next question about any tenant is asked anew.
    pub(super) fn forget_all(&self) {
        self.known.invalidate_all();
    }

    /// How the tenant stands; what was known last while nobody can say.
    pub(super) async fn of(&self, tenant_id: Uuid) -> Result<Arc<Standing>, Arc<LookupError>> {
        let ask = async {
            let standing = Arc::new(self.lookup.standing(tenant_id).await?);
            self.last.insert(tenant_id, Arc::clone(&standing)).await;
            Ok(standing)
        };
        match self.known.try_get_with(tenant_id, ask).await {
            Ok(standing) => Ok(standing),
            Err(error) => self.last.get(&tenant_id).await.ok_or(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    fn caller(role: Option<Role>) -> Principal {
        let id = Uuid::from_u128(1);
        Principal {
            tenant_id: Uuid::from_u128(2),
            tenant_slug: "acme".to_owned(),
            actor: match role {
                Some(role) => Actor::User {
                    id,
                    role,
                    session_id: id,
                },
                None => Actor::ApiKey {
                    id,
                    scopes: Vec::new(),
                },
            },
        }
    }

    #[test]
    fn a_suspended_tenant_is_told_why_and_its_people_may_leave() {
        let suspended = Standing::Suspended {
            reason: "Bills are open.".to_owned(),
        };
        let owner = caller(Some(Role::Owner));
        for path in ["/api/v1/tenant", "/api/v1/products", "/api/v1/auth/profile"] {
            let refused = suspended.admit(&owner, path).expect_err(path);
            assert_eq!(refused.code(), ErrorCode::Denied);
            assert!(refused.detail().contains("Bills are open."));
        }
        for path in LEAVING {
            assert!(suspended.admit(&owner, path).is_ok(), "{path}");
        }
    }

    #[test]
    fn only_the_owner_sees_and_restores_what_waits_to_be_deleted() {
        let deleting = Standing::Deleting {
            at: DateTime::UNIX_EPOCH,
        };
        let restore = "/api/v1/tenant/restore";
        assert!(deleting.admit(&caller(Some(Role::Owner)), restore).is_ok());
        for other in [Some(Role::Admin), Some(Role::Viewer), None] {
            let refused = deleting.admit(&caller(other), restore).expect_err("other");
            assert!(refused.detail().contains("1970-01-01"));
        }
        let owner = caller(Some(Role::Owner));
        assert!(deleting.admit(&owner, "/api/v1/products").is_err());
        assert!(Standing::Active.admit(&caller(None), "/anything").is_ok());
        let gone = Standing::Gone.admit(&owner, restore).expect_err("gone");
        assert_eq!(gone.code(), ErrorCode::Unauthenticated);
    }
}
