//! What upstreams were asked.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::Value;

use super::error::Unusable;
use crate::{market::Source, world::World};

/// Which requests to tell.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    source: Option<String>,
}

/// `GET /_control/requests?source=`: in order of arrival. `status` is null while a request is in flight, when
/// its connection was reset, and when the client went away before the answer.
pub(super) async fn list(
    State(world): State<Arc<World>>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Unusable> {
    let source = which.source.map(|name| source(&name)).transpose()?;
    Ok(Json(world.log.to_json(source)))
}

/// `DELETE /_control/requests`.
pub(super) async fn clear(State(world): State<Arc<World>>) -> StatusCode {
    world.log.clear();
    StatusCode::NO_CONTENT
}

/// A source by its name in a query.
pub(super) fn source(name: &str) -> Result<Source, Unusable> {
    serde_json::from_value(Value::String(name.to_owned())).map_err(|_| {
        Unusable::new(
            "source",
            format!("`{name}` is none of amazon, popmart, haier, alibaba1688"),
        )
    })
}
