//! Tokens, and who a call is from.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{Refusal, failure};
use crate::{market::Source, server::FaultKind, world::World};

/// Tokens that were given out, each with the end of its life.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Given>);

#[derive(Debug, Default)]
struct Given {
    count: u64,
    live: HashMap<String, DateTime<Utc>>,
}

impl Tokens {
    fn give(&self, until: DateTime<Utc>) -> String {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.count += 1;
        let token = format!("sim.{}.token", given.count);
        given.live.insert(token.clone(), until);
        token
    }

    fn works(&self, token: &str, now: DateTime<Utc>) -> bool {
        let given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.live.get(token).is_some_and(|until| now < *until)
    }

    /// Takes all tokens back.
    pub fn clear(&self) {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.live.clear();
    }
}

/// `POST /oauth2/auth`: JSON, not a form.
pub(super) async fn token(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let told = |name: &str| asked[name].as_str().unwrap_or_default();
    if told("grant_type") != "client_credentials" {
        return Refusal::Field("grant_type").into_response();
    }
    let options = &world.options;
    if told("client_id") != options.haier_client_id
        || told("client_secret") != options.haier_client_secret
    {
        let refused = Json(failure("client_id或client_secret错误"));
        return (StatusCode::UNAUTHORIZED, refused).into_response();
    }
    let life = TimeDelta::from_std(options.haier_token_life).unwrap_or(TimeDelta::MAX);
    let token = world.tokens.give(world.now() + life);
    Json(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": life.num_seconds(),
    }))
    .into_response()
}

/// The fields of a call whose token works, and whose code and password (under these names) are the distributor's.
pub(super) fn call(
    world: &World,
    headers: &HeaderMap,
    body: &Bytes,
    customer: &'static str,
    password: &'static str,
) -> Result<Map<String, Value>, Refusal> {
    if world
        .faults
        .next_content(Source::Haier, FaultKind::ExpiredToken)
    {
        world.tokens.clear();
    }
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // The platform takes the bare token.
    if !world.tokens.works(token, world.now()) {
        return Err(Refusal::Token);
    }
    let fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| Refusal::Field("body"))?;
    let options = &world.options;
    if text(&fields, customer)? != options.haier_customer
        || text(&fields, password)? != options.haier_password
    {
        return Err(Refusal::Customer);
    }
    Ok(fields)
}

/// A field that must be there with something in it.
pub(super) fn text<'a>(
    fields: &'a Map<String, Value>,
    name: &'static str,
) -> Result<&'a str, Refusal> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(Refusal::Field(name))
}
