//! Changing, running and deleting monitors.

use axum::extract::State;
use chrono::Utc;
use garde::Validate;
use http::StatusCode;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, Path, auth};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::{Monitor, Status};
use super::{LEAST_INTERVAL, MOST_HITS, MOST_INTERVAL, MOST_TRACKED, due_at};
use crate::http::{Api, database};
use crate::storage::monitors::{self, Changed, Wanted};

/// What of a monitor changes; what is absent stays. What it searches for stays: make another one for that.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MonitorPatch {
    /// For people.
    #[garde(inner(length(chars, min = 1, max = 200)))]
    name: Option<String>,
    /// Whether it runs by the clock.
    #[garde(skip)]
    status: Option<Status>,
    /// Seconds between two runs, 900 to 2592000.
    #[garde(inner(range(min = LEAST_INTERVAL, max = MOST_INTERVAL)))]
    #[schema(minimum = 900, maximum = 2592000)]
    interval_seconds: Option<i32>,
    /// Hits of one run, 1 to 500.
    #[garde(inner(range(min = 1, max = MOST_HITS)))]
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<i32>,
    /// Whether products that are new to it raise an alert.
    #[garde(skip)]
    alert: Option<bool>,
    /// Track what is found by itself, up to so many live trackings.
    #[garde(inner(range(min = 0, max = MOST_TRACKED)))]
    #[schema(minimum = 0, maximum = 10000)]
    track_up_to: Option<i32>,
    /// All tags, at most 20.
    #[garde(inner(length(max = 20), inner(length(chars, min = 1, max = 50))))]
    tags: Option<Vec<String>>,
}

/// Changes a monitor.
#[utoipa::path(patch, path = "/api/v1/monitors/{id}", tag = "monitors",
    params(("id" = Uuid, Path, description = "The monitor")), request_body = MonitorPatch,
    responses((status = 200, body = Monitor), WriteProblems))]
pub(in crate::http) async fn update_monitor(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
    Json(patch): Json<MonitorPatch>,
) -> ApiResult<Json<Monitor>> {
    let now = Utc::now();
    let tx = api.begin(caller.tenant_id).await?;
    let row = monitors::lock(&tx, id).await.map_err(database)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let wanted = changed(row.clone(), patch);
    let changed = Changed {
        id,
        due_at: due_at(&row, &wanted, now),
        wanted,
    };
    monitors::update(&tx, &[changed], now)
        .await
        .map_err(database)?;
    monitors::notify_due(&tx).await.map_err(database)?;
    let row = monitors::get(&tx, id).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    api.wake.now();
    Ok(Json(row.ok_or_else(ApiError::not_found)?.into()))
}

fn changed(row: monitors::Monitor, patch: MonitorPatch) -> Wanted {
    Wanted {
        source: row.source,
        kind: row.kind,
        term: row.term,
        category: row.category,
        marketplace: row.marketplace,
        name: patch.name.unwrap_or(row.name),
        interval_seconds: patch.interval_seconds.unwrap_or(row.interval_seconds),
        hits_limit: patch.limit.unwrap_or(row.hits_limit),
        alert: patch.alert.unwrap_or(row.alert),
        track_up_to: patch.track_up_to.unwrap_or(row.track_up_to),
        tags: patch.tags.unwrap_or(row.tags),
        active: patch
            .status
            .map_or(row.status == "active", |status| status == Status::Active),
    }
}

/// Runs a monitor now. One that is running is joined.
#[utoipa::path(post, path = "/api/v1/monitors/{id}/run", tag = "monitors",
    params(("id" = Uuid, Path, description = "The monitor")),
    responses((status = 202, body = Monitor), WriteProblems))]
pub(in crate::http) async fn run_monitor(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Path(id): Path<Uuid>,
) -> ApiResult<(StatusCode, Json<Monitor>)> {
    let tx = api.begin(caller.tenant_id).await?;
    let row = monitors::lock(&tx, id).await.map_err(database)?;
    row.ok_or_else(ApiError::not_found)?;
    monitors::hasten(&tx, id, Utc::now())
        .await
        .map_err(database)?;
    monitors::notify_due(&tx).await.map_err(database)?;
    let row = monitors::get(&tx, id).await.map_err(database)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    tx.commit().await.map_err(database)?;
    api.wake.now();
    Ok((StatusCode::ACCEPTED, Json(row.into())))
}

/// Deletes a monitor. What it found and nothing else watches disappears; what it tracked stays tracked.
#[utoipa::path(delete, path = "/api/v1/monitors/{id}", tag = "monitors",
    params(("id" = Uuid, Path, description = "The monitor")),
    responses((status = 204, description = "Deleted"), WriteProblems))]
pub(in crate::http) async fn delete_monitor(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let tx = api.begin(caller.tenant_id).await?;
    let row = monitors::lock(&tx, id).await.map_err(database)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    if row.category_id.is_some() {
        return Err(ApiError::conflict(
            "This monitor belongs to a category. Take its keyword or source out of the category instead, or pause it.",
        ));
    }
    monitors::end(&tx, vec![id], Utc::now())
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    api.forget(caller.tenant_id, &[id]).await;
    Ok(StatusCode::NO_CONTENT)
}
