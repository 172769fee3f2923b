//! `/api/v1/tenant`: the caller's tenant.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, auth, etag};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::plans::PlanView;
use crate::error::storage;
use crate::storage::{plans, tenants};

/// A tenant and what it may use.
#[derive(Serialize, ToSchema)]
pub(super) struct TenantView {
    id: Uuid,
    slug: String,
    name: String,
    /// Code of its plan.
    plan: String,
    /// What the plan allows.
    limits: PlanView,
    /// `active` or `suspended`.
    status: String,
    created_at: DateTime<Utc>,
}

/// The caller's tenant.
#[utoipa::path(get, path = "/api/v1/tenant", tag = "tenant",
    responses((status = 200, body = TenantView), ReadProblems))]
pub(super) async fn get_tenant(
    State(pool): State<ApiPool>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let tenant = tenants::get(&tx, caller.tenant_id).await.map_err(storage)?;
    let plan = plans::of_tenant(&tx, caller.tenant_id)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let (tenant, plan) = tenant.zip(plan).ok_or_else(ApiError::not_found)?;
    let view = TenantView {
        id: tenant.id,
        slug: tenant.slug,
        name: tenant.name,
        plan: tenant.plan_code,
        limits: plan.into(),
        status: tenant.status,
        created_at: tenant.created_at,
    };
    etag::respond(&headers, &view)
}
