//! A tenant's scheduler: whole rounds by the clock.

mod change;
mod shapes;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, auth, etag};

use super::{Api, database};
use crate::storage::schedulers;
use shapes::Scheduler;

pub(super) use change::{put_scheduler, start_scheduler, stop_scheduler};

// utoipa's routes! needs what its attribute made beside each handler.
pub(super) use change::{__path_put_scheduler, __path_start_scheduler, __path_stop_scheduler};

/// The scheduler: what its rounds are made of, which one is under way and when the next one begins.
#[utoipa::path(get, path = "/api/v1/scheduler", tag = "scheduler",
    responses((status = 200, body = Scheduler), ReadProblems))]
pub(super) async fn get_scheduler(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let row = schedulers::get(&tx).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    etag::respond(&headers, &Scheduler::from(row.unwrap_or_default()))
}
