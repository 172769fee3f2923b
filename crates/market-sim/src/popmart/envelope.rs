//! The envelope around every REST answer. HTTP is 200 also for failures; `code` tells.

use axum::{Json, response::IntoResponse, response::Response};
use serde_json::{Value, json};

use crate::world::World;

/// An answer.
pub(super) fn ok(world: &World, data: Value) -> Value {
    json!({
        "code": "OK",
        "message": "success",
        "now": world.now().timestamp(),
        "ret": 1,
        "data": data,
    })
}

/// Why the shop does not answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Failure {
    Signature,
    NoProduct,
    Malformed,
}

impl Failure {
    /// The failure in the shop's envelope.
    pub fn reply(self, world: &World) -> Response {
        let (code, message) = match self {
            Self::Signature => (4_001, "Authentication signature error"),
            Self::NoProduct => (4_004, "product not found"),
            Self::Malformed => (4_000, "parameter error"),
        };
        let body = json!({
            "code": code.to_string(),
            "data": null,
            "message": message,
            "now": world.now().timestamp(),
            "ret": code,
        });
        Json(body).into_response()
    }
}
