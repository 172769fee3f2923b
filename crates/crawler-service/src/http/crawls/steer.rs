//! Stopping a crawl, and fetching once more what failed.

use axum::extract::State;
use bus::topology::Priority;
use chrono::Utc;
use db::TenantTx;
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use http_kit::openapi::WriteProblems;
use http_kit::page::DEFAULT_LIMIT;
use http_kit::{ApiError, ApiResult, Json, PageRequest, Path, Query, auth};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::read::view;
use crate::http::shapes::{CrawlWithTargets, StartedCrawl};
use crate::http::{Api, beyond_plan, database};
use crate::starting::{Start, StartError};
use crate::storage::cancel::Cancelled;
use crate::storage::crawls::{self, Ended, InVain};

/// A crawl that was started: 202, and where it is.
pub(in crate::http) type Started = (StatusCode, [(HeaderName, String); 1], Json<StartedCrawl>);

/// Stop a crawl. What nobody has in hand yet is not fetched for it and ends as `cancelled`; what is under way finishes and
/// counts. Products stay tracked and are fetched at their own time.
#[utoipa::path(post, path = "/api/v1/crawls/{id}/cancel", tag = "crawls",
    params(("id" = Uuid, Path, description = "The crawl")),
    responses((status = 200, body = CrawlWithTargets), WriteProblems))]
pub(in crate::http) async fn cancel_crawl(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<CrawlWithTargets>> {
    let cancelled = api
        .canceller
        .cancel(caller.tenant_id, id, Utc::now())
        .await
        .map_err(database)?;
    match cancelled {
        Cancelled::Now => Ok(Json(first_page(&api, caller.tenant_id, id).await?)),
        Cancelled::Unknown => Err(ApiError::not_found()),
        Cancelled::Over(status) if status == "cancelled" => Err(ApiError::conflict(
            "This crawl is cancelled already. What was under way then finishes by itself.",
        )),
        Cancelled::Over(status) => Err(ApiError::conflict(format!(
            "This crawl is over ({status}); there is nothing left to cancel."
        ))),
    }
}

/// What to fetch once more.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct RetryFilter {
    /// Also what the source says it does not list. Left out otherwise: another look rarely helps.
    #[garde(skip)]
    #[serde(default)]
    #[param(required = false)]
    include_not_found: bool,
}

/// Fetch once more what failed in a crawl that is over, as a crawl of its own. What is not tracked any more, and what was
/// cancelled, is left out.
#[utoipa::path(post, path = "/api/v1/crawls/{id}/retry", tag = "crawls",
    params(("id" = Uuid, Path, description = "The crawl whose failures are meant"), RetryFilter,
        ("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 202, body = StartedCrawl), WriteProblems))]
pub(in crate::http) async fn retry_crawl(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Path(id): Path<Uuid>,
    Query(filter): Query<RetryFilter>,
) -> ApiResult<Started> {
    let tx = TenantTx::begin(&api.pool, caller.tenant_id)
        .await
        .map_err(database)?;
    let crawl = crawls::get(&tx, id)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)?;
    if crawl.finished_at.is_none() {
        return Err(ApiError::conflict(
            "This crawl is not over yet. Wait for its end, or cancel it first.",
        ));
    }
    let in_vain = crawls::in_vain(&tx, id).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    let start = Start {
        trigger: "manual",
        // A person waits for it.
        priority: Priority::High,
        listing_ids: chosen(in_vain, filter.include_not_found)?,
    };
    let again = api.starter.start(caller.tenant_id, start, Utc::now()).await;
    let again = again.map_err(|error| match error {
        // Somebody stopped tracking one of them between the two looks.
        StartError::Empty | StartError::NotTracked => ApiError::conflict(
            "What failed has changed just now: a product is not tracked any more. Send the request again.",
        ),
        StartError::Quota(error) => beyond_plan(error),
        StartError::Database(cause) => database(cause),
    })?;
    started(&api, caller.tenant_id, again.id).await
}

/// What is fetched once more; 409 when that is nothing.
fn chosen(in_vain: InVain, include_not_found: bool) -> ApiResult<Vec<i64>> {
    let InVain { mut listings, gone } = in_vain;
    let absent = gone.len();
    if include_not_found {
        listings.extend(gone);
    }
    if !listings.is_empty() {
        return Ok(listings);
    }
    Err(ApiError::conflict(if absent > 0 {
        format!(
            "All that failed ({absent}) is what the source does not list any more. To look for it all the same, add \
             include_not_found=true."
        )
    } else {
        "Nothing that is still tracked failed in this crawl.".to_owned()
    }))
}

/// The answer about a crawl that was started.
pub(in crate::http) async fn started(api: &Api, tenant_id: Uuid, id: Uuid) -> ApiResult<Started> {
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, format!("/api/v1/crawls/{id}"))],
        Json(StartedCrawl {
            crawl_id: id,
            crawl: first_page(api, tenant_id, id).await?,
        }),
    ))
}

async fn first_page(api: &Api, tenant_id: Uuid, id: Uuid) -> ApiResult<CrawlWithTargets> {
    let tx = TenantTx::begin(&api.pool, tenant_id)
        .await
        .map_err(database)?;
    let page = PageRequest {
        limit: DEFAULT_LIMIT,
        cursor: None,
    };
    let shown = view(&tx, id, Ended::All, &page).await?;
    tx.commit().await.map_err(database)?;
    Ok(shown)
}
