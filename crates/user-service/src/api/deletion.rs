//! `DELETE /api/v1/tenant` and taking that back.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use garde::Validate;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::owner;
use super::tenant::TenantView;
use crate::accounts::{Accounts, Origin};
use crate::error::storage;
use crate::storage::plans;
use crate::tenants::Tenants;

/// What confirms that a tenant is to be deleted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteTenant {
    /// The tenant's slug, typed again.
    #[garde(length(max = 100))]
    slug: String,
    /// The owner's password.
    #[garde(length(max = 1000))]
    password: String,
}

/// When it goes.
#[derive(Serialize, ToSchema)]
pub(super) struct DeletionView {
    /// From when on everything is erased. Until then an owner can restore it.
    delete_at: DateTime<Utc>,
}

/// Delete the tenant with all that is in it. Crawling for it and sign-in of all but its owners end at once; after the days
/// of grace everything is erased, and nothing brings it back.
#[utoipa::path(delete, path = "/api/v1/tenant", tag = "tenant", request_body = DeleteTenant,
    responses((status = 202, body = DeletionView), WriteProblems))]
pub(super) async fn delete_tenant(
    State(tenants): State<Tenants>,
    State(accounts): State<Accounts>,
    auth::Admin(caller): auth::Admin,
    origin: Origin,
    Json(body): Json<DeleteTenant>,
) -> ApiResult<(StatusCode, Json<DeletionView>)> {
    let user_id = owner::require(&caller)?;
    let tenant = tenants.get(caller.tenant_id).await?;
    if body.slug.trim().to_ascii_lowercase() != tenant.slug {
        return Err(ApiError::invalid("slug", "must be the tenant's slug"));
    }
    let known = accounts.knows_password(user_id, body.password, &origin);
    if !known.await? {
        return Err(ApiError::invalid("password", "must be your password"));
    }
    let deleting = tenants.delete(caller.tenant_id, false, Utc::now()).await?;
    let delete_at = deleting
        .delete_at
        .ok_or_else(|| ApiError::internal("a deletion without a day"))?;
    Ok((StatusCode::ACCEPTED, Json(DeletionView { delete_at })))
}

/// Keep the tenant after all. Crawling for it goes on.
#[utoipa::path(post, path = "/api/v1/tenant/restore", tag = "tenant",
    responses((status = 200, body = TenantView), WriteProblems))]
pub(super) async fn restore_tenant(
    State(tenants): State<Tenants>,
    State(pool): State<ApiPool>,
    auth::Admin(caller): auth::Admin,
) -> ApiResult<Json<TenantView>> {
    owner::require(&caller)?;
    let tenant = tenants.restore(caller.tenant_id, Utc::now()).await?;
    let tx = TenantTx::begin(&pool, caller.tenant_id)
        .await
        .map_err(storage)?;
    let plan = plans::of_tenant(&tx, caller.tenant_id)
        .await
        .map_err(storage)?;
    tx.commit().await.map_err(storage)?;
    let plan = plan.ok_or_else(ApiError::not_found)?;
    Ok(Json(TenantView::of(tenant, plan)))
}
