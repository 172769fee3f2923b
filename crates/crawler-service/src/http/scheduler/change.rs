//! Setting, starting and stopping a scheduler.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, auth};
use uuid::Uuid;

use super::shapes::{Scheduler, SchedulerSetting, SchedulerStart, StoppedScheduler};
use crate::http::manual::{checked, nothing};
use crate::http::{Api, database};
use crate::rounds::Begun;
use crate::rules::rounds::{self as rules, Wish};
use crate::storage::schedulers;

/// Sets the scheduler. A round under way goes on; `POST /api/v1/scheduler/stop` ends it.
#[utoipa::path(put, path = "/api/v1/scheduler", tag = "scheduler", request_body = SchedulerSetting,
    responses((status = 200, body = Scheduler), WriteProblems))]
pub(in crate::http) async fn put_scheduler(
    State(api): State<Api>,
    auth::Write(caller): auth::Write,
    Json(body): Json<SchedulerSetting>,
) -> ApiResult<Json<Scheduler>> {
    let now = Utc::now();
    let wish = Wish {
        keywords: rules::keywords(body.keywords),
        sources: body.sources,
        tracked: body.include.tracked,
        new_arrivals: body.include.new_arrivals,
        limited: body.include.limited,
    };
    checked(&wish)?;
    let interval_seconds = interval(&api, caller.tenant_id, body.interval_seconds).await?;
    let tx = api.begin(caller.tenant_id).await?;
    let before = schedulers::lock(&tx).await.map_err(database)?;
    let next_round_at = body.enabled.then(|| {
        let regular =
            |at: DateTime<Utc>| (at + TimeDelta::seconds(i64::from(interval_seconds))).max(now);
        let last = before.last_started_at.filter(|_| before.enabled);
        last.map_or(now, regular)
    });
    let scheduler = schedulers::Scheduler {
        enabled: body.enabled,
        keywords: wish.keywords,
        interval_seconds,
        sources: wish.sources,
        tracked: wish.tracked,
        new_arrivals: wish.new_arrivals,
        limited: wish.limited,
        next_round_at,
        ..before
    };
    schedulers::put(&tx, &scheduler, now)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(Json(scheduler.into()))
}

/// Starts the scheduler, and its first round at once. The body may be left out.
///
/// While a round is under way, or when it had been started before, the answer is 409, whose `crawl_id` names the round
/// and whose `next_round_at` tells when the next one begins.
#[utoipa::path(post, path = "/api/v1/scheduler/start", tag = "scheduler", request_body = Option<SchedulerStart>,
    responses((status = 200, body = Scheduler), WriteProblems))]
pub(in crate::http) async fn start_scheduler(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    body: Option<Json<SchedulerStart>>,
) -> ApiResult<Json<Scheduler>> {
    let SchedulerStart {
        keywords,
        interval_seconds,
    } = body.map(|Json(body)| body).unwrap_or_default();
    let tenant_id = caller.tenant_id;
    let keywords = keywords.map(rules::keywords);
    if let Some(keywords) = &keywords {
        // The rest was checked when it was set.
        checked(&Wish {
            keywords: keywords.clone(),
            sources: None,
            tracked: true,
            new_arrivals: true,
            limited: true,
        })?;
    }
    let interval_seconds = match interval_seconds {
        Some(seconds) => Some(interval(&api, tenant_id, seconds).await?),
        None => None,
    };
    let change = move |scheduler: &mut schedulers::Scheduler| {
        scheduler.keywords = keywords.unwrap_or_else(|| std::mem::take(&mut scheduler.keywords));
        scheduler.interval_seconds = interval_seconds.unwrap_or(scheduler.interval_seconds);
    };
    let begun = api.rounds.begin(tenant_id, change, Utc::now()).await;
    match begun.map_err(database)? {
        Begun::Now => {}
        Begun::Running(crawl) => return Err(running(crawl)),
        Begun::Before(next) => return Err(started_before(next)),
        Begun::Nothing => return Err(nothing()),
    }
    let tx = api.begin(tenant_id).await?;
    let row = schedulers::get(&tx).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(Json(row.unwrap_or_default().into()))
}

/// Stops the scheduler: no other round begins, and of the round under way what nobody has begun is cancelled. Stopping
/// what is stopped changes nothing.
#[utoipa::path(post, path = "/api/v1/scheduler/stop", tag = "scheduler",
    responses((status = 200, body = StoppedScheduler), WriteProblems))]
pub(in crate::http) async fn stop_scheduler(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
) -> ApiResult<Json<StoppedScheduler>> {
    let now = Utc::now();
    let tx = api.begin(caller.tenant_id).await?;
    let before = schedulers::lock(&tx).await.map_err(database)?;
    let was_enabled = before.enabled;
    let crawl = before.running_crawl();
    let scheduler = schedulers::Scheduler {
        enabled: false,
        next_round_at: None,
        ..before
    };
    schedulers::put(&tx, &scheduler, now)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    if let Some(crawl) = crawl {
        // A round that ended meanwhile has nothing left to cancel.
        let cancelled = api.canceller.cancel(caller.tenant_id, crawl, now);
        cancelled.await.map_err(database)?;
    }
    let tx = api.begin(caller.tenant_id).await?;
    let scheduler = schedulers::get(&tx).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    Ok(Json(StoppedScheduler {
        scheduler: scheduler.unwrap_or_default().into(),
        message: told(was_enabled, crawl),
    }))
}

fn told(was_enabled: bool, crawl: Option<Uuid>) -> String {
    match crawl {
        Some(crawl) => format!(
            "Stopped. Of the round under way, crawl {crawl}, what nobody has begun is cancelled; the rest finishes."
        ),
        None if was_enabled => "Stopped. No round was under way.".to_owned(),
        None => "It was not started.".to_owned(),
    }
}

/// A round is never doubled.
fn running(crawl: Uuid) -> ApiError {
    ApiError::conflict(format!(
        "A round is under way: crawl {crawl}. Follow it with GET /api/v1/crawls/{crawl}, or end it with \
         POST /api/v1/scheduler/stop."
    ))
    .with_member("crawl_id", crawl.to_string())
}

fn started_before(next: Option<DateTime<Utc>>) -> ApiError {
    let next = next.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let when = next.as_deref().unwrap_or("in a moment");
    ApiError::conflict(format!(
        "The scheduler is already started; its next round begins {when}. For one right now POST \
         /api/v1/crawl/manual with keywords; to change it PUT /api/v1/scheduler."
    ))
    .with_member("next_round_at", next.clone())
}

/// An interval that the tenant's plan admits.
async fn interval(api: &Api, tenant_id: Uuid, seconds: i64) -> ApiResult<i32> {
    let refused = |message| ApiError::invalid("interval_seconds", message);
    // What no plan admits needs no look at the plan.
    rules::interval(seconds, "", 0).map_err(refused)?;
    let limits = api
        .limits
        .of(tenant_id)
        .await
        .map_err(ApiError::from_grpc)?;
    rules::interval(seconds, &limits.plan, limits.min_interval_seconds).map_err(refused)
}
