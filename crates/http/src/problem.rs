//! The body of every error answer (RFC 9457).

use std::collections::BTreeMap;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ErrorCode;

/// Content type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the help about this kind of problem is.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs/errors#not-found")]
    pub type_uri: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong with this request, and what to do.
    pub detail: String,
    /// Path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Names this request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The fields it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What else this kind of problem tells, each beside the others: the id of what is in the way, for example.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: BTreeMap<String, serde_json::Value>,
}

/// One field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, `rules[0].percent` for example; a query parameter's name.
    pub field: String,
    /// What is wrong and what is accepted.
    pub message: String,
}

impl FieldError {
    /// About `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl Problem {
    /// A problem of the request under way, with its trace id.
    pub fn new(code: ErrorCode, detail: String, errors: Vec<FieldError>) -> Self {
        Self {
            type_uri: code.type_uri(),
            title: code.title().to_owned(),
            status: code.http().as_u16(),
            detail,
            instance: None,
            trace_id: telemetry::propagation::current_trace_id(),
            errors,
            members: BTreeMap::new(),
        }
    }

    fn body(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers become JSON")
    }
}

/// The problem itself stays in the answer's extensions, so that the outermost layer, which knows
/// the path, can complete it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = HeaderValue::from_static(CONTENT_TYPE);
        let mut response =
            (status, [(header::CONTENT_TYPE, content_type)], self.body()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Completes the problem in `response` with the path of its request.
pub(crate) fn set_instance(response: &mut Response, path: &str) {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.instance = Some(path.to_owned());
        *response.body_mut() = Body::from(problem.body());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
}
