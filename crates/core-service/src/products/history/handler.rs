//! `GET /products/{id}/history`.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Path, Query, auth, etag};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lines::{Line, draw};
use super::metric::Metric;
use super::store::changes;
use crate::State;
use crate::error::database;
use crate::products::store::find;

/// Points a line has when the request does not say.
const DEFAULT_POINTS: u32 = 1_000;

/// Which part of a history.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Lines, parted by commas, of `price`, `list_price`, `buy_box_price`, `rank`, `rating`, `review_count` and
    /// `stock_quantity`. Without it: `price,rank`.
    #[garde(skip)]
    #[param(example = "price,rank")]
    metric: Option<String>,
    /// Beginning of the range; without it everything known.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// End of the range; without it now.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
    /// Most points of a line; beyond it points are left out so that extremes, ends and gaps stay.
    #[garde(inner(range(min = 10, max = 5_000)))]
    #[param(minimum = 10, maximum = 5000, default = 1000)]
    points: Option<u32>,
}

/// A product's history: change points by metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// Whose.
    product_id: i64,
    /// Lines by metric.
    metrics: BTreeMap<&'static str, Line>,
    /// Beginning of the range.
    from: DateTime<Utc>,
    /// End of the range.
    to: DateTime<Utc>,
    /// Whether points were left out.
    thinned: bool,
}

/// How a watched product's figures moved.
#[utoipa::path(get, path = "/api/v1/products/{id}/history", tag = "products",
    operation_id = "product_history", params(("id" = i64, Path), HistoryQuery),
    responses((status = 200, body = History), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_history(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Query(query): Query<HistoryQuery>,
) -> ApiResult<Response> {
    let metrics = metrics(query.metric.as_deref())?;
    let to = query.to.unwrap_or_else(Utc::now);
    if query.from.is_some_and(|from| from >= to) {
        return Err(ApiError::invalid("from", "must be before `to`"));
    }
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let product = find(&tx, id).await?;
    let observations = changes(&tx, id, query.from, to).await?;
    tx.commit().await.map_err(database)?;

    let most = query.points.unwrap_or(DEFAULT_POINTS) as usize;
    let lines = draw(&observations, &metrics, most);
    // Without an end asked for, the answer ends with the last look: it stays the same until the next one.
    let end = query
        .to
        .or(product.observed_at)
        .unwrap_or(to)
        .max(query.from.unwrap_or_default());
    let first = observations.first().map_or(end, |(at, _)| *at);
    etag::respond(
        &headers,
        &History {
            product_id: id,
            metrics: lines.metrics,
            from: query.from.unwrap_or(first),
            to: end,
            thinned: lines.thinned,
        },
    )
}

fn metrics(text: Option<&str>) -> ApiResult<Vec<Metric>> {
    let Some(text) = text else {
        return Ok(vec![Metric::Price, Metric::Rank]);
    };
    let mut metrics = text
        .split(',')
        .map(|name| {
            Metric::parse(name.trim()).ok_or_else(|| {
                let known = Metric::ALL.map(Metric::as_str).join(", ");
                ApiError::invalid(
                    "metric",
                    format!("must be one or more, parted by commas, of: {known}"),
                )
            })
        })
        .collect::<ApiResult<Vec<_>>>()?;
    metrics.sort_unstable();
    metrics.dedup();
    Ok(metrics)
}
