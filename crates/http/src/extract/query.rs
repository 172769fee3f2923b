//! Query strings.

use axum::extract::FromRequestParts;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::wording;
use crate::ApiError;

/// The query string, read and validated; 422 with `errors[]` naming the parameter. For lists see
/// [`Paged`](crate::Paged).
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// `T` out of a query string.
pub(crate) fn read<T>(query: &str) -> Result<T, ApiError>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let value: T = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
        .map_err(|error| {
            let (field, message) =
                wording::field_error(&error.path().to_string(), &error.inner().to_string());
            ApiError::invalid(field, message)
        })?;
    value
        .validate()
        .map_err(|report| wording::invalid(&report))?;
    Ok(value)
}
