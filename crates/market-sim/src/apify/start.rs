//! Starting runs.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    actor::Actor,
    auth::Account,
    dataset,
    error::ApifyError,
    page::Page,
    runs::{self, NewRun, Run, Status},
    view,
};
use crate::{
    server::{ExternalIds, public_base},
    world::World,
};

/// Longest wait of a synchronous run.
const SYNC_LIMIT: Duration = Duration::from_secs(300);

/// Query parameters of a start. Unknown ones are ignored, as Apify does.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartQuery {
    wait_for_finish: Option<String>,
    timeout: Option<u64>,
    memory: Option<u64>,
    max_items: Option<usize>,
    max_total_charge_usd: Option<f64>,
}

/// `POST /v2/acts/{actor}/runs`.
pub(crate) async fn start_run(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(actor): Path<String>,
    Query(query): Query<StartQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApifyError> {
    let wait = view::wait_time(query.wait_for_finish.as_deref())?;
    let run = start(&world, &actor, &query, &headers, &body)?;
    run.wait(wait).await;
    let location = format!(
        "{}/apify/v2/actor-runs/{}",
        public_base(&world, &headers),
        run.id
    );
    let mut response = (StatusCode::CREATED, Json(view::envelope(&run))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.extensions_mut().insert(external_ids(&run));
    Ok(response)
}

/// `POST /v2/acts/{actor}/run-sync-get-dataset-items`.
pub(crate) async fn run_sync(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(actor): Path<String>,
    Query(query): Query<StartQuery>,
    Query(page): Query<dataset::PageQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApifyError> {
    let run = start(&world, &actor, &query, &headers, &body)?;
    let progress = run.wait(SYNC_LIMIT).await;
    match progress.status {
        Status::Succeeded => {}
        status if status.is_final() => return Err(ApifyError::RunFailed(run.id.clone())),
        _ => return Err(ApifyError::SyncTimeout),
    }
    let mut response = dataset::page(&progress.items, &page)?;
    *response.status_mut() = StatusCode::CREATED;
    response.extensions_mut().insert(external_ids(&run));
    Ok(response)
}

fn start(
    world: &Arc<World>,
    actor: &str,
    query: &StartQuery,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Arc<Run>, ApifyError> {
    let actor = Actor::find(actor).ok_or(ApifyError::NotFound("Actor"))?;
    let input: Value = serde_json::from_slice(body).map_err(|error| {
        ApifyError::InvalidRequest(format!("The request body is not valid JSON: {error}"))
    })?;
    let urls = actor.start_urls(&input)?;
    Ok(runs::start(
        world,
        NewRun {
            actor,
            input,
            input_len: body.len(),
            urls,
            timeout_secs: query.timeout.unwrap_or(300),
            memory_mbytes: query.memory.unwrap_or(1_024),
            base: public_base(world, headers),
            max_items: query.max_items,
            max_charge_usd: query.max_total_charge_usd,
        },
    ))
}

fn external_ids(run: &Run) -> ExternalIds {
    let product = |url: &String| match Page::of(url) {
        Some(Page::Product(key)) => Some(key.external_id),
        _ => None,
    };
    ExternalIds(run.urls.iter().filter_map(product).collect())
}
