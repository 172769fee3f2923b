//! Reading categories.

use axum::extract::State;
use axum::response::Response;
use db::TenantTx;
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Cursor, Page, PageRequest, Path, auth, etag};
use uuid::Uuid;

use super::shapes::Category;
use crate::http::{Api, database};
use crate::storage::{categories, monitors};

/// List categories, the latest first.
#[utoipa::path(get, path = "/api/v1/categories", tag = "categories", params(PageRequest),
    responses((status = 200, body = Page<Category>), ReadProblems))]
pub(in crate::http) async fn list_categories(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    page: PageRequest,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let rows = categories::list(&tx, page.after::<Uuid>()?, page.limit + 1)
        .await
        .map_err(database)?;
    let ids = rows.iter().map(|row| row.id).collect();
    let monitors = monitors::of_categories(&tx, ids).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    let answer = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    etag::respond(&headers, &answer.map(|row| Category::of(row, &monitors)))
}

/// One category and its monitors.
#[utoipa::path(get, path = "/api/v1/categories/{id}", tag = "categories",
    params(("id" = Uuid, Path, description = "The category")),
    responses((status = 200, body = Category), ReadProblems))]
pub(in crate::http) async fn get_category(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = api.begin(caller.tenant_id).await?;
    let category = view(&tx, id).await?;
    tx.commit().await.map_err(database)?;
    etag::respond(&headers, &category)
}

/// A category with its monitors; 404 when the tenant has none with this id.
pub(super) async fn view(tx: &TenantTx, id: Uuid) -> ApiResult<Category> {
    let row = categories::get(tx, id).await.map_err(database)?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let monitors = monitors::of_categories(tx, vec![id])
        .await
        .map_err(database)?;
    Ok(Category::of(row, &monitors))
}
