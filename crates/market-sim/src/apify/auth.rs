//! Who is asking: a bearer token, or `?token=`.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::error::ApifyError;
use crate::world::World;

/// Proof that the request carried the account's token.
pub(crate) struct Account;

impl FromRequestParts<Arc<World>> for Account {
    type Rejection = ApifyError;

    async fn from_request_parts(
        parts: &mut Parts,
        world: &Arc<World>,
    ) -> Result<Self, Self::Rejection> {
        let bearer = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let query = parts.uri.query().unwrap_or_default();
        let token = bearer
            .map(str::to_owned)
            .or_else(|| {
                url::form_urlencoded::parse(query.as_bytes())
                    .find(|(name, _)| name == "token")
                    .map(|(_, value)| value.into_owned())
            })
            .filter(|token| !token.is_empty())
            .ok_or(ApifyError::NoToken)?;
        if token == world.options.apify_token {
            Ok(Self)
        } else {
            Err(ApifyError::InvalidToken)
        }
    }
}
