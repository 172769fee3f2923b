//! Erasing what is a tenant's, in parts. Each function says how many rows went; what belongs to no tenant alone stays.

use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// Rows of one statement at most.
const MOST: i64 = 2_000;

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Targets that the tenant tracks, or did, the lowest ids first.
///
/// # Errors
/// When the statement fails.
pub async fn tracked(tx: &SystemTx, tenant_id: Uuid, limit: u32) -> Result<Vec<i64>, DbErr> {
    let sql = "select distinct target_id as id from crawl.tracking where tenant_id = $1 order by id limit $2";
    let values = [tenant_id.into(), i64::from(limit).into()];
    let rows = IdRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Forgets the tenant's trackings of these locked targets.
///
/// # Errors
/// When the statement fails.
pub async fn forget_trackings(
    tx: &SystemTx,
    tenant_id: Uuid,
    targets: Vec<i64>,
) -> Result<u64, DbErr> {
    let sql = "delete from crawl.tracking where tenant_id = $1 and target_id = any ($2)";
    let deleted = tx.execute_raw(statement(sql, [tenant_id.into(), targets.into()]));
    Ok(deleted.await?.rows_affected())
}

/// What nobody asks for as a table of tenants: its own targets, its name where it pays, its tasks, and what its runs cost.
/// One of them after the other, as long as there is any.
///
/// # Errors
/// When a statement fails.
pub async fn forget_rest(tx: &SystemTx, tenant_id: Uuid) -> Result<u64, DbErr> {
    for sql in [
        "delete from crawl.target where id in (
             select id from crawl.target where owner_tenant_id = $1 order by id limit $2 for update)",
        "update crawl.target set payer_id = '00000000-0000-0000-0000-000000000000' where id in (
             select id from crawl.target where payer_id = $1 order by id limit $2 for update)",
        "delete from crawl.task where id in (
             select id from crawl.task where owner_tenant_id = $1 or monitor_tenant_id = $1 limit $2)",
        "delete from crawl.run_cost where (source, run) in (
             select source, run from crawl.run_cost where owner_tenant_id = $1 limit $2)",
    ] {
        let values = [tenant_id.into(), MOST.into()];
        let gone = tx.execute_raw(statement(sql, values)).await?;
        if gone.rows_affected() > 0 {
            return Ok(gone.rows_affected());
        }
    }
    Ok(0)
}
