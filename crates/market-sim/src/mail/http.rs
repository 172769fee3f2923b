//! What came, for people and tests.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use serde::Deserialize;
use serde_json::Value;

use crate::world::World;

/// Which mails to tell.
#[derive(Debug, Deserialize)]
struct Which {
    to: Option<String>,
}

/// Routes below `/mail`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new().route("/", get(list).delete(clear))
}

/// `GET /mail?to=`: in order of arrival, as a mail program would show them.
async fn list(State(world): State<Arc<World>>, Query(which): Query<Which>) -> Json<Value> {
    Json(world.inbox.to_json(which.to.as_deref()))
}

/// `DELETE /mail`.
async fn clear(State(world): State<Arc<World>>) -> StatusCode {
    world.inbox.clear();
    StatusCode::NO_CONTENT
}
