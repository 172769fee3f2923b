//! Trackings and what hangs on them, in the tenant's own transaction.

use std::collections::HashMap;

use db::TenantTx;
use domain::listing::ListingRef;
use domain::schedule::Spec;
use http_kit::{ApiError, ApiResult};
use sea_orm::sqlx::types::Json;
use sea_orm::sqlx::{self, Row};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::timing::Timing;
use super::view::TrackingRow;
use crate::error::database;
use crate::sql::{execute, statement};

/// The columns of [`TrackingRow`].
pub const COLUMNS: &str = "id, listing_id, interval_seconds, schedule, adaptive, low_stock_seconds, least_seconds, \
                           tags, status, version, created_at";

/// One live tracking, locked when it is about to change.
///
/// # Errors
/// The same 404 for an unknown tracking and another tenant's.
pub async fn find(tx: &TenantTx, id: Uuid, for_update: bool) -> ApiResult<TrackingRow> {
    // Weak enough for the foreign keys of alerts that ingest is just writing.
    let lock = if for_update { "for no key update" } else { "" };
    let sql = format!(
        "select {COLUMNS} from catalog.tracking where id = $1 and deleted_at is null {lock}"
    );
    one(tx, sql, [id.into()])
        .await?
        .ok_or_else(ApiError::not_found)
}

/// The tenant's live tracking of a listing.
///
/// # Errors
/// When the database fails.
pub async fn of_listing(tx: &TenantTx, listing_id: i64) -> ApiResult<Option<TrackingRow>> {
    let sql = format!(
        "select {COLUMNS} from catalog.tracking where listing_id = $1 and deleted_at is null"
    );
    one(tx, sql, [listing_id.into()]).await
}

async fn one<const N: usize>(
    tx: &TenantTx,
    sql: String,
    values: [sea_orm::Value; N],
) -> ApiResult<Option<TrackingRow>> {
    TrackingRow::find_by_statement(statement(sql, values))
        .one(tx)
        .await
        .map_err(database)
}

/// A listing by name: what there is of it before it is found or made.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name.
    pub listing: ListingRef,
    /// Its page; empty when it has none.
    pub url: String,
    /// Whether it is the tenant's own.
    pub owned: bool,
}

/// Finds or makes listings; their ids in the order of the names, each of which stands there once.
///
/// # Errors
/// When the database fails.
pub async fn resolve_listings(tx: &TenantTx, named: &[Named]) -> ApiResult<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Resolved {
        place: i64,
        listing_id: i64,
    }
    let text = |pick: fn(&Named) -> &str| named.iter().map(pick).map(str::to_owned).collect();
    let (sources, marketplaces): (Vec<String>, Vec<String>) = (
        text(|named| named.listing.source.as_str()),
        text(|named| &named.listing.marketplace),
    );
    let (ids, urls): (Vec<String>, Vec<String>) = (
        text(|named| &named.listing.external_id),
        text(|named| &named.url),
    );
    let query =
        sqlx::query("select place, listing_id from catalog.resolve_listings($1, $2, $3, $4, $5)")
            .bind(sources)
            .bind(marketplaces)
            .bind(ids)
            .bind(urls)
            .bind(named.iter().map(|named| named.owned).collect::<Vec<_>>());
    let mut rows: Vec<Resolved> = crate::sql::fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    rows.sort_by_key(|row| row.place);
    if rows.len() != named.len() {
        let (found, asked) = (rows.len(), named.len());
        return Err(ApiError::internal(format!(
            "{found} of {asked} listings resolved"
        )));
    }
    Ok(rows.into_iter().map(|row| row.listing_id).collect())
}

