//! Reading products.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use db::TenantTx;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Page, PageRequest, Paged, Path, auth, etag};
use uuid::Uuid;

use super::filter::ProductFilter;
use super::list;
use super::view::{Product, ProductDetails};
use crate::State;
use crate::answers::{About, Planned, Wanted};

/// Watched products, newest first unless asked otherwise; what fits a search best first.
#[utoipa::path(get, path = "/api/v1/products", tag = "products", params(ProductFilter, PageRequest),
    responses((status = 200, body = Page<Product>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_products(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Paged { filter, page }: Paged<ProductFilter>,
) -> ApiResult<Response> {
    let (filter, page) = (&filter, &page);
    let read = |tx: TenantTx| async move {
        let products = list::read(&tx, filter, page).await?;
        Ok((tx, products))
    };
    let products = state
        .answers()
        .read(&state.pools().api, caller.tenant_id, Planned::Freely, read)
        .await?;
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
    let wanted = Wanted {
        about: About::Product,
        tenant: caller.tenant_id,
        listing: id,
        variant: Some(""),
    };
    let read = || read_product(&state, caller.tenant_id, id);
    state.answers().respond(&headers, wanted, read).await
}

/// One product as its tenant sees it now.
///
/// # Errors
/// The same 404 for an unknown product and one that the tenant does not watch.
pub async fn read_product(state: &State, tenant: Uuid, id: i64) -> ApiResult<ProductDetails> {
    let row = state.together().details(tenant, id).await?;
    Ok(row.into())
}
