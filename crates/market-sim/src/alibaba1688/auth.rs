//! Access tokens.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::{Form, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::gateway_error;
use crate::world::World;

/// Access tokens that were given out, each with the end of its life.
#[derive(Debug, Default)]
pub(crate) struct AccessTokens(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    count: u64,
    live: HashMap<String, DateTime<Utc>>,
}

impl AccessTokens {
    fn give(&self, until: DateTime<Utc>) -> String {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.count += 1;
        let token = format!("sim-1688-access-{}", given.count);
        given.live.insert(token.clone(), until);
        token
    }

    /// Whether a token was given out and still lives.
    pub(super) fn works(&self, token: &str, now: DateTime<Utc>) -> bool {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.live.get(token).is_some_and(|until| now < *until)
    }

    /// Takes all tokens back.
    pub fn clear(&self) {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.live.clear();
    }
}

/// `POST …/getToken/{app_key}`: a form that is not signed. Errors come in OAuth's words.
pub(super) async fn token(
    State(world): State<Arc<World>>,
    Path(app_key): Path<String>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let options = &world.options;
    let told = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let refused = |error: &str| {
        let body = json!({ "error": error, "error_description": "refused" });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    if app_key != options.alibaba1688_app_key {
        let body = gateway_error("gw.AppKeyMissing", "AppKey is missing");
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if told("grant_type") != "refresh_token" {
        return refused("unsupported_grant_type");
    }
    if told("client_id") != app_key || told("client_secret") != options.alibaba1688_app_secret {
        return refused("invalid_client");
    }
    if told("refresh_token") != options.alibaba1688_refresh_token {
        return refused("invalid_grant");
    }
    let life = TimeDelta::from_std(options.alibaba1688_token_life).unwrap_or(TimeDelta::MAX);
    let now = world.now();
    let half_a_year = now + TimeDelta::days(180) + TimeDelta::hours(8);
    Json(json!({
        "access_token": world.access_tokens.give(now + life),
        // A number in a text, as there.
        "expires_in": life.num_seconds().to_string(),
        "refresh_token": options.alibaba1688_refresh_token,
        "refresh_token_timeout": half_a_year.format("%Y%m%d%H%M%S000+0800").to_string(),
        "aliId": "2200000001688",
        "memberId": "b2b-sim",
        "resource_owner": "sim-buyer",
    }))
    .into_response()
}
