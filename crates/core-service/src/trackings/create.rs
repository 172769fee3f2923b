//! `POST /trackings`.

use axum::extract::State as Shared;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use chrono::Utc;
use db::TenantTx;
use domain::source::Source;
use garde::Validate;
use http_kit::openapi::WriteProblems;
use http_kit::{ApiError, ApiResult, Json, auth};
use serde::Deserialize;
use utoipa::ToSchema;

use super::address::{Wanted, named};
use super::events::{Happened, Told, tell};
use super::store::{self, Named, NewRow};
use super::timing::{Asked, Limits, Schedule, Timing};
use super::view::{NewTrackingRule, Tracking, TrackingRow, is_strategy};
use super::{rules, states};
use crate::State;
use crate::error::database;
use crate::quota;

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
    /// The source's own id: an ASIN, PopMart's product id, a web page's address without its scheme.
    #[garde(inner(length(min = 1, max = 200)))]
    external_id: Option<String>,
    /// How a web page is to be read, when a preview showed that its parts disagree: `json_ld`, `microdata`, `rdfa`,
    /// `open_graph` or `text`. The product is then this tenant's own, read as chosen.
    #[garde(inner(custom(is_strategy)))]
    #[schema(example = "json_ld")]
    strategy: Option<String>,
    /// Seconds between two looks, 300 to 604800, and not below the plan's `min_interval_seconds`. Without it and a
    /// schedule each source has its own, see `GET /sources`: popmart every 300 seconds, haier every hour and every 15
    /// minutes while stock is low, the others daily at 02:00 of the tenant's time; never more often than the plan allows.
    #[garde(skip)]
    #[serde(alias = "interval")]
    #[schema(minimum = 300, maximum = 604800)]
    interval_seconds: Option<i64>,
    /// A cron expression instead of an interval, windows of the week for either, or both.
    #[garde(skip)]
    schedule: Option<Schedule>,
    /// Look more often while it changes often, and less while it sleeps; on average as often as the interval says.
    /// Works with an interval, not with a cron expression.
    #[garde(skip)]
    #[serde(default)]
    adaptive: bool,
    /// Free words, at most 20.
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50)))]
    #[serde(default)]
    tags: Vec<String>,
    /// Own rules, at most 20; about what none of them is, wider ones apply.
    #[garde(length(max = 20))]
    #[serde(default)]
    rules: Vec<NewTrackingRule>,
}

/// Tracks a product. A product that is tracked already answers 200 with the tracking there is, unchanged.
///
/// One product more than the plan's `tracked_products` is refused with 403 `quota_exceeded`; ending a tracking frees its
/// place.
#[utoipa::path(post, path = "/api/v1/trackings", tag = "trackings", request_body = NewTracking,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless")),
    responses((status = 201, body = Tracking), (status = 200, body = Tracking, description = "Tracked already"),
              WriteProblems))]
pub async fn create_tracking(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Json(body): Json<NewTracking>,
) -> ApiResult<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Tracking>)> {
    let wanted = Wanted {
        url: body.url.as_deref(),
        source: body.source,
        marketplace: body.marketplace.as_deref(),
        external_id: body.external_id.as_deref(),
        strategy: body.strategy.as_deref(),
    };
    let own = rules::wanted(&body.rules)?;
    let named = named(wanted, state.allow_private())?;
    let about = connectors::about(named.listing.source)
        .ok_or_else(|| ApiError::invalid("source", "is not a source"))?;
    let asked = Asked {
        interval_seconds: body.interval_seconds,
        schedule: body.schedule.as_ref(),
        adaptive: body.adaptive,
    };
    let limits = state.plans().of(caller.tenant_id).await?;
    let timing = asked.checked(about.usual, &limits, Utc::now())?;
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let (status, row) = track(&tx, named, timing, &body, &own, &limits).await?;
    let rules = rules::of_trackings(&tx, vec![row.id])
        .await?
        .remove(&row.id)
        .unwrap_or_default();
    let head = store::head(&tx, row.listing_id).await?;
    let tracking_id = row.id;
    let mut tracking = row.clone().shown(rules, head.strategy.clone());
    if status == StatusCode::CREATED {
        let told = Told {
            row,
            head,
            shown: tracking.clone(),
        };
        tell(&tx, Happened::Created, vec![told]).await?;
    }
    audit::about("tracking", tracking_id);
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
    named: Named,
    timing: Timing,
    body: &NewTracking,
    own: &[rules::Wanted],
    limits: &Limits,
) -> ApiResult<(StatusCode, TrackingRow)> {
    let remembered = if named.owned {
        None
    } else {
        store::own_tracked(tx, &named.listing).await?
    };
    let listing_id = match remembered {
        Some(own) => own,
        None => only(store::resolve_listings(tx, &[named]).await?)?,
    };
    store::hold_family(tx, listing_id).await?;
    if let Some(known) = store::of_listing(tx, listing_id).await? {
        return Ok((StatusCode::OK, known));
    }
    // What is tracked already takes no place, so this comes after.
    let places = quota::hold(tx, limits).await?;
    if places.free() == 0 {
        return Err(places.refusal());
    }
    store::watch(tx, &[listing_id], false).await?;
    let new = NewRow { listing_id, timing };
    let Some(row) = store::insert(tx, &[new], &body.tags).await?.pop() else {
        // Another request of the same tenant made it between the two statements.
        let known = store::of_listing(tx, listing_id).await?.ok_or_else(|| {
            ApiError::conflict("This product is being tracked by another request. Send it again.")
        })?;
        return Ok((StatusCode::OK, known));
    };
    if let Some(strategy) = &body.strategy {
        store::choose_strategy(tx, listing_id, strategy).await?;
    }
    rules::ensure_defaults(tx).await?;
    rules::replace(tx, row.id, own).await?;
    places.taken(tx, 1, Utc::now()).await?;
    Ok((StatusCode::CREATED, row))
}

fn only(ids: Vec<i64>) -> ApiResult<i64> {
    ids.into_iter()
        .next()
        .ok_or_else(|| ApiError::internal("no listing was resolved"))
}
