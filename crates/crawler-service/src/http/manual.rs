//! Crawling now: named products, or a whole round.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use axum::extract::State;
use bus::topology::Priority;
use chrono::Utc;
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::WriteProblems;
use http_kit::problem::FieldError;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::crawls::{Started, started};
use super::shapes::{StartedCrawl, Urgency};
use super::{Api, beyond_plan, database};
use crate::rules::rounds::{self, Wish};
use crate::starting::{Start, StartError};
use crate::storage::crawls;

/// How long the news of a tracking may take from core to here, and how often we look for it.
const HEARSAY: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What to crawl: products by name, or a whole round.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ManualCrawl {
    /// Products that the tenant tracks, 1 to 2000. Not together with `keywords`.
    #[garde(length(max = 2000), dive)]
    #[serde(default)]
    product_ids: Vec<ProductRef>,
    /// A whole round: what is new and limited at the sources that can tell, everything the tenant tracks, and a search
    /// for each of these words, at most 50 and possibly none.
    #[garde(skip)]
    keywords: Option<Vec<String>>,
    /// The sources of a whole round. When left out everything tracked is fetched, and searched are the sources that
    /// cost nothing and those that the tenant has a credential for.
    #[garde(inner(length(max = 20), inner(length(max = 24))))]
    sources: Option<Vec<String>>,
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

/// Crawl products now, or everything: with `keywords` a whole round.
///
/// What is being fetched already is joined, not fetched twice; what only waits in a queue for less urgent work goes
/// ahead. Follow the crawl with `GET /api/v1/crawls/{id}`. More than is left of the plan's `crawls_per_day` is refused as a
/// whole with 403 `quota_exceeded`; so is what needs a paid source when the month's `source_spend_cents_per_month` is spent.
#[utoipa::path(post, path = "/api/v1/crawl/manual", tag = "crawls", request_body = ManualCrawl,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request twice")),
    responses((status = 202, body = StartedCrawl), WriteProblems))]
pub(super) async fn start_manual_crawl(
    State(api): State<Api>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Json(body): Json<ManualCrawl>,
) -> ApiResult<Started> {
    let ManualCrawl {
        product_ids,
        keywords,
        sources,
        priority,
    } = body;
    let tenant_id = caller.tenant_id;
    let urgency = priority.map_or(Priority::High, Into::into);
    let crawl_id = match (product_ids.as_slice(), keywords) {
        ([_, ..], None) if sources.is_none() => {
            of_products(&api, tenant_id, &product_ids, urgency).await?
        }
        ([], Some(keywords)) => whole_round(&api, tenant_id, keywords, sources, urgency).await?,
        ([_, ..], None) => return Err(ApiError::invalid("sources", "only goes with keywords")),
        ([_, ..], Some(_)) => {
            let message = "name products or keywords, not both: keywords mean a whole round, everything tracked included";
            return Err(ApiError::invalid("keywords", message));
        }
        ([], None) => {
            let message = "name products, or keywords for a whole round";
            return Err(ApiError::invalid("product_ids", message));
        }
    };
    started(&api, tenant_id, crawl_id).await
}

async fn of_products(
    api: &Api,
    tenant_id: Uuid,
    products: &[ProductRef],
    urgency: Priority,
) -> ApiResult<Uuid> {
    let start = Start {
        trigger: "manual",
        priority: urgency,
        listing_ids: resolve(api, tenant_id, products).await?,
    };
    let started = api.starter.start(tenant_id, start, Utc::now()).await;
    let crawl = started.map_err(|error| match error {
        StartError::Empty | StartError::NotTracked => ApiError::not_found(),
        StartError::Quota(error) => beyond_plan(error),
        StartError::Database(cause) => database(cause),
    })?;
    Ok(crawl.id)
}

async fn whole_round(
    api: &Api,
    tenant_id: Uuid,
    keywords: Vec<String>,
    sources: Option<Vec<String>>,
    urgency: Priority,
) -> ApiResult<Uuid> {
    let wish = Wish {
        keywords: rounds::keywords(keywords),
        sources,
        tracked: true,
        new_arrivals: true,
        limited: true,
    };
    checked(&wish)?;
    let started = api.rounds.manual(tenant_id, &wish, urgency, Utc::now());
    started.await.map_err(beyond_plan)?.ok_or_else(nothing)
}

/// Refuses a round that makes no sense.
pub(super) fn checked(wish: &Wish) -> ApiResult<()> {
    let problems = rounds::problems(wish);
    if problems.is_empty() {
        return Ok(());
    }
    let field = |(field, message)| FieldError::new(field, message);
    Err(ApiError::invalid_fields(
        problems.into_iter().map(field).collect(),
    ))
}

/// A round that nothing is part of.
pub(super) fn nothing() -> ApiError {
    ApiError::invalid(
        "keywords",
        "there is nothing to do: nothing is tracked in these sources and none of them is searched; track a product, \
         name keywords, or name sources that can be searched",
    )
}

/// The listings meant. One reference that means nothing to this tenant is a 404 for all of them, after the time that
/// the news of a tracking made a moment ago may take.
async fn resolve(api: &Api, tenant_id: Uuid, refs: &[ProductRef]) -> ApiResult<Vec<i64>> {
    let patience = Instant::now() + HEARSAY;
    loop {
        let tx = api.begin(tenant_id).await?;
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
