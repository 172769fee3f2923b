//! From where a request comes, for sessions and limits.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use http_kit::{ApiError, ClientAddress};

use crate::accounts::Origin;

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok());
        Ok(Self::new(ClientAddress::of(parts), user_agent))
    }
}
