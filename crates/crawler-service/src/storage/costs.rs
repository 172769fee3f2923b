//! What paid runs cost, and whom.

use std::collections::{BTreeMap, HashMap};

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
    /// Whose listings it fetched, or who asked at once.
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
    let mut by_target: HashMap<i64, Vec<Uuid>> = HashMap::new();
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

/// Stores a task that ended before it began, of which only the cost is told.
///
/// # Errors
/// When the statement fails.
pub async fn open(
    tx: &SystemTx,
    id: Uuid,
    tenant_id: Uuid,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.task (id, source, priority, items, owner_tenant_id, created_at, lease_until, finished_at)
               values ($1, $2, 1, 0, $3, $4, $4, $4)";
    let values = [id.into(), source.into(), tenant_id.into(), now.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Adds to what a source cost tenants on a day.
///
/// # Errors
/// When the statement fails.
pub async fn charge(
    tx: &SystemTx,
    source: &str,
    day: NaiveDate,
    shares: BTreeMap<Uuid, i64>,
) -> Result<(), DbErr> {
    let (tenants, parts): (Vec<Uuid>, Vec<i64>) = shares.into_iter().unzip();
    // In the order of tenants, as everybody who charges several.
    let sql = "insert into crawl.spend as s (tenant_id, source, day, micro_usd)
               select u.tenant_id, $1, $2, u.micro_usd
               from unnest($3::uuid[], $4::bigint[]) as u (tenant_id, micro_usd) order by u.tenant_id
               on conflict (tenant_id, source, day) do update set micro_usd = s.micro_usd + excluded.micro_usd";
    let values = [source.into(), day.into(), tenants.into(), parts.into()];
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
