//! `GET /products/{id}/statistics`.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use db::TenantTx;
use domain::money::Currency;
use domain::statistics::{LONGEST, Line, Past};
use garde::Validate;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Path, Query, auth};
use serde::Deserialize;
use utoipa::IntoParams;

use super::figures;
use super::store::{Before, Earlier, Seen, earlier, seen};
use super::view::Statistics;

use crate::State;
use crate::answers::{About, Planned, Wanted};
use crate::products::history::reach::shown_from;
use crate::products::store::find;

/// For whom.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// By whose clock weekdays and hours are: an IANA name. Without it: `UTC`.
    #[garde(skip)]
    #[param(example = "Asia/Shanghai")]
    time_zone: Option<String>,
}

/// The numbers people decide by: where the price stands in its history, how it moves, and when the product can be had.
#[utoipa::path(get, path = "/api/v1/products/{id}/statistics", tag = "products",
    operation_id = "product_statistics", params(("id" = i64, Path), StatisticsQuery),
    responses((status = 200, body = Statistics), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_statistics(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Query(query): Query<StatisticsQuery>,
) -> ApiResult<Response> {
    let zone = zone(query.time_zone.as_deref())?;
    let shown_from = shown_from(&state, caller.tenant_id, Utc::now()).await?;
    let variant = format!("{} {}", shown_from.date_naive(), zone.name());
    let wanted = Wanted {
        about: About::Statistics,
        tenant: caller.tenant_id,
        listing: id,
        variant: Some(&variant),
    };
    let (answers, first) = (state.answers(), &state.pools().api);
    let read = || async move {
        let reading = |tx: TenantTx| async move {
            let statistics = statistics(&tx, id, zone, shown_from).await?;
            Ok((tx, statistics))
        };
        answers
            .read_following(first, wanted, Planned::Freely, reading)
            .await
    };
    answers.respond(&headers, wanted, read).await
}

async fn statistics(
    tx: &TenantTx,
    id: i64,
    zone: Tz,
    shown_from: DateTime<Utc>,
) -> ApiResult<Statistics> {
    let product = find(tx, id).await?;
    // Of what its plan does not show a tenant is told nothing, as if it had not been; not even that there was something.
    let newest = product.observed_at.filter(|end| *end >= shown_from);
    let seen = match newest {
        Some(end) => seen(tx, id, (end - LONGEST).max(shown_from), end).await?,
        None => None,
    };
    let as_of = newest.filter(|_| seen.is_some());
    let limited_to = match &seen {
        Some(seen) => Some(shown_from).filter(|limit| seen.first < *limit),
        None => product.observed_at.map(|_| shown_from),
    };
    let nothing = Past::default();
    let past = seen.as_ref().map_or(&nothing, |seen| &seen.past);
    let end = as_of.unwrap_or_default();
    let line = |line: Line| limited_to.map_or_else(|| line.clone(), |limit| line.since(limit));
    let (currency, prices) = past.price(end);
    // The last price may have been seen more than a year ago.
    let last = || Currency::parse(product.known_currency.as_deref()?).ok();
    let currency = currency.or_else(last).filter(|_| seen.is_some());
    let earlier = match &seen {
        Some(seen) => match before(seen, end, shown_from) {
            Some(before) => earlier(tx, id, before, currency).await?,
            None => Earlier::default(),
        },
        None => Earlier::default(),
    };
    let count = seen.as_ref().map_or(0, |seen| seen.count);
    let (stock, quantity) = (line(past.stock(end)), line(past.quantity(end)));
    let first = seen.as_ref().map(|seen| seen.first);
    Ok(Statistics {
        product_id: id,
        as_of,
        since: first.max(limited_to.filter(|_| seen.is_some())),
        looks: count,
        confidence: figures::confidence(count),
        cut_at: seen.as_ref().and_then(|seen| seen.cut_at),
        limited_to,
        daily_until: seen
            .as_ref()
            .and_then(|seen| seen.raw_from.filter(|raw| seen.first < *raw)),
        price: figures::price(currency, &line(prices), earlier.price),
        rank: figures::rank(&line(past.rank(end)), earlier.rank),
        stock: figures::stock(&stock, &quantity, zone),
    })
}

/// What was read goes back a year, or to the cut; extremes go back to the first look that is shown.
fn before(seen: &Seen, end: DateTime<Utc>, shown_from: DateTime<Utc>) -> Option<Before> {
    let begins = seen.cut_at.unwrap_or((end - LONGEST).max(shown_from));
    let from = seen.first.max(shown_from);
    let gone = seen.raw_from.is_some_and(|raw| from < raw);
    (from < begins || gone).then_some(Before {
        from,
        to: begins,
        raw_from: seen.raw_from,
    })
}

fn zone(name: Option<&str>) -> ApiResult<Tz> {
    name.unwrap_or("UTC").parse().map_err(|_| {
        ApiError::invalid(
            "time_zone",
            "must be the IANA name of a time zone, such as Asia/Shanghai",
        )
    })
}
