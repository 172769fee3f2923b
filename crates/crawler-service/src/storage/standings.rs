//! For which tenants nothing is crawled, and how far their trackings follow that.

use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// Whether nothing is crawled for a tenant; until the transaction ends that stays so.
///
/// # Errors
/// When the statement fails.
pub async fn hold(tx: &SystemTx, tenant_id: Uuid) -> Result<bool, DbErr> {
    let sql = "select stopped from crawl.standing where tenant_id = $1 for share";
    let row = tx.query_one_raw(statement(sql, [tenant_id.into()])).await?;
    row.map_or(Ok(false), |row| row.try_get("", "stopped"))
}

/// Remembers how a tenant stands, unless a newer word of it is known.
///
/// # Errors
/// When the statement fails.
pub async fn learn(
    tx: &SystemTx,
    tenant_id: Uuid,
    stopped: bool,
    version: i64,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.standing as s (tenant_id, stopped, version) values ($1, $2, $3)
               on conflict (tenant_id) do update
                   set stopped = excluded.stopped, version = excluded.version, settled = false
                   where s.version < excluded.version";
    let values = [tenant_id.into(), stopped.into(), version.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// A tenant whose trackings do not follow yet.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Unsettled {
    /// The tenant.
    pub tenant_id: Uuid,
    /// Whether nothing is to be crawled for it.
    pub stopped: bool,
}

/// Locks one of those that nobody is at.
///
/// # Errors
/// When the statement fails.
pub async fn lock_unsettled(tx: &SystemTx) -> Result<Option<Unsettled>, DbErr> {
    let sql = "select tenant_id, stopped from crawl.standing where not settled
               order by tenant_id limit 1 for update skip locked";
    Unsettled::find_by_statement(statement(sql, []))
        .one(tx)
        .await
}

/// All follow.
///
/// # Errors
/// When the statement fails.
pub async fn mark_settled(tx: &SystemTx, tenant_id: Uuid) -> Result<(), DbErr> {
    let sql = "update crawl.standing set settled = true where tenant_id = $1";
    tx.execute_raw(statement(sql, [tenant_id.into()])).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Targets of trackings of the tenant that are not as its standing wants them, the lowest ids first.
///
/// # Errors
/// When the statement fails.
pub async fn to_change(tx: &SystemTx, of: Unsettled, limit: u32) -> Result<Vec<i64>, DbErr> {
    let sql = "select distinct target_id as id from crawl.tracking
               where tenant_id = $1 and ($2 and live or not $2 and asked and not live)
               order by id limit $3";
    let values = [of.tenant_id.into(), of.stopped.into(), limit.into()];
    let rows = IdRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Lets the tenant's trackings of these locked targets be as its standing wants them.
///
/// # Errors
/// When the statement fails.
pub async fn change(tx: &SystemTx, of: Unsettled, targets: Vec<i64>) -> Result<(), DbErr> {
    let sql = "update crawl.tracking set live = asked and not $2
               where tenant_id = $1 and target_id = any ($3) and live <> (asked and not $2)";
    let values = [of.tenant_id.into(), of.stopped.into(), targets.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct CrawlRow {
    id: Uuid,
}

/// One of the tenant's crawls that is under way.
///
/// # Errors
/// When the statement fails.
pub async fn running_crawl(tx: &SystemTx, tenant_id: Uuid) -> Result<Option<Uuid>, DbErr> {
    let sql = "select id from crawl.crawl where tenant_id = $1 and status = 'running' order by id limit 1";
    let row = CrawlRow::find_by_statement(statement(sql, [tenant_id.into()]))
        .one(tx)
        .await?;
    Ok(row.map(|row| row.id))
}
