//! A refusal on its way out: what the caller is told, and what is written down.

use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use super::{Principal, RefusalKind};
use crate::ApiError;

/// Boxed, because the way without it is the usual one.
pub(super) type Refused = Box<Refusing>;

/// Whose a credential that is not taken is, which it proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) tenant_id: Uuid,
    /// `user` or `api_key`.
    pub(crate) kind: &'static str,
    /// The person or the key.
    pub(crate) id: Uuid,
}

impl Owner {
    pub(super) const fn user(tenant_id: Uuid, id: Uuid) -> Self {
        let kind = "user";
        Self {
            tenant_id,
            kind,
            id,
        }
    }

    pub(super) const fn api_key(tenant_id: Uuid, id: Uuid) -> Self {
        let kind = "api_key";
        Self {
            tenant_id,
            kind,
            id,
        }
    }
}

impl From<&Principal> for Owner {
    fn from(principal: &Principal) -> Self {
        Self {
            tenant_id: principal.tenant_id,
            kind: principal.actor.kind(),
            id: principal.actor.id(),
        }
    }
}

/// A credential that is not taken.
pub(super) struct Refusing {
    /// `None`: it is nobody's business, such as a request without a credential.
    pub(super) kind: Option<RefusalKind>,
    pub(super) owner: Option<Owner>,
    pub(super) error: ApiError,
}

impl Refusing {
    pub(super) fn of(kind: RefusalKind, error: ApiError) -> Refused {
        Box::new(Self {
            kind: Some(kind),
            owner: None,
            error,
        })
    }

    /// Whose it is, certainly.
    pub(super) fn about(mut self: Box<Self>, owner: impl Into<Owner>) -> Refused {
        self.owner = Some(owner.into());
        self
    }

    /// Why, for the log.
    pub(super) fn because(
        mut self: Box<Self>,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Refused {
        self.error = self.error.with_source(cause);
        self
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Box::new(Refusing {
            kind: None,
            owner: None,
            error,
        })
    }
}

/// Where it is noted whose a credential is that was refused, for whoever looks at the answer; an extension of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proven(Arc<OnceLock<Owner>>);

impl Proven {
    /// Of several looks at one request the first tells.
    pub(super) fn note(&self, owner: Owner) {
        let _ = self.0.set(owner);
    }

    /// Whose it is, if one was refused and proved it.
    pub(crate) fn owner(&self) -> Option<Owner> {
        self.0.get().copied()
    }
}

/// Marks a request whose refusal was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told;
