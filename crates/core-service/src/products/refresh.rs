//! Looking at a product now.

use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use contracts::crawl::v1::crawl_client::CrawlClient;
use contracts::crawl::v1::{Priority, StartCrawlRequest, Trigger};
use db::TenantTx;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, Path, auth};
use serde::Serialize;
use tonic::Code;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::find;
use crate::State;
use crate::error::database;
use crate::trackings::store::of_listing;

/// A crawl that was started.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefreshAccepted {
    /// Its id: `GET /api/v1/crawls/{id}` tells how it goes.
    crawl_id: String,
}

/// How long crawler may take to hear of a tracking that was made a moment ago, and how often it is asked.
const HEARSAY: Duration = Duration::from_secs(3);
const ASK_EVERY: Duration = Duration::from_millis(150);

/// Looks at a watched product now, before anything that is merely due.
#[utoipa::path(post, path = "/api/v1/products/{id}/refresh", tag = "products", params(("id" = i64, Path)),
    responses((status = 202, body = RefreshAccepted), WriteProblems))]
pub async fn refresh_product(
    Shared(state): Shared<State>,
    auth::CrawlScope(caller): auth::CrawlScope,
    Path(id): Path<i64>,
) -> ApiResult<(StatusCode, Json<RefreshAccepted>)> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let product = find(&tx, id).await?;
    // A variant without a tracking of its own is fetched with its parent.
    let target = match (product.tracking_id, product.parent_id) {
        (None, Some(parent)) => parent,
        _ => id,
    };
    let tracking = of_listing(&tx, target).await?;
    tx.commit().await.map_err(database)?;
    if tracking.is_some_and(|tracking| !tracking.is_live()) {
        return Err(ApiError::conflict(
            "This tracking is paused. Set its status to \"active\", then refresh.",
        ));
    }
    let crawl_id = start_crawl(&state, caller.tenant_id, target).await?;
    Ok((StatusCode::ACCEPTED, Json(RefreshAccepted { crawl_id })))
}

async fn start_crawl(state: &State, tenant_id: Uuid, listing_id: i64) -> ApiResult<String> {
    let mut crawler = rpc::sized!(CrawlClient::new(state.crawler()));
    let request = StartCrawlRequest {
        tenant_id: tenant_id.to_string(),
        listing_ids: vec![listing_id],
        trigger: Trigger::Manual.into(),
        priority: Priority::High.into(),
    };
    let patience = tokio::time::Instant::now() + HEARSAY;
    loop {
        match crawler.start_crawl(request.clone()).await {
            Ok(answer) => return Ok(answer.into_inner().crawl_id),
            // The product is tracked, as we know: crawler only has not heard of it yet.
            Err(status) if status.code() == Code::NotFound => {
                if tokio::time::Instant::now() >= patience {
                    return Err(ApiError::unavailable(status));
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
            Err(status) => return Err(ApiError::from_grpc(status)),
        }
    }
}
