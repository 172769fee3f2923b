//! Counters of what tenants use.

use chrono::{DateTime, NaiveDate, Utc};
use db::TenantTx;
use db::outbox::{self, NewEvent, Schema};
use domain::quota::Told;
use http_kit::{ApiError, ApiResult};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::month;
use crate::error::database;
use crate::sql::statement;

#[derive(FromQueryResult)]
struct HeldRow {
    tracked_products: i32,
    told_percent: i16,
    told_allowed: i64,
    told_period: Option<NaiveDate>,
}

/// Locks the tenant's counter, making it where there is none; how many products it tracks, and what it was told of that.
pub async fn hold(tx: &TenantTx) -> ApiResult<(u64, Told)> {
    let hold = "insert into catalog.usage as u (tenant_id) values ($1)
                on conflict (tenant_id) do update set tracked_products = u.tracked_products
                returning tracked_products, told_percent, told_allowed, told_period";
    let row = HeldRow::find_by_statement(statement(hold, [tx.tenant_id().into()]))
        .one(tx)
        .await
        .map_err(database)?;
    let row = row.ok_or_else(|| ApiError::internal("the counter of a tenant cannot be held"))?;
    let told = Told {
        percent: u8::try_from(row.told_percent).unwrap_or(0),
        allowed: row.told_allowed.unsigned_abs(),
        period: row.told_period,
    };
    Ok((row.tracked_products.unsigned_abs().into(), told))
}

/// Remembers what the tenant is told of the products it tracks.
pub async fn remember(tx: &TenantTx, told: Told) -> ApiResult<()> {
    let sql = "update catalog.usage set told_percent = $2, told_allowed = $3, told_period = $4 where tenant_id = $1";
    let values = [
        tx.tenant_id().into(),
        i16::from(told.percent).into(),
        i64::try_from(told.allowed).unwrap_or(i64::MAX).into(),
        told.period.into(),
    ];
    tx.execute_raw(statement(sql, values))
        .await
        .map_err(database)?;
    Ok(())
}

/// Appends an event in the transaction that makes it true.
pub async fn tell(tx: &TenantTx, event: NewEvent) -> ApiResult<()> {
    outbox::append(&mut *tx.sqlx().await, Schema::Catalog, vec![event])
        .await
        .map_err(database)
}

/// What a tenant uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Usage {
    /// Products that it tracks.
    pub tracked_products: i64,
    /// What its texts cost this month.
    pub llm_tokens: i64,
}

impl Usage {
    /// As counted now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(tx: &TenantTx, now: DateTime<Utc>) -> ApiResult<Self> {
        let sql = "select coalesce((select tracked_products from catalog.usage where tenant_id = $1), 0)::bigint
                              as tracked_products,
                          coalesce((select tokens from catalog.llm_use where tenant_id = $1 and month = $2), 0)
                              as llm_tokens";
        let values = [tx.tenant_id().into(), month(now).into()];
        let usage = Self::find_by_statement(statement(sql, values))
            .one(tx)
            .await;
        let usage = usage.map_err(database)?;
        usage.ok_or_else(|| ApiError::internal("counters cannot be read"))
    }
}
