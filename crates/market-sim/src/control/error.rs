//! What control says to input that it cannot use.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Input that control cannot use: a field, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Unusable {
    pub field: &'static str,
    pub message: String,
}

impl Unusable {
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

impl IntoResponse for Unusable {
    fn into_response(self) -> Response {
        let body =
            json!({ "error": "unusable input", "field": self.field, "message": self.message });
        (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
    }
}
