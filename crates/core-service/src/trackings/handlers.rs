//! Reading, changing and ending trackings.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use db::TenantTx;
use garde::Validate;
use http_kit::openapi::{ReadProblems, WriteProblems};
use http_kit::{ApiError, ApiResult, Cursor, Json, Page, PageRequest, Paged, Path, auth, etag};
use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::events::{Happened, Told, tell};
use super::store::{self, COLUMNS, Change, ListingHead};
use super::timing::{self, Limits, Schedule, Timing};
use super::view::{NewTrackingRule, Status, Tracking, TrackingRow, is_strategy};
use super::{rules, states};
use crate::State;
use crate::error::database;
use crate::sql::statement;

/// Filters of the tracking list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrackingFilter {
    /// The tracking of this product.
    #[garde(skip)]
    product_id: Option<i64>,
}

/// The tenant's trackings, newest first.
#[utoipa::path(get, path = "/api/v1/trackings", tag = "trackings", params(TrackingFilter, PageRequest),
    responses((status = 200, body = Page<Tracking>), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn list_trackings(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Paged { filter, page }: Paged<TrackingFilter>,
) -> ApiResult<Response> {
    let mut conditions = vec!["deleted_at is null".to_owned()];
    let mut values: Vec<Value> = vec![i64::try_from(page.fetch()).unwrap_or(i64::MAX).into()];
    if let Some(product_id) = filter.product_id {
        values.push(product_id.into());
        conditions.push(format!("listing_id = ${}", values.len()));
    }
    if let Some((at, id)) = page.after::<(DateTime<Utc>, Uuid)>()? {
        values.extend([at.into(), id.into()]);
        conditions.push(format!(
            "(created_at, id) < (${}, ${})",
            values.len() - 1,
            values.len()
        ));
    }
    let sql = format!(
        "select {COLUMNS} from catalog.tracking where {} order by created_at desc, id desc limit $1",
        conditions.join(" and ")
    );
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let rows = TrackingRow::find_by_statement(statement(sql, values))
        .all(&tx)
        .await
        .map_err(database)?;
    let rows = Page::of(rows, page.limit, |row| {
        Cursor::after(&(row.created_at, row.id))
    });
    let ids = rows.items.iter().map(|row| row.id).collect();
    let listing_ids = rows.items.iter().map(|row| row.listing_id).collect();
    let mut own = rules::of_trackings(&tx, ids).await?;
    let mut heads = store::heads(&tx, listing_ids).await?;
    tx.commit().await.map_err(database)?;
    let mut trackings = rows.map(|row| {
        let rules = own.remove(&row.id).unwrap_or_default();
        let strategy = heads.remove(&row.listing_id).and_then(|head| head.strategy);
        row.shown(rules, strategy)
    });
    states::fill(&state, caller.tenant_id, &mut trackings.items).await;
    etag::respond(&headers, &trackings)
}

/// One tracking.
#[utoipa::path(get, path = "/api/v1/trackings/{id}", tag = "trackings", params(("id" = Uuid, Path)),
    responses((status = 200, body = Tracking), (status = 304, description = "Unchanged"), ReadProblems))]
pub async fn get_tracking(
    Shared(state): Shared<State>,
    auth::Read(caller): auth::Read,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> ApiResult<Response> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let row = store::find(&tx, id, false).await?;
    let head = store::head(&tx, row.listing_id).await?;
    let mut tracking = shown(&tx, row, &head).await?;
    tx.commit().await.map_err(database)?;
    states::fill(
        &state,
        caller.tenant_id,
        std::slice::from_mut(&mut tracking),
    )
    .await;
    etag::respond(&headers, &tracking)
}

/// What of a tracking changes; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingPatch {
    /// Seconds between two looks, 300 to 604800, and not below the plan's `min_interval_seconds`. It takes the place
    /// of a cron expression, windows stay. Null: when the source is looked at by default.
    #[garde(skip)]
    #[serde(default, alias = "interval", deserialize_with = "told")]
    #[schema(value_type = Option<i64>, minimum = 300, maximum = 604800)]
    interval_seconds: Option<Option<i64>>,
    /// A cron expression instead of an interval, windows for either, or both; all of it. Null: neither.
    #[garde(skip)]
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<Schedule>)]
    schedule: Option<Option<Schedule>>,
    /// Look more often while it changes often, and less while it sleeps. A cron expression ends it.
    #[garde(skip)]
    adaptive: Option<bool>,
    /// Whether it is followed.
    #[garde(skip)]
    status: Option<Status>,
    /// All tags, at most 20.
    #[garde(inner(length(max = 20), inner(length(chars, min = 1, max = 50))))]
    tags: Option<Vec<String>>,
    /// All own rules, at most 20.
    #[garde(inner(length(max = 20)))]
    rules: Option<Vec<NewTrackingRule>>,
    /// How the page is read. Only where a strategy was chosen when the product was tracked: other pages are read for
    /// all tenants alike.
    #[garde(inner(custom(is_strategy)))]
    #[schema(example = "open_graph")]
    strategy: Option<String>,
}

