//! Replacing the shop's robots.txt.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::Unusable, input::Input};
use crate::world::World;

/// What to answer when the shop's rules are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    body: String,
    status: Option<u16>,
}

/// `POST /_control/robots`.
pub(super) async fn robots(
    State(world): State<Arc<World>>,
    Input(file): Input<File>,
) -> Result<Json<Value>, Unusable> {
    let status = StatusCode::from_u16(file.status.unwrap_or(200));
    let status = status.map_err(|_| Unusable::new("status", "must be an HTTP status"))?;
    world.robots.set(status, file.body);
    Ok(Json(json!({ "status": status.as_u16() })))
}
