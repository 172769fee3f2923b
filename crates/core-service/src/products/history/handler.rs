//! `GET /products/{id}/history` and `GET /products/history`.

use std::collections::{BTreeMap, BTreeSet};

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

use super::asked::{Asked, product_ids};
use super::lines::Line;
use super::metric::Metric;
use super::reach::{older, shown_from, watched};
use super::store::{Wanted as WantedLines, lines};
use crate::State;
use crate::answers::{About, Planned, Wanted};

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
    /// Beginning of the range; without it everything known. Each line begins with what held then.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// End of the range; without it the newest look.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
    /// Most points of a line; beyond it points are left out so that extremes, ends and gaps stay.
    #[garde(inner(range(min = 10, max = 5_000)))]
    #[param(minimum = 10, maximum = 5000, default = 1000)]
    points: Option<u32>,
}

/// Which part of several products' histories.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoriesQuery {
    /// Products, parted by commas; 1 to 20.
    #[garde(skip)]
    #[param(example = "17,23")]
    ids: String,
    /// Lines, as for one product. Without it: `price,rank`.
    #[garde(skip)]
    #[param(example = "price")]
    metric: Option<String>,
    /// Beginning of the range; without it everything known. Each line begins with what held then.
    #[garde(skip)]
    from: Option<DateTime<Utc>>,
    /// End of the range; without it each product's newest look.
    #[garde(skip)]
    to: Option<DateTime<Utc>>,
    /// Most points of a line, and 100,000 of all lines together; without it 1,000, or fewer where the lines are many.
    #[garde(inner(range(min = 10, max = 5_000)))]
    #[param(minimum = 10, maximum = 5000)]
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
    /// Your plan shows nothing before this, though it was asked for or is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    limited_to: Option<DateTime<Utc>>,
    /// Looks before this are no longer kept. What stands for them are the moves of each day, or, of a day with more than
    /// seven, its first, lowest, highest and last value and its last gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    daily_until: Option<DateTime<Utc>>,
}

/// Several products' histories.
#[derive(Debug, Serialize, ToSchema)]
pub struct Histories {
    /// In the order asked for.
    items: Vec<History>,
    /// Ids that name nothing you can see.
    not_found: Vec<i64>,
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
    let HistoryQuery {
        metric,
        from,
        to,
        points,
    } = query;
    let asked = Asked::read(metric.as_deref(), from, to, points, 1)?;
    let shown_from = shown_from(&state, caller.tenant_id, Utc::now()).await?;
    let variant = asked.variant(shown_from);
    let wanted = Wanted {
        about: About::History,
        tenant: caller.tenant_id,
        listing: id,
        variant: variant.as_deref(),
    };
    let (answers, first, asked) = (state.answers(), &state.pools().api, &asked);
    let read = || async move {
        let reading = |tx: TenantTx| async move {
            let histories = histories(&tx, &[id], asked, shown_from).await?;
            Ok((tx, histories))
        };
        let mut histories = answers
            .read_following(first, wanted, Planned::Once, reading)
            .await?;
        histories.items.pop().ok_or_else(ApiError::not_found)
    };
    answers.respond(&headers, wanted, read).await
}

/// How several watched products' figures moved, to compare them.
#[utoipa::path(get, path = "/api/v1/products/history", tag = "products",
    operation_id = "products_history", params(HistoriesQuery),
    responses((status = 200, body = Histories), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_histories(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Query(query): Query<HistoriesQuery>,
) -> ApiResult<Response> {
    let HistoriesQuery {
        ids,
        metric,
        from,
        to,
        points,
    } = query;
    let ids = product_ids(&ids)?;
    let asked = Asked::read(metric.as_deref(), from, to, points, ids.len())?;
    let shown_from = shown_from(&state, caller.tenant_id, Utc::now()).await?;
    let (ids, asked) = (&ids, &asked);
    let reading = |tx: TenantTx| async move {
        let histories = histories(&tx, ids, asked, shown_from).await?;
        Ok((tx, histories))
    };
    let histories = state
        .answers()
        .read(&state.pools().api, caller.tenant_id, Planned::Once, reading)
        .await?;
    etag::respond(&headers, &histories)
}

/// Within a transaction that plans once: each of its statements is one look into the index of the months it is about,
/// mostly few; planning it for all that there are takes several times as long.
async fn histories(
    tx: &TenantTx,
    ids: &[i64],
    asked: &Asked,
    shown_from: DateTime<Utc>,
) -> ApiResult<Histories> {
    let seen = watched(tx, ids).await?;
    let (known, not_found): (Vec<i64>, Vec<i64>) = ids
        .iter()
        .copied()
        .partition(|id| seen.products.contains_key(id));
    // Without a beginning asked for, the plan ends only those that go back further.
    let limited = match asked.from {
        Some(from) if from < shown_from => known.iter().copied().collect(),
        Some(_) => BTreeSet::new(),
        None => older(tx, &known, shown_from).await?,
    };
    let from = if limited.is_empty() {
        asked.from
    } else {
        Some(shown_from)
    };
    // Nothing lies behind the newest look.
    let newest = seen.products.values().filter_map(|(newest, _)| *newest);
    let newest = newest.max().unwrap_or_default();
    let to = asked.to.map_or(newest, |to| to.min(newest));
    let wanted = WantedLines {
        listings: &known,
        metrics: &asked.metrics,
        from,
        to,
        most: asked.most,
        raw_from: seen.raw_from,
    };
    let mut drawn = if asked.to.is_some_and(|to| to < shown_from) {
        BTreeMap::new()
    } else {
        lines(tx, wanted).await?
    };
    let items = known.into_iter().map(|id| {
        let part = Part {
            seen: seen.products.get(&id).copied().unwrap_or_default(),
            limited_to: limited.contains(&id).then_some(shown_from),
            raw_from: seen.raw_from,
        };
        history(id, drawn.remove(&id).unwrap_or_default(), part, asked)
    });
    Ok(Histories {
        items: items.collect(),
        not_found,
    })
}

/// Which part of a product's history is told.
struct Part {
    /// The newest look, and since when the product is watched.
    seen: (Option<DateTime<Utc>>, DateTime<Utc>),
    limited_to: Option<DateTime<Utc>>,
    raw_from: Option<DateTime<Utc>>,
}

fn history(
    product_id: i64,
    mut lines: BTreeMap<Metric, Line>,
    part: Part,
    asked: &Asked,
) -> History {
    let Part {
        seen: (newest, watched_at),
        limited_to,
        raw_from,
    } = part;
    let begins = asked.from.max(limited_to);
    // Without an end asked for, the answer ends with the last look, or where watching began when there was none: it
    // stays the same until the next one.
    let to = asked.to.or(newest).unwrap_or(watched_at);
    let to = to.max(asked.from.unwrap_or(to));
    let first = lines.values().filter_map(|line| line.t.first()).min();
    let from = begins.or(first.copied()).unwrap_or(to).min(to);
    let daily_until = raw_from.filter(|raw| from < *raw && first.is_some());
    let metrics = asked.metrics.iter().map(|metric| {
        let line = lines.remove(metric).unwrap_or_default();
        (metric.as_str(), line)
    });
    let metrics: BTreeMap<_, _> = metrics.collect();
    History {
        product_id,
        thinned: metrics.values().any(|line| line.thinned),
        metrics,
        from,
        to,
        limited_to,
        daily_until,
    }
}
