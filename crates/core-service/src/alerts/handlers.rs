//! Reading and acknowledging alerts; reading rules.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Paged, Path, auth, etag};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, RuleRow, Wanted};
use super::view::{Alert, percent};
use crate::State;
use crate::error::database;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list_alerts))
        .routes(routes!(acknowledge_alert))
        .routes(routes!(list_alert_rules))
}

/// Every kind of the contract; those that no rule raises yet find nothing.
const KINDS: [&str; 17] = [
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

/// A rule that raises alerts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertRule {
    /// Its id.
    id: Uuid,
    /// The tracking it is for; null: all the tenant's trackings that have none of their own of this kind.
    tracking_id: Option<Uuid>,
    /// What it watches.
    #[schema(example = "price")]
    kind: String,
    /// Fires on moves of more than this, either way.
    #[schema(example = 10.0)]
    percent: f64,
    /// Whether it is on.
    enabled: bool,
    /// Grows when it is changed; alerts belong to a version.
    version: i32,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<RuleRow> for AlertRule {
    fn from(row: RuleRow) -> Self {
        Self {
            id: row.id,
            tracking_id: row.tracking_id,
            kind: row.kind,
            percent: percent(row.threshold_bp),
            enabled: row.enabled,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// The tenant's rules, newest first.
#[utoipa::path(get, path = "/api/v1/alert-rules", tag = "alerts", params(PageRequest),
    responses((status = 200, body = Page<AlertRule>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_alert_rules(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    page: PageRequest,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows = store::rules(&tx, &page).await?;
    tx.commit().await.map_err(database)?;
    let rules = Page::of(rows, page.limit, |row| {
        Cursor::after(&(row.created_at, row.id))
    })
    .map(AlertRule::from);
    etag::respond(&headers, &rules)
}

#[cfg(test)]
mod tests {
    use domain::alert::Kind;

    use super::*;

    #[test]
    fn every_kind_a_rule_can_raise_can_be_asked_for() {
        for kind in [Kind::Price, Kind::Rank] {
            assert!(known_kind(kind.as_str()).is_ok());
        }
        assert!(known_kind("colour").is_err());
    }
}
