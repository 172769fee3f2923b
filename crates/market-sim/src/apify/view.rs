//! Reading and aborting runs.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    actor::Actor,
    auth::Account,
    error::ApifyError,
    runs::{Progress, Run, Status},
};
use crate::world::World;

/// Query parameters of a run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunQuery {
    wait_for_finish: Option<String>,
}

/// Query parameters of a list of runs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListQuery {
    offset: Option<usize>,
    limit: Option<usize>,
    /// `1` or `true` for newest first.
    desc: Option<String>,
    /// One status or several, joined by commas.
    status: Option<String>,
    started_after: Option<DateTime<Utc>>,
    started_before: Option<DateTime<Utc>>,
}

/// `GET /v2/actor-runs/{run}`.
pub(crate) async fn get_run(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(run): Path<String>,
    Query(query): Query<RunQuery>,
) -> Result<Json<Value>, ApifyError> {
    let wait = wait_time(query.wait_for_finish.as_deref())?;
    let run = world
        .runs
        .find(&run)
        .ok_or(ApifyError::NotFound("Actor run"))?;
    run.wait(wait).await;
    Ok(Json(envelope(&run)))
}

/// `POST /v2/actor-runs/{run}/abort`.
pub(crate) async fn abort_run(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(run): Path<String>,
) -> Result<Json<Value>, ApifyError> {
    let run = world
        .runs
        .find(&run)
        .ok_or(ApifyError::NotFound("Actor run"))?;
    run.abort();
    Ok(Json(envelope(&run)))
}

/// `GET /v2/acts/{actor}/runs`.
pub(crate) async fn list_actor_runs(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(actor): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Value>, ApifyError> {
    let actor = Actor::find(&actor).ok_or(ApifyError::NotFound("Actor"))?;
    Ok(Json(list(&world, Some(actor), &query)))
}

/// `GET /v2/actor-runs`.
pub(crate) async fn list_user_runs(
    _account: Account,
    State(world): State<Arc<World>>,
    Query(query): Query<ListQuery>,
) -> Json<Value> {
    Json(list(&world, None, &query))
}

/// `GET /v2/key-value-stores/{store}/records/INPUT`: what a run was started with.
pub(crate) async fn get_input(
    _account: Account,
    State(world): State<Arc<World>>,
    Path(store): Path<String>,
) -> Result<Json<Value>, ApifyError> {
    let run = world.runs.find_by(|run| run.store_id == store);
    run.map(|run| Json(run.input.clone()))
        .ok_or(ApifyError::NotFound("Key-value store"))
}

/// How long a request wants to wait: whole seconds from 0 to 60.
pub(crate) fn wait_time(text: Option<&str>) -> Result<Duration, ApifyError> {
    let Some(text) = text else {
        return Ok(Duration::ZERO);
    };
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= 60)
        .map(Duration::from_secs)
        .ok_or_else(|| {
            ApifyError::InvalidValue("waitForFinish must be a whole number from 0 to 60".to_owned())
        })
}

fn list(world: &World, actor: Option<Actor>, query: &ListQuery) -> Value {
    let wanted: Option<Vec<&str>> = query
        .status
        .as_deref()
        .map(|text| text.split(',').collect());
    let mut runs = world.runs.all();
    runs.retain(|run| {
        actor.is_none_or(|actor| run.actor == actor)
            && wanted
                .as_ref()
                .is_none_or(|w| w.contains(&run.progress().status.name()))
            && query
                .started_after
                .is_none_or(|after| run.started_at >= after)
            && query
                .started_before
                .is_none_or(|before| run.started_at <= before)
    });
    let desc = matches!(query.desc.as_deref(), Some("1" | "true"));
    if desc {
        runs.reverse();
    }
    let (offset, limit) = (
        query.offset.unwrap_or(0),
        query.limit.unwrap_or(1_000).min(1_000),
    );
    let items: Vec<Value> = runs
        .iter()
        .skip(offset)
        .take(limit)
        .map(|run| short(run))
        .collect();
    json!({ "data": {
        "total": runs.len(),
        "offset": offset,
        "limit": limit,
        "desc": desc,
        "count": items.len(),
        "items": items,
    }})
}

/// A run as lists show it.
fn short(run: &Run) -> Value {
    const SHOWN: &[&str] = &[
        "id",
        "actId",
        "actorTaskId",
        "startedAt",
        "finishedAt",
        "status",
        "meta",
        "buildId",
        "defaultKeyValueStoreId",
        "defaultDatasetId",
        "defaultRequestQueueId",
        "usageTotalUsd",
    ];
    let Value::Object(full) = object(run, &run.progress()) else {
        return Value::Null;
    };
    let kept = full
        .into_iter()
        .filter(|(name, _)| SHOWN.contains(&name.as_str()));
    Value::Object(kept.collect::<Map<_, _>>())
}

/// `{"data": Run}`.
pub(crate) fn envelope(run: &Run) -> Value {
    json!({ "data": object(run, &run.progress()) })
}

