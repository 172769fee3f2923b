//! Permissions as extractors.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Actor, Principal, Role, Scope};
use crate::ApiError;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See things.
    Read,
    /// Change things.
    Write,
    /// Start crawls.
    Crawl,
    /// Change members, keys and settings.
    Admin,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Crawl, Self::Admin];

    /// Whether a user of this role has it.
    pub const fn granted_to(self, role: Role) -> bool {
        match self {
            Self::Read => true,
            Self::Write | Self::Crawl => !matches!(role, Role::Viewer),
            Self::Admin => matches!(role, Role::Owner | Role::Admin),
        }
    }

    /// Whether a key with these scopes has it: `admin` includes all, `write` includes `read`.
    pub fn granted_by(self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.comes_with(*scope))
    }

    const fn comes_with(self, scope: Scope) -> bool {
        match scope {
            Scope::Admin => true,
            Scope::Write => matches!(self, Self::Write | Self::Read),
            Scope::Read => matches!(self, Self::Read),
            Scope::Crawl => matches!(self, Self::Crawl),
        }
    }

    /// The scope that grants it and nothing more.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Write => Scope::Write,
            Self::Crawl => Scope::Crawl,
            Self::Admin => Scope::Admin,
        }
    }

    /// 403 unless `principal` has it.
    ///
    /// # Errors
    /// A denial that says which role or scope is needed.
    pub fn check(self, principal: &Principal) -> Result<(), ApiError> {
        match &principal.actor {
            Actor::User { role, .. } if self.granted_to(*role) => Ok(()),
            Actor::User { role, .. } => {
                let needed = if self == Self::Admin {
                    "admin or owner"
                } else {
                    "member or higher"
                };
                Err(ApiError::denied(format!(
                    "The role {} may not do this. Ask an owner or admin of the tenant for the role \
                     {needed}.",
                    role.as_str()
                )))
            }
            Actor::ApiKey { scopes, .. } if scopes.iter().any(|scope| self.comes_with(scope)) => {
                Ok(())
            }
            Actor::ApiKey { .. } => Err(ApiError::denied(format!(
                "This API key lacks the scope `{}`. Use a key that has it.",
                self.scope().as_str()
            ))),
        }
    }
}

/// Makes an extractor of a permission.
macro_rules! permission {
    ($(#[$doc:meta])* $name:ident, $permission:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Principal);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
                let principal = Principal::from_request_parts(parts, state).await?;
                $permission.check(&principal)?;
                Ok(Self(principal))
            }
        }
    };
}

permission!(
    /// A caller who may see things: every role; scope `read`.
    Read,
    Permission::Read
);
permission!(
    /// A caller who may change things: owner, admin, member; scope `write`.
    Write,
    Permission::Write
);
permission!(
    /// A caller who may start crawls: owner, admin, member; scope `crawl`.
    CrawlScope,
    Permission::Crawl
);
permission!(
    /// A caller who may change members, keys and settings: owner, admin; scope `admin`.
    Admin,
    Permission::Admin
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_scopes_grant_what_they_should() {
        use Permission::{Admin, Crawl, Read, Write};
        let of_role = |role| {
            Permission::ALL
                .into_iter()
                .filter(|p| p.granted_to(role))
                .collect::<Vec<_>>()
        };
        assert_eq!(of_role(Role::Owner), [Read, Write, Crawl, Admin]);
        assert_eq!(of_role(Role::Admin), [Read, Write, Crawl, Admin]);
        assert_eq!(of_role(Role::Member), [Read, Write, Crawl]);
        assert_eq!(of_role(Role::Viewer), [Read]);
        let of_scope = |scope| {
            Permission::ALL
                .into_iter()
                .filter(|p| p.granted_by(&[scope]))
                .collect::<Vec<_>>()
        };
        assert_eq!(of_scope(Scope::Admin), [Read, Write, Crawl, Admin]);
        assert_eq!(of_scope(Scope::Write), [Read, Write]);
        assert_eq!(of_scope(Scope::Read), [Read]);
        assert_eq!(of_scope(Scope::Crawl), [Crawl]);
        assert!(Permission::ALL.into_iter().all(|p| !p.granted_by(&[])));
    }
}
