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
    /// In tasks under way.
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
                   select source, 0, sum(coalesce(held, items)) from crawl.task
                   where finished_at is null and monitor_id is null group by source
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

/// What one step of forgetting did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Crawls that are gone.
    pub crawls: u64,
    /// There may be more.
    pub more: bool,
}

/// Crawls looked at in one step.
const OLD_CRAWLS: i64 = 100;

/// Deletes up to `batch` targets of the oldest crawls that were over before `before`, and those of the crawls that have
/// no target left.
///
/// # Errors
/// When a statement fails.
pub async fn forget_crawls(
    tx: &SystemTx,
    before: DateTime<Utc>,
    batch: u32,
) -> Result<Forgotten, DbErr> {
    let targets = "delete from crawl.crawl_target where (tenant_id, crawl_id, target_id) in (
                       select t.tenant_id, t.crawl_id, t.target_id
                       from (select tenant_id, id from crawl.crawl where finished_at < $1
                             order by finished_at limit $2) k
                       join crawl.crawl_target t on t.tenant_id = k.tenant_id and t.crawl_id = k.id limit $3)";
    let values = [before.into(), OLD_CRAWLS.into(), i64::from(batch).into()];
    let targets = tx.execute_raw(statement(targets, values)).await?;
    let crawls = "delete from crawl.crawl where (tenant_id, id) in (
                      select k.tenant_id, k.id
                      from (select tenant_id, id from crawl.crawl where finished_at < $1
                            order by finished_at limit $2) k
                      where not exists (select from crawl.crawl_target t
                                        where t.tenant_id = k.tenant_id and t.crawl_id = k.id))";
    let crawls = tx
        .execute_raw(statement(crawls, [before.into(), OLD_CRAWLS.into()]))
        .await?
        .rows_affected();
    Ok(Forgotten {
        crawls,
        more: targets.rows_affected() >= u64::from(batch) || crawls >= OLD_CRAWLS.unsigned_abs(),
    })
}
