//! Apify's errors, in its documented envelope.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Why a request to Apify is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApifyError {
    #[error("Authentication token was not provided")]
    NoToken,
    #[error("User was not found or authentication token is not valid")]
    InvalidToken,
    #[error("Input is not valid: {0}")]
    InvalidInput(String),
    #[error("{0}")]
    InvalidRequest(String),
    #[error("{0}")]
    InvalidValue(String),
    #[error("{0} was not found")]
    NotFound(&'static str),
    #[error("We have bad news: there is no API endpoint at this URL.")]
    NoEndpoint,
    #[error("Actor run exceeded the timeout of 300 seconds for this API endpoint")]
    SyncTimeout,
    #[error("Actor run did not succeed (run ID: {0})")]
    RunFailed(String),
}

impl ApifyError {
    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "token-not-provided"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid-token"),
            Self::InvalidInput(_) => (StatusCode::BAD_REQUEST, "invalid-input"),
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid-request"),
            Self::InvalidValue(_) => (StatusCode::BAD_REQUEST, "invalid-value"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "record-not-found"),
            Self::NoEndpoint => (StatusCode::NOT_FOUND, "page-not-found"),
            Self::SyncTimeout => (StatusCode::REQUEST_TIMEOUT, "run-timeout-exceeded"),
            Self::RunFailed(_) => (StatusCode::BAD_REQUEST, "run-failed"),
        }
    }
}

impl IntoResponse for ApifyError {
    fn into_response(self) -> Response {
        let (status, kind) = self.kind();
        let body = json!({ "error": { "type": kind, "message": self.to_string() } });
        (status, Json(body)).into_response()
    }
}