/// The tenant's own listing of a name, if it tracks one: what a person chose about reading a page is remembered.
///
/// # Errors
/// When the database fails.
pub async fn own_tracked(tx: &TenantTx, listing: &ListingRef) -> ApiResult<Option<i64>> {
    let query = sqlx::query("select catalog.own_tracked_listing($1, $2, $3)")
        .bind(listing.source.as_str())
        .bind(&listing.marketplace)
        .bind(&listing.external_id);
    let row = query
        .fetch_one(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
        .map_err(database)?;
    row.try_get(0).map_err(ApiError::internal)
}

/// Notes how the tenant wants its own listing read; false when the listing is not its own.
///
/// # Errors
/// When the database fails.
pub async fn choose_strategy(tx: &TenantTx, listing_id: i64, strategy: &str) -> ApiResult<bool> {
    let query = sqlx::query("select catalog.choose_strategy($1, $2)")
        .bind(listing_id)
        .bind(strategy);
    let row = query
        .fetch_one(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
        .map_err(database)?;
    row.try_get(0).map_err(ApiError::internal)
}

/// Holds the listing's family until the transaction ends, so that making and ending trackings of it do not decide by
/// rows that are just changing what is still watched.
///
/// # Errors
/// When the database fails.
pub async fn hold_family(tx: &TenantTx, listing_id: i64) -> ApiResult<()> {
    tx.execute_raw(statement(
        "select catalog.hold_family($1)",
        [listing_id.into()],
    ))
    .await
    .map_err(database)?;
    Ok(())
}

/// Holds all the tenant's watches until the transaction ends: as [`hold_family`], for many families at once.
///
/// # Errors
/// When the database fails.
pub async fn hold_watches(tx: &TenantTx) -> ApiResult<()> {
    tx.execute_raw(statement("select catalog.hold_watches()", []))
        .await
        .map_err(database)?;
    Ok(())
}

/// Lets the tenant watch listings and their known variants, whose families are held.
///
/// # Errors
/// When the database fails.
pub async fn watch(tx: &TenantTx, listing_ids: &[i64], read_live: bool) -> ApiResult<()> {
    let mut connection = tx.sqlx().await;
    let watch = sqlx::query(
        "insert into catalog.watch as w (tenant_id, listing_id, read_live)
         select $1, n.id, $3 from unnest($2::bigint[]) as n (id) order by n.id
         on conflict (tenant_id, listing_id) do update set read_live = true where excluded.read_live and not w.read_live",
    )
    .bind(tx.tenant_id())
    .bind(listing_ids)
    .bind(read_live);
    execute(&mut connection, watch).await.map_err(database)?;
    let variants = sqlx::query("select catalog.watch_variants($1)").bind(listing_ids);
    execute(&mut connection, variants).await.map_err(database)?;
    Ok(())
}

/// A tracking to make.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// The product.
    pub listing_id: i64,
    /// When it is looked at.
    pub timing: Timing,
}

/// Makes trackings with the same tags of listings that are watched. Those that another request made first are left out.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &TenantTx, new: &[NewRow], tags: &[String]) -> ApiResult<Vec<TrackingRow>> {
    let timings = || new.iter().map(|row| &row.timing);
    let schedules: Vec<Option<Json<&Spec>>> = timings()
        .map(|timing| timing.schedule.as_ref().map(Json))
        .collect();
    let sql = format!(
        "insert into catalog.tracking
             (tenant_id, id, listing_id, tags, interval_seconds, schedule, adaptive, low_stock_seconds, least_seconds)
         select $1, n.id, n.listing_id, $2, n.interval_seconds, n.schedule, n.adaptive, n.low_stock, n.least
         from unnest($3::uuid[], $4::bigint[], $5::integer[], $6::jsonb[], $7::boolean[], $8::integer[], $9::integer[])
             as n (id, listing_id, interval_seconds, schedule, adaptive, low_stock, least)
         order by n.listing_id
         on conflict (tenant_id, listing_id) where deleted_at is null do nothing
         returning {COLUMNS}"
    );
    let insert = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tx.tenant_id())
        .bind(tags)
        .bind(new.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.listing_id).collect::<Vec<_>>())
        .bind(
            timings()
                .map(|timing| timing.interval_seconds)
                .collect::<Vec<_>>(),
        )
        .bind(schedules)
        .bind(timings().map(|timing| timing.adaptive).collect::<Vec<_>>())
        .bind(
            timings()
                .map(|timing| timing.low_stock_seconds)
                .collect::<Vec<_>>(),
        )
        .bind(
            timings()
                .map(|timing| timing.least_seconds)
                .collect::<Vec<_>>(),
        );
    crate::sql::fetch(&mut *tx.sqlx().await, insert)
        .await
        .map_err(database)
}

/// What of a tracking changes; `None` leaves it.
#[derive(Debug, Default)]
pub struct Change<'a> {
    /// When it is looked at.
    pub timing: Option<Timing>,
    /// Free words.
    pub tags: Option<&'a [String]>,
    /// `active` or `paused`.
    pub status: Option<&'static str>,
}

