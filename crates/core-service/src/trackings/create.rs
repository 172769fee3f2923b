//! `POST /trackings`.

use axum::extract::State as Shared;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use connectors::listing_url::{self, UnknownListing};
use db::TenantTx;
use domain::listing::ListingRef;
use domain::source::Source;
use garde::Validate;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::Deserialize;
use utoipa::ToSchema;

use super::events::{Happened, tell};
use super::store::{self, ListingHead, NewRow};
use super::view::{
    MAX_INTERVAL, MIN_INTERVAL, Tracking, TrackingRow, TrackingRule, each_kind_once,
};
use super::{rules, states};
use crate::State;
use crate::error::database;

/// What to track: a product page's address, or source, marketplace and the source's own id.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTracking {
    /// The product page's address.
    #[garde(inner(length(min = 1, max = 2000)))]
    #[schema(example = "https://www.amazon.com/dp/B0D3V6Y38G")]
    url: Option<String>,
    /// One of `GET /sources`, such as `amazon`.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// ISO 3166 code of the shop's country.
    #[garde(inner(length(max = 2)))]
    #[schema(example = "US")]
    marketplace: Option<String>,
    /// ASIN, or PopMart's product id.
    #[garde(inner(length(min = 1, max = 200)))]
    external_id: Option<String>,
    /// Seconds between two looks, 300 to 604800; without it 300 for popmart and 86400 else.
    #[garde(inner(range(min = MIN_INTERVAL, max = MAX_INTERVAL)))]
    #[serde(alias = "interval")]
    #[schema(minimum = 300, maximum = 604800)]
    interval_seconds: Option<i64>,
    /// Free words, at most 20.
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50)))]
    #[serde(default)]
    tags: Vec<String>,
    /// Own rules; of kinds not named here the tenant's apply.
    #[garde(dive, custom(each_kind_once))]
    #[serde(default)]
    rules: Vec<TrackingRule>,
}

/// Tracks a product. A product that is tracked already answers 200 with the tracking there is, unchanged.
#[utoipa::path(post, path = "/api/v1/trackings", tag = "trackings", request_body = NewTracking,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless")),
    responses((status = 201, body = Tracking), (status = 200, body = Tracking, description = "Tracked already"),
              WriteProblems))]
pub async fn create_tracking(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Json(body): Json<NewTracking>,
) -> ApiResult<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Tracking>)> {
    let listing = listing(&body)?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let (status, row) = track(&tx, &listing, &body).await?;
    let rules = rules::of_trackings(&tx, vec![row.id])
        .await?
        .remove(&row.id)
        .unwrap_or_default();
    let mut tracking = row.clone().with_rules(rules);
    if status == StatusCode::CREATED {
        let head = ListingHead {
            source: listing.source.as_str().to_owned(),
            url: listing_url::page(&listing),
            marketplace: listing.marketplace,
            external_id: listing.external_id,
        };
        tell(&tx, Happened::Created, &row, head, &tracking).await?;
    }
    tx.commit().await.map_err(database)?;
    if status == StatusCode::OK {
        states::fill(
            &state,
            caller.tenant_id,
            std::slice::from_mut(&mut tracking),
        )
        .await;
    }
    let location = HeaderValue::try_from(format!("/api/v1/trackings/{}", tracking.id))
        .map_err(ApiError::internal)?;
    Ok((status, [(header::LOCATION, location)], Json(tracking)))
}

async fn track(
    tx: &TenantTx,
    listing: &ListingRef,
    body: &NewTracking,
) -> ApiResult<(StatusCode, TrackingRow)> {
    let listing_id = store::resolve_listing(tx, listing, &listing_url::page(listing)).await?;
    store::hold_family(tx, listing_id).await?;
    if let Some(known) = store::of_listing(tx, listing_id).await? {
        return Ok((StatusCode::OK, known));
    }
    let new = NewRow {
        listing_id,
        interval_seconds: interval(body.interval_seconds, listing.source),
        tags: &body.tags,
    };
    let Some(row) = store::insert(tx, new).await? else {
        // Another request of the same tenant made it between the two statements.
        let known = store::of_listing(tx, listing_id).await?.ok_or_else(|| {
            ApiError::conflict("This product is being tracked by another request. Send it again.")
        })?;
        return Ok((StatusCode::OK, known));
    };
    rules::ensure_defaults(tx).await?;
    if !body.rules.is_empty() {
        rules::replace(tx, row.id, &body.rules).await?;
    }
    Ok((StatusCode::CREATED, row))
}

/// Each source knows how often it is looked at unless asked otherwise.
fn interval(asked: Option<i64>, source: Source) -> i32 {
    let usual = || connectors::about(source).map_or(86_400, |about| about.default_interval_seconds);
    let seconds = asked.unwrap_or_else(|| usual().into());
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn listing(body: &NewTracking) -> ApiResult<ListingRef> {
    let NewTracking {
        url,
        source,
        marketplace,
        external_id,
        ..
    } = body;
    match (url, source, marketplace, external_id) {
        (Some(url), None, None, None) => {
            listing_url::parse(url).map_err(|unknown| ApiError::invalid("url", unknown.to_string()))
        }
        (None, Some(source), Some(marketplace), Some(external_id)) => {
            listing_url::from_id(*source, marketplace, external_id).map_err(|unknown| {
                let field = match unknown {
                    UnknownListing::UnknownSource(_) => "source",
                    UnknownListing::BadMarketplace(_) => "marketplace",
                    _ => "external_id",
                };
                ApiError::invalid(field, unknown.to_string())
            })
        }
        (Some(_), ..) => Err(ApiError::invalid(
            "url",
            "stands alone: send either url, or source, marketplace and external_id",
        )),
        (None, source, marketplace, _) => {
            let missing = match (source, marketplace) {
                (None, None) => "url",
                (None, _) => "source",
                (_, None) => "marketplace",
                _ => "external_id",
            };
            Err(ApiError::invalid(
                missing,
                "is required: send either url, or source, marketplace and external_id",
            ))
        }
    }
}
