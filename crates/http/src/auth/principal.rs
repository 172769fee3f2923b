//! The caller.

use std::sync::Arc;

use axum::{Extension, RequestPartsExt as _, extract::FromRequestParts};
use http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Authenticator, Scopes, refused::Told};
use crate::ApiError;

/// Who is calling, for which tenant. As an extractor it asks for a valid credential and no
/// permission; most handlers want one of [`Read`](super::Read), [`Write`](super::Write),
/// [`CrawlScope`](super::CrawlScope) and [`Admin`](super::Admin).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The credential's tenant.
    pub tenant_id: Uuid,
    /// Its slug.
    pub tenant_slug: Arc<str>,
    /// Who acts for it.
    pub actor: Actor,
}

/// Who acts for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with an access token.
    User {
        /// The user.
        id: Uuid,
        /// The role in this tenant.
        role: Role,
        /// The session the token belongs to.
        session_id: Uuid,
    },
    /// A program with an API key.
    ApiKey {
        /// The key.
        id: Uuid,
        /// What it may do.
        scopes: Scopes,
    },
}

impl Actor {
    /// The user's or the key's id, for audit logs.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::User { id, .. } | Self::ApiKey { id, .. } => *id,
        }
    }

    /// As the audit log has it, and by which session or key it acts.
    const fn audited(&self) -> (::audit::Actor, Uuid) {
        match self {
            Self::User { id, session_id, .. } => (::audit::Actor::user(*id), *session_id),
            Self::ApiKey { id, .. } => (::audit::Actor::api_key(*id), *id),
        }
    }

    /// `user` or `api_key`, for audit logs.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::ApiKey { .. } => "api_key",
        }
    }
}

/// A user's role in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, and handing the tenant over.
    Owner,
    /// Everything about members, keys and settings.
    Admin,
    /// Reads, changes and crawls.
    Member,
    /// Reads.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// As in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read.
    Read,
    /// Change, and read.
    Write,
    /// Start crawls.
    Crawl,
    /// Everything an admin may.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Crawl, Self::Admin];

    /// As in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Crawl => "crawl",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// A role or scope that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such role or scope")]
pub struct UnknownName;

/// What a middleware of the same request found out about its credential, so that it is not looked at twice.
#[derive(Debug, Clone)]
pub(crate) struct RefusedCredential(pub(crate) Arc<ApiError>);

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // A middleware of the same request may have asked already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        if let Some(RefusedCredential(why)) = parts.extensions.get::<RefusedCredential>() {
            return Err(ApiError::shared(Arc::clone(why)));
        }
        let Extension(authenticator) = parts
            .extract::<Extension<Authenticator>>()
            .await
            .map_err(ApiError::internal)?;
        let principal = match authenticator.authenticate(parts).await {
            Ok(principal) => principal,
            Err(error) => {
                parts.extensions.insert(Told);
                return Err(error);
            }
        };
        // In one go: for each, the span's fields are read and written as JSON anew.
        let span = tracing::Span::current();
        tracing::record_all!(
            span,
            tenant.id = %principal.tenant_id,
            actor.id = %principal.actor.id()
        );
        let (actor, credential) = principal.actor.audited();
        ::audit::identified(principal.tenant_id, actor, Some(credential));
        parts.extensions.insert(principal.clone());
        Ok(principal)
    }
}
