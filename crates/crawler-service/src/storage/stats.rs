//! Numbers for metrics, and deleting what is old.

use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement;

/// A source's targets.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SourceCounts {
    /// The source.
    pub source: String,
    /// Due and not under way.
    pub due: i64,
    /// Under way.
    pub leased: i64,
}

/// Counts by source; sources without either are left out.
///
/// # Errors
/// When the statement fails.
pub async fn counts(tx: &SystemTx, now: DateTime<Utc>) -> Result<Vec<SourceCounts>, DbErr> {
    let sql = "select source, sum(due)::bigint as due, sum(leased)::bigint as leased from (
                   select source, count(*) as due, 0 as leased from crawl.target
                   where task_id is null and next_due_at <= $1 group by source
                   union all
                   select source, 0, count(*) from crawl.target where task_id is not null group by source
               ) as counts group by source";
    SourceCounts::find_by_statement(statement(sql, [now.into()]))
        .all(tx)
        .await
}

/// Deletes tasks that were finished before `before`.
///
/// # Errors
/// When the statement fails.
pub async fn delete_tasks(tx: &SystemTx, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "delete from crawl.task where finished_at < $1";
    Ok(tx
        .execute_raw(statement(sql, [before.into()]))
        .await?
        .rows_affected())
}
