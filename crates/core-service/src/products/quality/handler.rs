//! `GET /products/{id}/quality`.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::Utc;
use db::TenantTx;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiResult, Path, auth, etag};

use super::store;
use super::view::{Quality, SetApart};
use crate::State;
use crate::error::database;
use crate::products::store::find;
use crate::upkeep::LEDGER;

/// The ledger of a product's data: for each figure when it was last really seen and by whom, what is set apart until
/// another look decides, and what could not be stored lately.
#[utoipa::path(get, path = "/api/v1/products/{id}/quality", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = Quality), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_quality(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> ApiResult<Response> {
    let since = Utc::now() - LEDGER;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let product = find(&tx, id).await?;
    let fields = store::fields_of(&tx, id).await?;
    let content_changed_at = store::content_changed_at(&tx, id).await?;
    let apart = store::set_apart(&tx, id, since).await?;
    let refused = store::refused(&tx, id, since).await?;
    let recent = store::recent(&tx, id, since).await?;
    tx.commit().await.map_err(database)?;
    let (open, decided): (Vec<SetApart>, Vec<SetApart>) = apart
        .into_iter()
        .map(SetApart::from)
        .partition(|apart| apart.resolved_at.is_none());
    let quality = Quality {
        product_id: id,
        source: product.source,
        fields,
        content_changed_at,
        set_apart: open.into_iter().next(),
        decided: decided.into_iter().take(20).collect(),
        refused,
        recent,
    };
    etag::respond(&headers, &quality)
}
