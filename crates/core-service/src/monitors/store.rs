//! Hits of monitors, in sets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use db::outbox::NewEvent;
use db::{SystemTx, TenantTx};
use http_kit::ApiResult;
use sea_orm::FromQueryResult;
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::record::Monitor;
use crate::alerts::view::{self, Alert, AlertProduct, AlertRow};
use crate::error::database;
use crate::products::view::{COLUMNS, Product, ProductRow};
use crate::sql::{PgQuery, execute, fetch};
use crate::trackings::view::TrackingRow;

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

async fn ids(tx: &TenantTx, query: PgQuery<'_>) -> ApiResult<Vec<i64>> {
    let rows: Vec<Id> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Those of these listings that somebody has crawled: they were seen, and are looked at when due.
///
/// # Errors
/// When the database fails.
pub async fn crawled(tx: &SystemTx, listing_ids: Vec<i64>) -> ApiResult<BTreeSet<i64>> {
    let query = sqlx::query(
        "select s.listing_id as id from catalog.listing_state s
         where s.listing_id = any($1) and s.observed_at is not null
           and exists (select from catalog.tracking t
                       where t.listing_id = s.listing_id and t.deleted_at is null and t.status = 'active')",
    )
    .bind(listing_ids);
    let rows: Vec<Id> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A hit as it stands after this look.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Noted {
    listing_id: i64,
    /// The monitor never had it.
    pub new: bool,
    /// The monitor tracked it before, whatever became of that.
    pub tracked_before: bool,
}

/// Notes that a monitor found these listings.
///
/// # Errors
/// When the database fails.
pub async fn note(
    tx: &TenantTx,
    monitor_id: Uuid,
    listing_ids: &[i64],
    now: DateTime<Utc>,
) -> ApiResult<BTreeMap<i64, Noted>> {
    let query = sqlx::query(
        "insert into catalog.monitor_hit as h (tenant_id, monitor_id, listing_id, first_seen_at, last_seen_at)
         select $1, $2, n.id, $4, $4 from unnest($3::bigint[]) as n (id) order by n.id
         on conflict (tenant_id, monitor_id, listing_id) do update
         set last_seen_at = greatest(h.last_seen_at, excluded.last_seen_at)
         returning listing_id, (xmax = 0) as new, tracking_id is not null as tracked_before",
    )
    .bind(tx.tenant_id())
    .bind(monitor_id)
    .bind(listing_ids)
    .bind(now);
    let rows: Vec<Noted> = fetch(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(rows.into_iter().map(|row| (row.listing_id, row)).collect())
}

/// Raises `new_listing` for hits, once each; says what to tell the tenant.
///
/// # Errors
/// When the database fails.
pub async fn raise(
    tx: &TenantTx,
    monitor: &Monitor,
    listing_ids: &[i64],
    now: DateTime<Utc>,
) -> ApiResult<Vec<NewEvent>> {
    let mut connection = tx.sqlx().await;
    let sql = format!("select {COLUMNS} from catalog.product where id = any($1)");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(listing_ids);
    let rows: Vec<ProductRow> = fetch(&mut connection, query).await.map_err(database)?;
    let products: BTreeMap<i64, Product> = rows
        .into_iter()
        .map(|row| (row.id, Product::from(row)))
        .collect();
    let price = |id: &i64| -> Json {
        let price = products.get(id).and_then(|product| product.price.as_ref());
        price.map_or(Json::Null, |price| json!(price))
    };
    let sql = format!(
        "select {} from catalog.raise_new_listings($1, $2, $3, $4, $5, $6)",
        view::COLUMNS
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(
            listing_ids
                .iter()
                .map(|_| Uuid::now_v7())
                .collect::<Vec<_>>(),
        )
        .bind(listing_ids)
        .bind(listing_ids.iter().map(price).collect::<Vec<_>>())
        .bind(monitor.id)
        .bind(&monitor.name)
        .bind(now);
    let raised: Vec<AlertRow> = fetch(&mut connection, query).await.map_err(database)?;
    Ok(raised
        .into_iter()
        .map(|row| {
            let product = row.listing_id.and_then(|id| products.get(&id));
            let product = product.map(|product| AlertProduct {
                id: product.id,
                title: product.title.clone(),
                image_url: product.image_url.clone(),
            });
            Alert::of(row, product).raised(tx.tenant_id())
        })
        .collect())
}

/// How many live trackings a monitor made.
///
/// # Errors
/// When the database fails.
pub async fn tracked_by(tx: &TenantTx, monitor_id: Uuid) -> ApiResult<i64> {
    let query = sqlx::query(
        "select count(*) as id from catalog.monitor_hit h
         join catalog.tracking t on t.tenant_id = h.tenant_id and t.id = h.tracking_id and t.deleted_at is null
         where h.monitor_id = $1",
    )
    .bind(monitor_id);
    Ok(ids(tx, query).await?.into_iter().sum())
}

/// Those of these watched listings that the tenant does not track.
///
/// # Errors
/// When the database fails.
pub async fn untracked(tx: &TenantTx, listing_ids: &[i64]) -> ApiResult<BTreeSet<i64>> {
    let query =
        sqlx::query("select id from catalog.product where id = any($1) and tracking_id is null")
            .bind(listing_ids);
    Ok(ids(tx, query).await?.into_iter().collect())
}

/// Notes which trackings a monitor made.
///
/// # Errors
/// When the database fails.
pub async fn remember_trackings(
    tx: &TenantTx,
    monitor_id: Uuid,
    made: &[TrackingRow],
) -> ApiResult<()> {
    let query = sqlx::query(
        "update catalog.monitor_hit h set tracking_id = n.tracking_id
         from unnest($2::bigint[], $3::uuid[]) as n (listing_id, tracking_id)
         where h.monitor_id = $1 and h.listing_id = n.listing_id",
    )
    .bind(monitor_id)
    .bind(made.iter().map(|row| row.listing_id).collect::<Vec<_>>())
    .bind(made.iter().map(|row| row.id).collect::<Vec<_>>());
    execute(&mut *tx.sqlx().await, query)
        .await
        .map_err(database)?;
    Ok(())
}

/// Forgets a monitor's hits; says of which listings.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &TenantTx, monitor_id: Uuid) -> ApiResult<Vec<i64>> {
    let query = sqlx::query(
        "delete from catalog.monitor_hit where monitor_id = $1 returning listing_id as id",
    )
    .bind(monitor_id);
    ids(tx, query).await
}
