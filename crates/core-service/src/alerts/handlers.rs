//! Reading and acknowledging alerts.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::Utc;
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Paged, Path, auth, etag};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, Wanted};
use super::view::Alert;
use crate::State;
use crate::error::database;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_alerts))
        .routes(routes!(acknowledge_alert))
        .merge(super::rules::routes())
}

/// Every kind of the contract; those that no rule raises yet find nothing.
const KINDS: [&str; 18] = [
    "price",
    "rank",
    "rating",
    "review_count",
    "stock",
    "restock",
    "buy_box",
    "availability",
    "new_listing",
    "content",
    "target_price",
    "lowest",
    "highest",
    "margin",
    "target_trouble",
    "target_recovered",
    "source_trouble",
    "source_recovered",
];

/// Filters of the alert list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertFilter {
    /// Of this product.
    #[garde(skip)]
    product_id: Option<i64>,
    /// Of this kind, such as `price` or `rank`.
    #[garde(skip)]
    kind: Option<String>,
    /// Acknowledged ones, or those that are not.
    #[garde(skip)]
    acknowledged: Option<bool>,
}

/// The tenant's alerts, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(AlertFilter, PageRequest),
    responses((status = 200, body = Page<Alert>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_alerts(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Paged { filter, page }: Paged<AlertFilter>,
) -> ApiResult<Response> {
    let kind = filter.kind.as_deref().map(known_kind).transpose()?;
    let wanted = Wanted {
        product_id: filter.product_id,
        kind,
        acknowledged: filter.acknowledged,
    };
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows = store::list(&tx, wanted, &page).await?;
    let products = store::products(&tx, &rows).await?;
    tx.commit().await.map_err(database)?;
    let alerts = Page::of(rows, page.limit, |row| {
        Cursor::after(&(row.occurred_at, row.id))
    })
    .map(|row| {
        let product = row.listing_id.and_then(|id| products.get(&id).cloned());
        Alert::of(row, product)
    });
    etag::respond(&headers, &alerts)
}

fn known_kind(text: &str) -> ApiResult<&'static str> {
    KINDS
        .into_iter()
        .find(|kind| *kind == text)
        .ok_or_else(|| ApiError::invalid("kind", format!("must be one of: {}", KINDS.join(", "))))
}

/// Marks an alert as seen. Doing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/ack", tag = "alerts", params(("id" = Uuid, Path)),
    responses((status = 200, body = Alert), WriteProblems))]
pub async fn acknowledge_alert(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<Alert>> {
    let by = format!("{}:{}", caller.actor.kind(), caller.actor.id());
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let row = store::acknowledge(&tx, id, &by, Utc::now()).await?;
    let mut products = store::products(&tx, std::slice::from_ref(&row)).await?;
    let product = row.listing_id.and_then(|id| products.remove(&id));
    tx.commit().await.map_err(database)?;
    Ok(Json(Alert::of(row, product)))
}

#[cfg(test)]
mod tests {
    use domain::alert::Kind;

    use super::*;

    #[test]
    fn every_kind_a_rule_can_raise_can_be_asked_for() {
        for (_, name) in Kind::ALL {
            assert!(known_kind(name).is_ok(), "{name}");
        }
        assert!(known_kind("colour").is_err());
    }
}
