//! What paid runs cost, and whom.

use chrono::{DateTime, NaiveDate, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// A task, as far as its cost depends on it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Paid {
    /// Its source.
    pub source: String,
    /// Whose listings it fetched.
    pub owner_tenant_id: Option<Uuid>,
    /// Whose monitor it ran.
    pub monitor_tenant_id: Option<Uuid>,
    /// The listings it was made with.
    pub targets: Vec<i64>,
}

/// A run of an upstream.
#[derive(Debug, Clone)]
pub struct Run {
    /// The upstream's own id.
    pub run: String,
    /// Whom it ran for.
    pub task_id: Uuid,
    /// Millionths of a US dollar.
    pub micro_usd: i64,
    /// Results paid for.
    pub results: Option<i64>,
}

#[derive(FromQueryResult)]
struct TrackerRow {
    target_id: i64,
    tenant_id: Uuid,
}

/// What a source cost the tenant.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Spend {
    /// The source.
    pub source: String,
    /// Millionths of a US dollar.
    pub micro_usd: i64,
}

/// A task; `None`: unknown, or too old.
///
/// # Errors
/// When the statement fails.
pub async fn paid(tx: &SystemTx, task_id: Uuid) -> Result<Option<Paid>, DbErr> {
    let sql =
        "select source, owner_tenant_id, monitor_tenant_id, targets from crawl.task where id = $1";
    Paid::find_by_statement(statement(sql, [task_id.into()]))
        .one(tx)
        .await
}

/// Stores a run; false: it is known.
///
/// # Errors
/// When the statement fails.
pub async fn store(tx: &SystemTx, paid: &Paid, run: &Run, day: NaiveDate) -> Result<bool, DbErr> {
    let sql = "insert into crawl.run_cost (source, run, task_id, owner_tenant_id, micro_usd, results, day)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (source, run) do nothing";
    let values = [
        paid.source.as_str().into(),
        run.run.as_str().into(),
        run.task_id.into(),
        paid.owner_tenant_id.or(paid.monitor_tenant_id).into(),
        run.micro_usd.into(),
        run.results.into(),
        day.into(),
    ];
    let stored = tx.execute_raw(statement(sql, values)).await?;
    Ok(stored.rows_affected() == 1)
}

/// The tenants that track each of the listings, in the listings' order.
///
/// # Errors
/// When the statement fails.
pub async fn trackers(tx: &SystemTx, targets: &[i64]) -> Result<Vec<Vec<Uuid>>, DbErr> {
    let sql = "select distinct target_id, tenant_id from crawl.tracking
               where target_id = any ($1) and live order by target_id, tenant_id";
    let rows = TrackerRow::find_by_statement(statement(sql, [targets.to_vec().into()]))
        .all(tx)
        .await?;
    let mut by_target: std::collections::HashMap<i64, Vec<Uuid>> = std::collections::HashMap::new();
    for row in rows {
        by_target
            .entry(row.target_id)
            .or_default()
            .push(row.tenant_id);
    }
    Ok(targets
        .iter()
        .map(|id| by_target.remove(id).unwrap_or_default())
        .collect())
}

/// Adds to a tenant's spend of a day.
///
/// # Errors
/// When the statement fails.
pub async fn charge(
    tx: &SystemTx,
    tenant_id: Uuid,
    source: &str,
    day: NaiveDate,
    micro_usd: i64,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.spend as s (tenant_id, source, day, micro_usd) values ($1, $2, $3, $4)
               on conflict (tenant_id, source, day) do update set micro_usd = s.micro_usd + excluded.micro_usd";
    let values = [
        tenant_id.into(),
        source.into(),
        day.into(),
        micro_usd.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// What each source cost the tenant since the month of `now` began.
///
/// # Errors
/// When the statement fails.
pub async fn this_month(tx: &TenantTx, now: DateTime<Utc>) -> Result<Vec<Spend>, DbErr> {
    let sql = "select source, sum(micro_usd)::bigint as micro_usd from crawl.spend
               where tenant_id = $1 and day >= date_trunc('month', $2::date) group by source";
    let values = [tx.tenant_id().into(), now.date_naive().into()];
    Spend::find_by_statement(statement(sql, values))
        .all(tx)
        .await
}
