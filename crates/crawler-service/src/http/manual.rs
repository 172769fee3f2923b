//! Crawling named products now.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use axum::extract::State;
use bus::topology::Priority;
use chrono::Utc;
use db::TenantTx;
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use http_kit::openapi::WriteProblems;
use http_kit::page::DEFAULT_LIMIT;
use http_kit::{ApiError, ApiResult, Json, PageRequest, auth};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::{StartedCrawl, Urgency};
use super::{Api, crawls::view, database};
use crate::starting::{Start, StartError};
use crate::storage::crawls;

/// How long the news of a tracking may take from core to here, and how often we look for it.
const HEARSAY: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What to crawl.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManualCrawl {
    /// Products that the tenant tracks.
    #[garde(length(min = 1, max = 2000), dive)]
    product_ids: Vec<ProductRef>,
    /// High when left out.
    #[garde(skip)]
    priority: Option<Urgency>,
}

/// A product's id, or its id at the source, which means it wherever the tenant tracks it.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(
    untagged,
    expecting = "must be a product id (a number) or an external id (a text)"
)]
pub(super) enum ProductRef {
    /// The product's id.
    Id(#[garde(skip)] i64),
    /// The id that the source gives it.
    External(#[garde(length(min = 1, max = 200))] String),
}

/// Crawl products now.
///
/// What is being fetched already is joined, not fetched twice. Follow the crawl with `GET /api/v1/crawls/{id}`.
#[utoipa::path(post, path = "/api/v1/crawl/manual", tag = "crawls", request_body = ManualCrawl,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 202, body = StartedCrawl), WriteProblems))]
pub(super) async fn start_manual_crawl(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Json(body): Json<ManualCrawl>,
) -> ApiResult<(StatusCode, [(HeaderName, String); 1], Json<StartedCrawl>)> {
    let ManualCrawl {
        product_ids,
        priority,
    } = body;
    let listing_ids = resolve(&api, caller.tenant_id, &product_ids).await?;
    let start = Start {
        trigger: "manual",
        priority: priority.map_or(Priority::High, Into::into),
        listing_ids,
    };
    let started = api.starter.start(caller.tenant_id, start, Utc::now()).await;
    let crawl = started.map_err(|error| match error {
        StartError::Empty | StartError::NotTracked => ApiError::not_found(),
        StartError::Database(cause) => database(cause),
    })?;
    let tx = TenantTx::begin(&api.pool, caller.tenant_id)
        .await
        .map_err(database)?;
    let first_page = PageRequest {
        limit: DEFAULT_LIMIT,
        cursor: None,
    };
    let shown = view(&tx, crawl.id, &first_page).await?;
    tx.commit().await.map_err(database)?;
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, format!("/api/v1/crawls/{}", crawl.id))],
        Json(StartedCrawl {
            crawl_id: crawl.id,
            crawl: shown,
        }),
    ))
}

/// The listings meant. One reference that means nothing to this tenant is a 404 for all of them, after the time that
/// the news of a tracking made a moment ago may take.
async fn resolve(api: &Api, tenant_id: Uuid, refs: &[ProductRef]) -> ApiResult<Vec<i64>> {
    let patience = Instant::now() + HEARSAY;
    loop {
        let tx = TenantTx::begin(&api.pool, tenant_id)
            .await
            .map_err(database)?;
        let resolved = resolve_now(&tx, refs).await?;
        tx.commit().await.map_err(database)?;
        match resolved {
            Some(listing_ids) => return Ok(listing_ids),
            None if Instant::now() >= patience => return Err(ApiError::not_found()),
            None => tokio::time::sleep(ASK_EVERY).await,
        }
    }
}

/// The listings meant, or nothing when a reference is unknown to this tenant.
async fn resolve_now(tx: &TenantTx, refs: &[ProductRef]) -> ApiResult<Option<Vec<i64>>> {
    let (mut ids, mut externals) = (BTreeSet::new(), BTreeSet::new());
    for one in refs {
        match one {
            ProductRef::Id(id) => drop(ids.insert(*id)),
            ProductRef::External(external) => drop(externals.insert(external.clone())),
        }
    }
    let tracked = crawls::tracked(
        tx,
        ids.iter().copied().collect(),
        externals.iter().cloned().collect(),
    )
    .await
    .map_err(database)?;
    let known_ids: HashSet<i64> = tracked.iter().map(|row| row.target_id).collect();
    let known_externals: HashSet<&str> =
        tracked.iter().map(|row| row.external_id.as_str()).collect();
    let all_known = ids.iter().all(|id| known_ids.contains(id))
        && externals
            .iter()
            .all(|external| known_externals.contains(external.as_str()));
    if !all_known {
        return Ok(None);
    }
    Ok(Some(known_ids.into_iter().collect()))
}