/// Changes a tracking and counts its version up. Where that lets it go on after a pause, or other rules apply to it, what
/// is true already is told at the next look.
///
/// # Errors
/// When the database fails.
pub async fn update(tx: &TenantTx, id: Uuid, change: Change<'_>) -> ApiResult<TrackingRow> {
    let mut connection = tx.sqlx().await;
    let timing = change.timing.as_ref();
    let schedule = timing.and_then(|timing| timing.schedule.as_ref());
    let sql = format!(
        "update catalog.tracking
         set interval_seconds = coalesce($2, interval_seconds), tags = coalesce($3, tags),
             status = coalesce($4, status), version = version + 1, updated_at = now(),
             schedule = case when $2 is null then schedule else $5 end, adaptive = coalesce($6, adaptive),
             low_stock_seconds = case when $2 is null then low_stock_seconds else $7 end,
             least_seconds = coalesce($8, least_seconds),
             rules_since = case
                 when $4 = 'active' and status <> 'active' then now()
                 when exists (select from catalog.alert_rule r
                              where r.tracking_id is null and r.deleted_at is null
                                and (r.tag = any($3)) is distinct from (r.tag = any(tags))
                                and $3 is not null and r.tag is not null) then now()
                 else rules_since end
         where id = $1
         returning {COLUMNS}"
    );
    let update = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(timing.map(|timing| timing.interval_seconds))
        .bind(change.tags)
        .bind(change.status)
        .bind(schedule.map(Json))
        .bind(timing.map(|timing| timing.adaptive))
        .bind(timing.and_then(|timing| timing.low_stock_seconds))
        .bind(timing.map(|timing| timing.least_seconds));
    let rows: Vec<TrackingRow> = crate::sql::fetch(&mut connection, update)
        .await
        .map_err(database)?;
    rows.into_iter().next().ok_or_else(ApiError::not_found)
}

/// Ends a tracking of a family that is held, its rules, and the watches that nothing else needs. Its history and alerts
/// stay.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &TenantTx, row: &TrackingRow) -> ApiResult<()> {
    for sql in [
        "update catalog.tracking set deleted_at = now(), version = version + 1 where id = $1",
        "update catalog.alert_rule set deleted_at = now() where tracking_id = $1 and deleted_at is null",
    ] {
        tx.execute_raw(statement(sql, [row.id.into()]))
            .await
            .map_err(database)?;
    }
    drop_idle_watches(tx, &[row.listing_id]).await
}

/// Ends the watches of these listings and their variants that nothing needs: no tracking of it or its parent, no hit of
/// a monitor, no live read.
///
/// # Errors
/// When the database fails.
pub async fn drop_idle_watches(tx: &TenantTx, listing_ids: &[i64]) -> ApiResult<()> {
    let delete = sqlx::query(
        "with family as (
             select id, parent_id, tracking_id, read_live from catalog.product where id = any($1)
             union
             select id, parent_id, tracking_id, read_live from catalog.product where parent_id = any($1)
         )
         delete from catalog.watch where listing_id in (
             select f.id from family f
             where f.tracking_id is null and not f.read_live
               and not exists (select from catalog.product parent
                               where parent.id = f.parent_id
                                 and (parent.tracking_id is not null or parent.read_live))
               and not exists (select from catalog.monitor_hit h where h.listing_id = f.id)
               and not exists (select from catalog.monitor_hit h where h.listing_id = f.parent_id))",
    );
    execute(&mut *tx.sqlx().await, delete.bind(listing_ids))
        .await
        .map_err(database)?;
    Ok(())
}

/// What events and crawls need to know of a listing.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ListingHead {
    /// The listing.
    pub id: i64,
    /// Where it is listed.
    pub source: String,
    /// ISO 3166.
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// The page; empty when it has none.
    pub url: String,
    /// Whose it is, when not everybody's.
    pub owner_tenant_id: Option<Uuid>,
    /// How its owner wants it read.
    pub strategy: Option<String>,
}

/// The heads of watched listings, by id.
///
/// # Errors
/// When the database fails.
pub async fn heads(tx: &TenantTx, listing_ids: Vec<i64>) -> ApiResult<HashMap<i64, ListingHead>> {
    let heads = ListingHead::find_by_statement(statement(
        "select id, source, marketplace, external_id, url, owner_tenant_id, strategy
         from catalog.product where id = any($1)",
        [listing_ids.into()],
    ))
    .all(tx)
    .await
    .map_err(database)?;
    Ok(heads.into_iter().map(|head| (head.id, head)).collect())
}

/// The head of one watched listing.
///
/// # Errors
/// 404 when the tenant does not watch it; when the database fails.
pub async fn head(tx: &TenantTx, listing_id: i64) -> ApiResult<ListingHead> {
    heads(tx, vec![listing_id])
        .await?
        .remove(&listing_id)
        .ok_or_else(ApiError::not_found)
}
