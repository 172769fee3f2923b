//! Moving the market's clock.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::{SecondsFormat, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::Unusable, input::Input};
use crate::world::World;

/// Ten years: beyond it nothing about the market is believable.
const MOST: i64 = 10 * 365 * 86_400;

/// By how much to move the clock against the real one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shift {
    offset_seconds: i64,
}

/// `POST /_control/clock`.
pub(super) async fn clock(
    State(world): State<Arc<World>>,
    Input(shift): Input<Shift>,
) -> Result<Json<Value>, Unusable> {
    if shift.offset_seconds.abs() > MOST {
        return Err(Unusable::new(
            "offset_seconds",
            "must not be over ten years",
        ));
    }
    world.set_offset(TimeDelta::seconds(shift.offset_seconds));
    let now = world.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    Ok(Json(json!({ "now": now })))
}
