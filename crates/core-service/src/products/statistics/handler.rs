//! `GET /products/{id}/statistics`.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono_tz::Tz;
use db::TenantTx;
use domain::money::Currency;
use domain::statistics::{LONGEST, price_line, quantity_line, rank_line, stock_line};
use garde::Validate;
use http_kit::openapi::ReadProblems;
use http_kit::{ApiError, ApiResult, Path, Query, auth};
use serde::Deserialize;
use utoipa::IntoParams;

use super::figures;
use super::store::{Earlier, earlier, seen};
use super::view::Statistics;

use crate::State;
use crate::answers::{About, Wanted};
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
    let wanted = Wanted {
        about: About::Statistics,
        tenant: caller.tenant_id,
        listing: id,
        variant: zone.name(),
    };
    let (answers, first) = (state.answers(), &state.pools().api);
    let read = || async move {
        let reading = |tx: TenantTx| async move {
            let statistics = statistics(&tx, id, zone).await?;
            Ok((tx, statistics))
        };
        answers.read_following(first, wanted, reading).await
    };
    answers.respond(&headers, wanted, read).await
}

async fn statistics(tx: &TenantTx, id: i64, zone: Tz) -> ApiResult<Statistics> {
    let product = find(tx, id).await?;
    let seen = match product.observed_at {
        Some(end) => seen(tx, id, end - LONGEST, end).await?,
        None => None,
    };
    let as_of = product.observed_at.filter(|_| seen.is_some());
    let looks = seen.as_ref().map_or(&[][..], |seen| &seen.looks);
    let end = as_of.unwrap_or_default();
    let (currency, prices) = price_line(looks, end);
    // The last price may have been seen more than a year ago.
    let last = || Currency::parse(product.known_currency.as_deref()?).ok();
    let currency = currency.or_else(last);
    // What was read goes back a year, or to the cut; extremes go back to the first look.
    let begins = seen
        .as_ref()
        .and_then(|seen| seen.cut_at)
        .unwrap_or(end - LONGEST);
    let earlier = match &seen {
        Some(seen) if seen.first < begins => earlier(tx, id, begins, currency).await?,
        _ => Earlier::default(),
    };
    let count = seen.as_ref().map_or(0, |seen| seen.count);
    Ok(Statistics {
        product_id: id,
        as_of,
        since: seen.as_ref().map(|seen| seen.first),
        looks: count,
        confidence: figures::confidence(count),
        cut_at: seen.as_ref().and_then(|seen| seen.cut_at),
        price: figures::price(currency, &prices, earlier.price),
        rank: figures::rank(&rank_line(looks, end), earlier.rank),
        stock: figures::stock(&stock_line(looks, end), &quantity_line(looks, end), zone),
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
