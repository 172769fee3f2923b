//! Reading monitors.

use axum::extract::State;
use axum::response::Response;
use garde::Validate;
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Cursor, Page, PageRequest, Paged, Path, auth, etag};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::shapes::Monitor;
use crate::http::{Api, database};
use crate::storage::monitors;

/// Which monitors.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct MonitorFilter {
    /// Those of one source.
    #[garde(inner(length(max = 24)))]
    source: Option<String>,
    /// Those that a category made.
    #[garde(skip)]
    category_id: Option<Uuid>,
}

/// List monitors, the latest first.
#[utoipa::path(get, path = "/api/v1/monitors", tag = "monitors", params(MonitorFilter, PageRequest),
    responses((status = 200, body = Page<Monitor>), ReadProblems))]
pub(in crate::http) async fn list_monitors(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Paged { filter, page }: Paged<MonitorFilter>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let before = page.after::<Uuid>()?;
    let rows = monitors::list(
        &tx,
        filter.source,
        filter.category_id,
        before,
        page.limit + 1,
    )
    .await
    .map_err(database)?;
    tx.commit().await.map_err(database)?;
    let answer = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    etag::respond(&headers, &answer.map(Monitor::from))
}

/// One monitor, and how its last run went.
#[utoipa::path(get, path = "/api/v1/monitors/{id}", tag = "monitors",
    params(("id" = Uuid, Path, description = "The monitor")),
    responses((status = 200, body = Monitor), ReadProblems))]
pub(in crate::http) async fn get_monitor(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let row = monitors::get(&tx, id).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    let monitor: Monitor = row.ok_or_else(ApiError::not_found)?.into();
    etag::respond(&headers, &monitor)
}
