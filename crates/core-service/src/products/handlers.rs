//! Reading products.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use db::TenantTx;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Page, PageRequest, Paged, Path, auth, etag};

use super::list::{ProductFilter, page_statement, place_of};
use super::store;
use super::view::{Product, ProductDetails, ProductRow};
use crate::State;
use crate::error::database;
use crate::sql::fetch_planned;

/// Watched products, newest first unless asked otherwise.
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(ProductFilter, PageRequest),
    responses((status = 200, body = Page<Product>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_products(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Paged { filter, page }: Paged<ProductFilter>,
) -> ApiResult<Response> {
    let (sql, values) = page_statement(&filter, &page)?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows: Vec<ProductRow> = fetch_planned(&mut *tx.sqlx().await, sql, values)
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    let sort = filter.sort.unwrap_or_default();
    let products = Page::of(rows, page.limit, |row| place_of(sort, row)).map(Product::from);
    etag::respond(&headers, &products)
}

/// One watched product.
#[utoipa::path(get, path = "/api/v1/products/{id}", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = ProductDetails), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_product(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let row = store::details(&tx, id).await?;
    tx.commit().await.map_err(database)?;
    etag::respond(&headers, &ProductDetails::from(row))
}
