//! Ids in the path.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// What stands in the path. An id that does not even parse is answered like an unknown one: 404 in
/// the same words.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            // A route without parameters cannot have this extractor: that is a defect, not an id.
            Err(cause) => match RawPathParams::from_request_parts(parts, state).await {
                Ok(params) if params.iter().next().is_none() => Err(ApiError::internal(cause)),
                _ => Err(ApiError::not_found()),
            },
        }
    }
}
