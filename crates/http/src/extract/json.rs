//! JSON bodies.

use axum::{
    body::{Body, HttpBody as _},
    extract::{FromRequest, OptionalFromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::BytesMut;

use garde::Validate;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use serde::{Serialize, de::DeserializeOwned};

use super::wording;
use crate::{ApiError, BODY_LIMIT, ErrorCode};

/// How much of a body beyond the limit is read and thrown away, in bytes. A client that is still
/// sending does not read our answer, so a moderate excess is let in before it.
const DISCARD_LIMIT: usize = 16 * BODY_LIMIT;

/// A JSON body, read and validated; also a JSON answer.
///
/// Answers 415 for another content type, 413 above [`BODY_LIMIT`], 400 for what is not JSON, and
/// 422 with `errors[]` for what does not fit `T`: unknown fields (with
/// `#[serde(deny_unknown_fields)]` on `T`), wrong types, missing fields, and garde's rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_content_type(&parts.headers)?;
        let bytes = read_body(body).await?;
        let value: T = parse(&bytes)?;
        value
            .validate()
            .map_err(|report| wording::invalid(&report))?;
        Ok(Self(value))
    }
}

/// A body that may be left out, header and all.
impl<T, S> OptionalFromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given
        .unwrap_or("")
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    let json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if json {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::UnsupportedMedia,
        "Send the body as JSON with the header `Content-Type: application/json`.",
    ))
}

/// The whole body, up to [`BODY_LIMIT`].
pub(crate) async fn read_body(mut body: Body) -> Result<BytesMut, ApiError> {
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|cause| {
            ApiError::bad_request("The body did not arrive whole. Send the request again.")
                .with_source(cause)
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&data);
        } else if length > DISCARD_LIMIT {
            break;
        }
    }
    if length <= BODY_LIMIT {
        return Ok(bytes);
    }
    Err(ApiError::new(
        ErrorCode::TooLarge,
        format!("The body is larger than {BODY_LIMIT} bytes (1 MiB). Split the request."),
    ))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| refusal(bytes, &error.path().to_string(), error.inner()))?;
    deserializer
        .end()
        .map_err(|error| refusal(bytes, ".", &error))?;
    Ok(value)
}

/// Not generic, so that it is compiled once.
fn refusal(bytes: &[u8], path: &str, error: &serde_json::Error) -> ApiError {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return ApiError::bad_request("The body is empty. Send one JSON object.");
    }
    if error.is_data() {
        let (field, message) = wording::field_error(path, &error.to_string());
        return ApiError::invalid(field, message);
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    ApiError::bad_request(format!(
        "The body is not JSON: {what} at {place}. Send one well-formed JSON object."
    ))
}
