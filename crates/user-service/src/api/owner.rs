//! What only an owner may do.

use http_kit::auth::{Actor, Principal, Role};
use http_kit::{ApiError, ApiResult};
use uuid::Uuid;

/// The person who is calling, if they own the tenant. No API key does, whatever its scopes: what cannot be taken back is
/// a person's to do.
///
/// # Errors
/// 403 that says who may.
pub(super) fn require(caller: &Principal) -> ApiResult<Uuid> {
    match caller.actor {
        Actor::User {
            id,
            role: Role::Owner,
            ..
        } => Ok(id),
        Actor::User { role, .. } => Err(ApiError::denied(format!(
            "The role {} may not do this. Ask an owner of the tenant.",
            role.as_str()
        ))),
        Actor::ApiKey { .. } => Err(ApiError::denied(
            "API keys may not do this. Sign in as an owner of the tenant.",
        )),
    }
}
