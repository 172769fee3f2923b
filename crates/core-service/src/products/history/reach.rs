//! How far back a reader sees, and what there is of that.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveTime, Utc};
use db::TenantTx;
use http_kit::ApiResult;
use sea_orm::FromQueryResult;
use sea_orm::sqlx;
use uuid::Uuid;

use crate::State;
use crate::error::database;
use crate::sql::fetch;

/// The first instant that a tenant's plan shows: the beginning of a day, so that an answer stays the same until the next.
///
/// # Errors
/// 503 while nobody can say what the plan allows.
pub async fn shown_from(
    state: &State,
    tenant: Uuid,
    now: DateTime<Utc>,
) -> ApiResult<DateTime<Utc>> {
    let limits = state.plans().of(tenant).await?;
    let days = Days::new(limits.retention_days.into());
    let day = now.date_naive().checked_sub_days(days);
    // There is no history before this.
    Ok(day.map_or(DateTime::UNIX_EPOCH, |day| {
        day.and_time(NaiveTime::MIN).and_utc()
    }))
}

/// What is known of watched products before their histories are read.
#[derive(Debug, Default)]
pub struct Watched {
    /// By product: the newest look, if there was one, and since when it is watched.
    pub products: BTreeMap<i64, (Option<DateTime<Utc>>, DateTime<Utc>)>,
    /// Looks before this are gone, and days stand for them.
    pub raw_from: Option<DateTime<Utc>>,
}

/// Those of the products that the tenant watches.
///
/// # Errors
/// When the database fails.
pub async fn watched(tx: &TenantTx, ids: &[i64]) -> ApiResult<Watched> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        observed_at: Option<DateTime<Utc>>,
        watched_at: DateTime<Utc>,
        raw_from: Option<DateTime<Utc>>,
    }
    let query = sqlx::query(
        "select p.id, p.observed_at, p.watched_at, (select raw_from from catalog.product_kept) as raw_from
         from catalog.product p where p.id = any($1)",
    );
    let rows: Vec<Row> = fetch(&mut *tx.sqlx().await, query.bind(ids))
        .await
        .map_err(database)?;
    let raw_from = rows.first().and_then(|row| row.raw_from);
    let products = rows.into_iter();
    Ok(Watched {
        products: products
            .map(|row| (row.id, (row.observed_at, row.watched_at)))
            .collect(),
        raw_from,
    })
}

/// Those of the products that were looked at before an instant. Parameters: products; the instant.
pub const OLDER: &str = "select l.id from unnest($1::bigint[]) as l (id)
    where exists (select from catalog.product_history h where h.listing_id = l.id and h.observed_at < $2)
       or exists (select from catalog.product_day d where d.listing_id = l.id and d.first_at < $2
                  and d.day <= ($2::timestamptz at time zone 'UTC')::date)";

/// Reads [`OLDER`].
///
/// # Errors
/// When the database fails.
pub async fn older(tx: &TenantTx, ids: &[i64], than: DateTime<Utc>) -> ApiResult<BTreeSet<i64>> {
    let query = sqlx::query_scalar(OLDER);
    let found: Result<Vec<i64>, _> = query
        .bind(ids)
        .bind(than)
        .fetch_all(&mut *tx.sqlx().await)
        .await;
    let found = found.map_err(db::query_error).map_err(database)?;
    Ok(found.into_iter().collect())
}