fn object(run: &Run, progress: &Progress) -> Value {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let ended = progress.status.is_final();
    let exit_code = match progress.status {
        Status::Succeeded | Status::Aborted => Some(0),
        Status::Failed | Status::TimedOut => Some(1),
        Status::Ready | Status::Running => None,
    };
    json!({
        "id": run.id,
        "actId": run.actor.id(),
        "userId": "BPWZBd7Z9c746JAng",
        "actorTaskId": null,
        "startedAt": time(run.started_at),
        "finishedAt": progress.finished_at.map(time),
        "status": progress.status.name(),
        "statusMessage": progress.message,
        "isStatusMessageTerminal": ended,
        "meta": { "origin": "API" },
        "stats": stats(run, progress),
        "options": {
            "build": "latest",
            "timeoutSecs": run.timeout_secs,
            "memoryMbytes": run.memory_mbytes,
            "diskMbytes": run.memory_mbytes * 2,
        },
        "buildId": "7sT5jcggjjA9fNcxF",
        "exitCode": exit_code,
        "generalAccess": "RESTRICTED",
        "defaultKeyValueStoreId": run.store_id,
        "defaultDatasetId": run.dataset_id,
        "defaultRequestQueueId": run.queue_id,
        "storageIds": {
            "datasets": { "default": run.dataset_id },
            "keyValueStores": { "default": run.store_id },
            "requestQueues": { "default": run.queue_id },
        },
        "isContainerServerReady": false,
        "gitBranchName": "master",
        "usage": ended.then(|| usage(run, progress)),
        "usageTotalUsd": ended.then(|| usd(cost(run, progress))),
        "usageUsd": ended.then(|| usage_usd(run, progress)),
    })
}

fn stats(run: &Run, progress: &Progress) -> Value {
    let mut stats = json!({
        "inputBodyLen": run.input_len,
        "migrationCount": 0,
        "restartCount": 0,
        "resurrectCount": 0,
        "computeUnits": 0,
    });
    if let (Some(finished), Some(stats)) = (progress.finished_at, stats.as_object_mut()) {
        let millis = (finished - run.started_at).num_milliseconds();
        let mut put = |name: &str, value: Value| stats.insert(name.to_owned(), value);
        put("memAvgBytes", json!(35_914_228.4));
        put("memMaxBytes", json!(38_244_352));
        put("memCurrentBytes", json!(0));
        put("cpuAvgUsage", json!(0.009_559_65));
        put("cpuMaxUsage", json!(3.154_6));
        put("cpuCurrentUsage", json!(0));
        put("netRxBytes", json!(2_652 * run.urls.len()));
        put("netTxBytes", json!(1_338 * run.urls.len()));
        put("durationMillis", json!(millis));
        put("runTimeSecs", json!(millis as f64 / 1_000.0));
        put("metamorph", json!(0));
        put("computeUnits", json!(millis as f64 / 3_600_000.0));
    }
    stats
}

/// Price of a start, in thousandths of a US cent.
pub(super) const START_PRICE: u64 = 100;

/// What the run cost, in thousandths of a US cent: a start, and each result.
fn cost(run: &Run, progress: &Progress) -> u64 {
    START_PRICE + run.actor.result_price() * progress.items.len() as u64
}

fn usd(thousandths_of_a_cent: u64) -> f64 {
    thousandths_of_a_cent as f64 / 100_000.0
}

fn usage(run: &Run, progress: &Progress) -> Value {
    json!({
        "ACTOR_COMPUTE_UNITS": 1,
        "DATASET_READS": 0,
        "DATASET_WRITES": progress.items.len(),
        "KEY_VALUE_STORE_READS": 1,
        "KEY_VALUE_STORE_WRITES": 1,
        "KEY_VALUE_STORE_LISTS": 0,
        "REQUEST_QUEUE_READS": run.urls.len(),
        "REQUEST_QUEUE_WRITES": run.urls.len(),
        "DATA_TRANSFER_INTERNAL_GBYTES": 0,
        "DATA_TRANSFER_EXTERNAL_GBYTES": 0,
        "PROXY_RESIDENTIAL_TRANSFER_GBYTES": 0,
        "PROXY_SERPS": 0,
    })
}

fn usage_usd(run: &Run, progress: &Progress) -> Value {
    json!({
        "ACTOR_COMPUTE_UNITS": usd(100),
        "DATASET_READS": 0,
        "DATASET_WRITES": usd(cost(run, progress) - 100),
        "KEY_VALUE_STORE_READS": 0,
        "KEY_VALUE_STORE_WRITES": 0,
        "KEY_VALUE_STORE_LISTS": 0,
        "REQUEST_QUEUE_READS": 0,
        "REQUEST_QUEUE_WRITES": 0,
        "DATA_TRANSFER_INTERNAL_GBYTES": 0,
        "DATA_TRANSFER_EXTERNAL_GBYTES": 0,
        "PROXY_RESIDENTIAL_TRANSFER_GBYTES": 0,
        "PROXY_SERPS": 0,
    })
}
