//! 1688's open platform: access tokens by refresh token, signed form calls, and answers that are wrapped twice.

mod auth;
mod detail;
mod gateway;
mod search;

use std::sync::Arc;

use axum::{Router, http::StatusCode, routing::post};
use serde_json::{Value, json};

pub(crate) use auth::AccessTokens;

use crate::world::World;

/// Routes below `/alibaba1688`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route(
            "/openapi/http/1/system.oauth2/getToken/{app_key}",
            post(auth::token),
        )
        .route(
            "/openapi/param2/1/{namespace}/{api}/{app_key}",
            post(gateway::call),
        )
}

/// An error in the gateway's own words. It tells its refusals with status 400, whatever they are.
pub(crate) fn failure(status: StatusCode) -> (StatusCode, Value) {
    let (status, code, message) = match status {
        StatusCode::TOO_MANY_REQUESTS => (
            StatusCode::BAD_REQUEST,
            "gw.QosAppFrequencyLimit",
            "App call exceeds limited frequency",
        ),
        StatusCode::FORBIDDEN => (
            StatusCode::BAD_REQUEST,
            "gw.APIACLDecline",
            "AppKey is not allowed(acl)",
        ),
        StatusCode::UNAUTHORIZED => (status, "401", "Request need user authorized"),
        // A call that ran and failed.
        StatusCode::OK => return (status, business("系统繁忙，请稍后再试")),
        _ => (status, "gw.SystemError", "System error"),
    };
    (status, gateway_error(code, message))
}

fn gateway_error(code: &str, message: &str) -> Value {
    json!({ "error_code": code, "error_message": message, "exception": message })
}

fn business(message: &str) -> Value {
    json!({ "result": { "success": false, "code": "500", "message": message, "result": null } })
}

fn success(result: &Value) -> Value {
    json!({ "result": { "success": true, "code": "200", "message": "成功", "result": result } })
}
