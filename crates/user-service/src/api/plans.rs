//! `/api/v1/plans`: what can be had.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use db::{ApiPool, TenantTx};
use http_kit::openapi::PublicProblems;
use http_kit::{ApiResult, Page, etag};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::storage;
use crate::storage::plans::{self, Plan};

/// A plan and its limits.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanView {
    /// `free`, `pro` or `enterprise`.
    code: String,
    name: String,
    /// Most products tracked at a time.
    tracked_products: i32,
    /// Shortest interval of a tracking, in seconds.
    min_interval_seconds: i32,
    requests_per_minute: i32,
    crawls_per_day: i32,
    llm_tokens_per_month: i64,
    /// Spend on paid sources, in cents of US dollars.
    source_spend_cents_per_month: i32,
    /// People in the tenant.
    members: i32,
    /// How far back history is shown, in days.
    retention_days: i32,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        let Plan {
            code,
            name,
            tracked_products,
            min_interval_seconds,
            requests_per_minute,
            crawls_per_day,
            llm_tokens_per_month,
            source_spend_cents_per_month,
            members,
            retention_days,
        } = plan;
        Self {
            code,
            name,
            tracked_products,
            min_interval_seconds,
            requests_per_minute,
            crawls_per_day,
            llm_tokens_per_month,
            source_spend_cents_per_month,
            members,
            retention_days,
        }
    }
}

/// Every plan, the smallest first.
#[utoipa::path(get, path = "/api/v1/plans", tag = "tenant", security(()),
    responses((status = 200, body = Page<PlanView>), PublicProblems))]
pub(super) async fn list_plans(
    State(pool): State<ApiPool>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    // Nobody's transaction: it sees what belongs to no tenant, and plans do not.
    let tx = TenantTx::begin(&pool, Uuid::nil()).await.map_err(storage)?;
    let plans = plans::all(&tx).await.map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let items: Vec<PlanView> = plans.into_iter().map(PlanView::from).collect();
    etag::respond(
        &headers,
        &Page {
            items,
            next_cursor: None,
        },
    )
}
