//! A refusal on its way out: what the caller is told, and what is written down.

use uuid::Uuid;

use super::{Principal, RefusalKind};
use crate::ApiError;

/// Boxed, because the way without it is the usual one.
pub(super) type Refused = Box<Refusing>;

/// A credential that is not taken.
pub(super) struct Refusing {
    /// `None`: it is nobody's business, such as a request without a credential.
    pub(super) kind: Option<RefusalKind>,
    pub(super) tenant_id: Option<Uuid>,
    pub(super) subject: Option<Uuid>,
    pub(super) error: ApiError,
}

impl Refusing {
    pub(super) fn of(kind: RefusalKind, error: ApiError) -> Refused {
        Box::new(Self {
            kind: Some(kind),
            tenant_id: None,
            subject: None,
            error,
        })
    }

    /// Whose it is, certainly.
    pub(super) fn of_subject(mut self: Box<Self>, tenant_id: Uuid, subject: Uuid) -> Refused {
        self.tenant_id = Some(tenant_id);
        self.subject = Some(subject);
        self
    }

    pub(super) fn about(self: Box<Self>, principal: &Principal) -> Refused {
        self.of_subject(principal.tenant_id, principal.actor.id())
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
            tenant_id: None,
            subject: None,
            error,
        })
    }
}
