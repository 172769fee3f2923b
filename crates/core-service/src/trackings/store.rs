//! Trackings and what hangs on them, in the tenant's own transaction.

use db::TenantTx;
use domain::listing::ListingRef;
use http_kit::{ApiError, ApiResult};
use sea_orm::sqlx::{self, Row};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::view::TrackingRow;
use crate::error::database;
use crate::sql::{execute, statement};

/// The columns of [`TrackingRow`].
pub const COLUMNS: &str = "id, listing_id, interval_seconds, tags, status, version, created_at";

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

/// Finds or makes the listing.
///
/// # Errors
/// When the database fails.
pub async fn resolve_listing(tx: &TenantTx, listing: &ListingRef, url: &str) -> ApiResult<i64> {
    let mut connection = tx.sqlx().await;
    let row = sqlx::query("select catalog.resolve_listing($1, $2, $3, $4)")
        .bind(listing.source.as_str())
        .bind(&listing.marketplace)
        .bind(&listing.external_id)
        .bind(url)
        .fetch_one(&mut *connection)
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

/// A tracking to make.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// The product.
    pub listing_id: i64,
    /// Seconds.
    pub interval_seconds: i32,
    /// Free words.
    pub tags: &'a [String],
}

/// Makes a tracking and its watches, those of known variants included, of a family that is held. `None` when another
/// request made one first.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &TenantTx, new: NewRow<'_>) -> ApiResult<Option<TrackingRow>> {
    let mut connection = tx.sqlx().await;
    let insert = sqlx::query(
        "insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds, tags)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, listing_id) where deleted_at is null do nothing
         returning id, listing_id, interval_seconds, tags, status, version, created_at",
    )
    .bind(tx.tenant_id())
    .bind(Uuid::now_v7())
    .bind(new.listing_id)
    .bind(new.interval_seconds)
    .bind(new.tags);
    let made: Vec<TrackingRow> = crate::sql::fetch(&mut connection, insert)
        .await
        .map_err(database)?;
    let Some(made) = made.into_iter().next() else {
        return Ok(None);
    };
    let watch = sqlx::query(
        "insert into catalog.watch (tenant_id, listing_id) values ($1, $2) on conflict do nothing",
    );
    execute(
        &mut connection,
        watch.bind(tx.tenant_id()).bind(new.listing_id),
    )
    .await
    .map_err(database)?;
    let variants = sqlx::query("select catalog.watch_variants($1)").bind(new.listing_id);
    execute(&mut connection, variants).await.map_err(database)?;
    Ok(Some(made))
}

/// What of a tracking changes; `None` leaves it.
#[derive(Debug, Default)]
pub struct Change<'a> {
    /// Seconds.
    pub interval_seconds: Option<i32>,
    /// Free words.
    pub tags: Option<&'a [String]>,
    /// `active` or `paused`.
    pub status: Option<&'static str>,
}

/// Changes a tracking and counts its version up.
///
/// # Errors
/// When the database fails.
pub async fn update(tx: &TenantTx, id: Uuid, change: Change<'_>) -> ApiResult<TrackingRow> {
    let mut connection = tx.sqlx().await;
    let update = sqlx::query(
        "update catalog.tracking
         set interval_seconds = coalesce($2, interval_seconds), tags = coalesce($3, tags),
             status = coalesce($4, status), version = version + 1, updated_at = now()
         where id = $1
         returning id, listing_id, interval_seconds, tags, status, version, created_at",
    )
    .bind(id)
    .bind(change.interval_seconds)
    .bind(change.tags)
    .bind(change.status);
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
    tx.execute_raw(statement(
        "delete from catalog.watch where listing_id in (
             select p.id from catalog.product p
             where (p.id = $1 or p.parent_id = $1) and p.tracking_id is null
               and not exists (select from catalog.product parent
                               where parent.id = p.parent_id and parent.tracking_id is not null))",
        [row.listing_id.into()],
    ))
    .await
    .map_err(database)?;
    Ok(())
}

/// What events and crawls need to know of a listing.
#[derive(Debug, FromQueryResult)]
pub struct ListingHead {
    /// Where it is listed.
    pub source: String,
    /// ISO 3166.
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// The page.
    pub url: String,
}

/// The head of a watched listing.
///
/// # Errors
/// When the database fails.
pub async fn head(tx: &TenantTx, listing_id: i64) -> ApiResult<ListingHead> {
    ListingHead::find_by_statement(statement(
        "select source, marketplace, external_id, url from catalog.product where id = $1",
        [listing_id.into()],
    ))
    .one(tx)
    .await
    .map_err(database)?
    .ok_or_else(ApiError::not_found)
}