impl TrackingPatch {
    fn timing(&self) -> timing::Change<'_> {
        timing::Change {
            interval_seconds: self.interval_seconds,
            schedule: self.schedule.as_ref().map(Option::as_ref),
            adaptive: self.adaptive,
        }
    }
}

/// Tells null from nothing.
fn told<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes a tracking. One that was looked at before goes on at the next time of its new schedule, not at once.
#[utoipa::path(patch, path = "/api/v1/trackings/{id}", tag = "trackings", params(("id" = Uuid, Path)),
    request_body = TrackingPatch, responses((status = 200, body = Tracking), WriteProblems))]
pub async fn update_tracking(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
    Json(patch): Json<TrackingPatch>,
) -> ApiResult<Json<Tracking>> {
    let own = patch.rules.as_deref().map(rules::wanted).transpose()?;
    let limits = match patch.timing().is_any() {
        true => Some(state.plans().of(caller.tenant_id).await?),
        false => None,
    };
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let known = store::find(&tx, id, true).await?;
    if let Some(strategy) = &patch.strategy
        && !store::choose_strategy(&tx, known.listing_id, strategy).await?
    {
        return Err(ApiError::invalid(
            "strategy",
            "can only be changed where one was chosen when the product was tracked; \
             track the page's url anew with a strategy",
        ));
    }
    let timing = match &limits {
        Some(limits) => Some(retimed(&tx, &known, patch.timing(), limits).await?),
        None => None,
    };
    let change = Change {
        timing,
        tags: patch.tags.as_deref(),
        status: patch.status.map(Status::as_str),
    };
    let row = store::update(&tx, id, change).await?;
    if let Some(own) = &own {
        rules::replace(&tx, id, own).await?;
    }
    let head = store::head(&tx, row.listing_id).await?;
    let mut tracking = shown(&tx, row.clone(), &head).await?;
    let told = Told {
        row,
        head,
        shown: tracking.clone(),
    };
    tell(&tx, Happened::Updated, vec![told]).await?;
    tx.commit().await.map_err(database)?;
    states::fill(
        &state,
        caller.tenant_id,
        std::slice::from_mut(&mut tracking),
    )
    .await;
    Ok(Json(tracking))
}

/// Ends a tracking. The product disappears from the tenant's lists; its history stays for whoever watches it.
#[utoipa::path(delete, path = "/api/v1/trackings/{id}", tag = "trackings", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Ended"), WriteProblems))]
pub async fn delete_tracking(
    Shared(state): Shared<State>,
    auth::Write(caller): auth::Write,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let tx = TenantTx::begin(&state.pools().api, caller.tenant_id)
        .await
        .map_err(database)?;
    let mut row = store::find(&tx, id, true).await?;
    store::hold_family(&tx, row.listing_id).await?;
    let head = store::head(&tx, row.listing_id).await?;
    let shown = shown(&tx, row.clone(), &head).await?;
    store::delete(&tx, &row).await?;
    row.version += 1;
    tell(&tx, Happened::Deleted, vec![Told { row, head, shown }]).await?;
    tx.commit().await.map_err(database)?;
    state.answers().settle(&state.pools().system).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn retimed(
    tx: &TenantTx,
    known: &TrackingRow,
    change: timing::Change<'_>,
    limits: &Limits,
) -> ApiResult<Timing> {
    let head = store::head(tx, known.listing_id).await?;
    let source = head.source.parse().map_err(ApiError::internal)?;
    let about = connectors::about(source)
        .ok_or_else(|| ApiError::internal(format!("{} is no source", head.source)))?;
    change.applied(&known.timing(), about.usual, limits, Utc::now())
}

async fn shown(tx: &TenantTx, row: TrackingRow, head: &ListingHead) -> ApiResult<Tracking> {
    let rules = rules::of_trackings(tx, vec![row.id])
        .await?
        .remove(&row.id)
        .unwrap_or_default();
    Ok(row.shown(rules, head.strategy.clone()))
}
