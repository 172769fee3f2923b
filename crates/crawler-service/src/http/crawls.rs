//! Reading crawls.

use axum::extract::State;
use axum::response::Response;
use chrono::Utc;
use db::TenantTx;
use http::HeaderMap;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Cursor, Page, PageRequest, Path, auth, etag};
use uuid::Uuid;

use super::shapes::{Crawl, CrawlWithTargets};
use super::{Api, database};
use crate::storage::{crawls, searches};

/// List crawls, the latest first.
#[utoipa::path(get, path = "/api/v1/crawls", tag = "crawls", params(PageRequest),
    responses((status = 200, body = Page<Crawl>), ReadProblems))]
pub(super) async fn list_crawls(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    page: PageRequest,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&api.pool, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows = crawls::list(&tx, page.after::<Uuid>()?, rows(&page))
        .await
        .map_err(database)?;
    tx.commit().await.map_err(database)?;
    let now = Utc::now();
    let answer = Page::of(rows, page.limit, |row| Cursor::after(&row.id));
    etag::respond(&headers, &answer.map(|row| Crawl::at(row, now)))
}

/// Watch a crawl: how far it is, and what became of each product. `limit` and `cursor` page its targets.
#[utoipa::path(get, path = "/api/v1/crawls/{id}", tag = "crawls",
    params(("id" = Uuid, Path, description = "The crawl"), PageRequest),
    responses((status = 200, body = CrawlWithTargets), ReadProblems))]
pub(super) async fn get_crawl(
    State(api): State<Api>,
    auth::Read(caller): auth::Read,
    Path(id): Path<Uuid>,
    page: PageRequest,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&api.pool, caller.tenant_id)
        .await
        .map_err(database)?;
    let crawl = view(&tx, id, &page).await?;
    tx.commit().await.map_err(database)?;
    etag::respond(&headers, &crawl)
}

/// A crawl with a page of its targets; 404 when the tenant has none with this id.
pub(super) async fn view(
    tx: &TenantTx,
    id: Uuid,
    page: &PageRequest,
) -> ApiResult<CrawlWithTargets> {
    let row = crawls::get(tx, id)
        .await
        .map_err(database)?
        .ok_or_else(ApiError::not_found)?;
    let targets = crawls::targets(tx, id, page.after::<i64>()?, rows(page))
        .await
        .map_err(database)?;
    let searches = searches::of_crawl(tx, id).await.map_err(database)?;
    Ok(CrawlWithTargets {
        searches: searches.into_iter().map(Into::into).collect(),
        crawl: Crawl::at(row, Utc::now()),
        targets: Page::of(targets, page.limit, |row| Cursor::after(&row.target_id)).map(Into::into),
    })
}

/// Rows to read for a page.
fn rows(page: &PageRequest) -> u32 {
    page.limit + 1
}
