//! Whether a tenant may be worked for: what holds for a credential that is good in itself.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use uuid::Uuid;

use super::{
    Actor, Change, IdentityLookup, LookupError, Principal, Role,
    believed::{About, Believed, Heard, Told},
};
use crate::ApiError;

/// How long the identity service may take, and how long it is left alone when it failed: requests wait for it, and of
/// most tenants it has told before.
const PATIENCE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(2);

/// Failures remembered at most.
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

/// How one tenant stands.
#[derive(Debug)]
pub(super) struct Stands {
    pub(super) tenant_id: Uuid,
    pub(super) standing: Standing,
}

impl About for Stands {
    fn ids(&self) -> [Uuid; 3] {
        [self.tenant_id; 3]
    }

    fn is_changed_by(&self, change: &Change) -> bool {
        matches!(change, Change::Tenant(id) if *id == self.tenant_id)
    }
}

/// How tenants stand, believed as sessions and keys are.
pub(super) struct Standings {
    lookup: Arc<dyn IdentityLookup>,
    pub(super) believed: Believed<Uuid, Stands>,
    failed: Cache<Uuid, Arc<LookupError>>,
}

impl Standings {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>, heard: Arc<Heard>) -> Self {
        let failed = Cache::builder().max_capacity(CAPACITY).time_to_live(AGAIN);
        Self {
            lookup,
            believed: Believed::new(heard),
            failed: failed.build(),
        }
    }

    /// How the tenant stands; what was known last while nobody can say.
    pub(super) async fn of(&self, tenant_id: Uuid) -> Result<Arc<Told<Stands>>, Arc<LookupError>> {
        let told = self.believed.find(tenant_id, || self.ask(tenant_id));
        let told = told.await?;
        told.ok_or_else(|| Arc::new(LookupError::new("nobody tells how a tenant stands")))
    }

    async fn ask(&self, tenant_id: Uuid) -> Result<Option<Stands>, LookupError> {
        if let Some(error) = self.failed.get(&tenant_id).await {
            return Err(LookupError::new(error));
        }
        let answer = tokio::time::timeout(PATIENCE, self.lookup.standing(tenant_id)).await;
        match answer.unwrap_or_else(|late| Err(LookupError::new(late))) {
            Ok(standing) => Ok(Some(Stands {
                tenant_id,
                standing,
            })),
            Err(error) => {
                let error = Arc::new(error);
                self.failed.insert(tenant_id, Arc::clone(&error)).await;
                Err(LookupError::new(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use futures::stream::BoxStream;

    use super::super::{Jwks, KeyAnswer, KeyUse, Scopes, SessionRecord};
    use super::*;
    use crate::ErrorCode;

    /// Says how tenants stand, until it hangs.
    #[derive(Default)]
    struct Identity {
        hangs: AtomicBool,
        asked: AtomicUsize,
    }

    #[async_trait::async_trait]
    impl IdentityLookup for Identity {
        async fn jwks(&self) -> Result<Jwks, LookupError> {
            std::future::pending().await
        }

        async fn api_key(&self, _: [u8; 32]) -> Result<KeyAnswer, LookupError> {
            std::future::pending().await
        }

        async fn session(&self, _: Uuid, _: Uuid) -> Result<Option<SessionRecord>, LookupError> {
            std::future::pending().await
        }

        async fn standing(&self, _: Uuid) -> Result<Standing, LookupError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            Ok(Standing::Active)
        }

        async fn changes(&self) -> Result<BoxStream<'static, Change>, LookupError> {
            std::future::pending().await
        }

        async fn note_uses(&self, _: Vec<KeyUse>) -> Result<(), LookupError> {
            std::future::pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_while_the_identity_service_hangs_waits_once_and_not_again_and_again() {
        let identity = Arc::new(Identity::default());
        let standings = Standings::new(identity.clone(), Arc::default());
        let (known, unknown) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let asked = || identity.asked.load(Ordering::SeqCst);
        assert_eq!(
            standings.of(known).await.expect("told").value.standing,
            Standing::Active
        );
        identity.hangs.store(true, Ordering::SeqCst);
        standings.believed.doubt_all();
        let began = tokio::time::Instant::now();
        for _ in 0..10 {
            assert!(standings.of(known).await.is_ok(), "as it was told last");
        }
        assert_eq!((asked(), began.elapsed()), (2, PATIENCE));
        for _ in 0..10 {
            assert!(standings.of(unknown).await.is_err());
        }
        assert_eq!((asked(), began.elapsed()), (3, 2 * PATIENCE));
    }

    fn caller(role: Option<Role>) -> Principal {
        let id = Uuid::from_u128(1);
        Principal {
            tenant_id: Uuid::from_u128(2),
            tenant_slug: "acme".into(),
            actor: match role {
                Some(role) => Actor::User {
                    id,
                    role,
                    session_id: id,
                },
                None => Actor::ApiKey {
                    id,
                    scopes: Scopes::default(),
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
