//! `GET /products/{id}/history` and `GET /products/history`.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{RawQuery, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Datelike, Utc};
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Path, Query, auth, etag};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lines::Line;
use super::metric::Metric;
use super::reach::{older, shown_from, watched};
use super::store::{Wanted as WantedLines, lines};
use crate::State;
use crate::answers::{About, Wanted};

/// Points a line has when the request does not say, unless there are so many lines that it is fewer.
const DEFAULT_POINTS: usize = 1_000;
/// Most products of one request.
const MOST_PRODUCTS: usize = 20;
/// Most points of all lines of an answer together.
const MOST_POINTS: usize = 100_000;

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

/// A request, read.
struct Asked {
    metrics: Vec<Metric>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    most: usize,
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
    RawQuery(variant): RawQuery,
) -> ApiResult<Response> {
    let HistoryQuery {
        metric,
        from,
        to,
        points,
    } = query;
    let asked = Asked::read(metric.as_deref(), from, to, points, 1)?;
    let shown_from = shown_from(&state, caller.tenant_id, Utc::now()).await?;
    let variant = format!(
        "{} {}",
        shown_from.date_naive(),
        variant.unwrap_or_default()
    );
    let wanted = Wanted {
        about: About::History,
        tenant: caller.tenant_id,
        listing: id,
        variant: &variant,
    };
    let (answers, first, asked) = (state.answers(), &state.pools().api, &asked);
    let read = || async move {
        let reading = |tx: TenantTx| async move {
            let histories = histories(&tx, &[id], asked, shown_from).await?;
            Ok((tx, histories))
        };
        let mut histories = answers.read_following(first, wanted, reading).await?;
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
        .read(&state.pools().api, caller.tenant_id, reading)
        .await?;
    etag::respond(&headers, &histories)
}

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

impl Asked {
    fn read(
        metric: Option<&str>,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        points: Option<u32>,
        products: usize,
    ) -> ApiResult<Self> {
        let metrics = metrics(metric)?;
        check_range(from, to)?;
        let lines = metrics.len() * products;
        let most = MOST_POINTS / lines;
        let points = points.and_then(|points| usize::try_from(points).ok());
        if points.is_some_and(|points| points > most) {
            return Err(ApiError::invalid(
                "points",
                format!(
                    "must be at most {most} with {lines} lines; or ask for fewer products or metrics"
                ),
            ));
        }
        Ok(Self {
            metrics,
            from,
            to,
            most: points.unwrap_or(DEFAULT_POINTS.min(most)),
        })
    }
}

/// Refuses a range that is none.
pub(super) fn check_range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> ApiResult<()> {
    let year = |at: &DateTime<Utc>| (0..=9_999).contains(&at.year());
    for (field, at) in [("from", from), ("to", to)] {
        if at.is_some_and(|at| !year(&at)) {
            return Err(ApiError::invalid(
                field,
                "must lie in a year from 0 to 9999",
            ));
        }
    }
    match (from, to) {
        (Some(from), Some(to)) if from >= to => {
            Err(ApiError::invalid("from", "must be before `to`"))
        }
        (Some(from), None) if from >= Utc::now() => Err(ApiError::invalid(
            "from",
            "must lie in the past: nothing was seen after now",
        )),
        _ => Ok(()),
    }
}

fn product_ids(text: &str) -> ApiResult<Vec<i64>> {
    let number = |id: &str| id.trim().parse::<i64>().ok();
    let ids: Option<Vec<i64>> = text.split(',').map(number).collect();
    let mut ids = ids.ok_or_else(|| {
        ApiError::invalid("ids", "must be product ids parted by commas, such as 17,23")
    })?;
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    if ids.len() > MOST_PRODUCTS {
        return Err(ApiError::invalid(
            "ids",
            format!(
                "must be at most {MOST_PRODUCTS} products; ask for the others in another request"
            ),
        ));
    }
    Ok(ids)
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
