//! `POST /trackings/schedule-preview`.

use axum::extract::State as Shared;
use chrono::{DateTime, Utc};
use connectors::about::Cadence;
use domain::schedule;
use domain::source::Source;
use garde::Validate;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, Schedule};
use crate::State;

/// How many times are shown.
const TIMES: usize = 3;

/// When a tracking would look; the fields are those of `POST /trackings`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePreview {
    /// Whose default counts when nothing is asked for.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// Seconds.
    #[garde(skip)]
    interval_seconds: Option<i64>,
    /// A cron expression, windows, or both.
    #[garde(skip)]
    schedule: Option<Schedule>,
    /// Whether the interval follows how often something changes.
    #[garde(skip)]
    #[serde(default)]
    adaptive: bool,
}

/// When that would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleTimes {
    /// Seconds between two looks; with a cron expression on average.
    interval_seconds: i32,
    /// As it would be kept; null: the interval says it all.
    schedule: Option<Schedule>,
    /// Whether the interval would follow how often something changes.
    adaptive: bool,
    /// Seconds between two looks while stock is low; null: stock changes nothing.
    low_stock_interval_seconds: Option<i32>,
    /// The next three times, without the minutes over which starts are spread.
    next_times: Vec<DateTime<Utc>>,
}

/// When a tracking with this schedule would look. Changes nothing; refuses what `POST /trackings` would refuse.
#[utoipa::path(post, path = "/api/v1/trackings/schedule-preview", tag = "trackings",
    request_body = SchedulePreview, responses((status = 200, body = ScheduleTimes), WriteProblems))]
pub async fn preview_schedule(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    Json(body): Json<SchedulePreview>,
) -> ApiResult<Json<ScheduleTimes>> {
    let usual = usual(&body)?;
    let limits = state.plans().of(caller.tenant_id).await?;
    let now = Utc::now();
    let asked = Asked {
        interval_seconds: body.interval_seconds,
        schedule: body.schedule.as_ref(),
        adaptive: body.adaptive,
    };
    let timing = asked.checked(usual, &limits, now)?;
    let seconds = timing.interval_seconds.unsigned_abs();
    let planned = match &timing.schedule {
        Some(spec) => schedule::Schedule::kept(spec, seconds, 1),
        None => schedule::Schedule::every(seconds, 1),
    };
    Ok(Json(ScheduleTimes {
        interval_seconds: timing.interval_seconds,
        schedule: timing.schedule.as_ref().map(Schedule::of),
        adaptive: timing.adaptive,
        low_stock_interval_seconds: timing.low_stock_seconds,
        next_times: planned.map_err(ApiError::internal)?.upcoming(now, TIMES),
    }))
}

/// The source's own cadence; of none in particular: daily.
fn usual(body: &SchedulePreview) -> ApiResult<Cadence> {
    let unknown = || ApiError::invalid("source", "is not a source");
    match body.source {
        Some(source) => Ok(connectors::about(source).ok_or_else(unknown)?.usual),
        None if body.interval_seconds.is_none() && body.schedule.is_none() => {
            Err(ApiError::invalid(
                "source",
                "is required unless an interval or a schedule is given",
            ))
        }
        None => Ok(Cadence::Every {
            seconds: 86_400,
            low_stock_seconds: None,
        }),
    }
}
