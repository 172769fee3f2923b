//! Runs of monitors: claiming, leases, hits, ends.

use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::monitors::Key;
use super::statement;
use crate::rules::round::Next;

/// A monitor that is due.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Due {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// 1 high, 2 medium, 3 low.
    pub priority: i16,
    /// The trace of the request that made it due.
    pub traceparent: Option<String>,
}

/// A monitor that is running.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Running {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// Where it searches.
    pub source: String,
    /// How.
    pub kind: String,
    /// For what.
    pub term: String,
    /// Narrows a keyword search.
    pub category: Option<String>,
    /// Upper-case country code.
    pub marketplace: String,
    /// Enough hits.
    pub hits_limit: i32,
    /// Whether new hits are told of.
    pub alert: bool,
    /// How many hits it may track by itself.
    pub track_up_to: i32,
    /// For those.
    pub tags: Vec<String>,
    /// `None`: it runs on request alone.
    pub interval_seconds: Option<i32>,
    /// The lease's number.
    pub fence: i64,
    /// The run's number.
    pub round: i64,
    /// Failed tries of this run.
    pub attempts: i16,
    /// Runs that failed in a row.
    pub failures: i32,
    /// How often a worker began with it and did not tell how it went.
    pub openings: i16,
    /// The last good run.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// What it found.
    pub last_found: Option<i32>,
    /// The sync that waits for this run.
    pub sync_id: Option<Uuid>,
}

const COLUMNS: &str = "tenant_id, id, name, source, kind, term, category, marketplace, hits_limit, alert, \
                       track_up_to, tags, case when status = 'active' or sync_id is not null then interval_seconds end \
                       as interval_seconds, \
                       fence, round, attempts, failures, openings, last_ok_at, last_found, sync_id";

/// How a try of a run ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Which monitor.
    pub key: Key,
    /// What the rules say.
    pub next: Next,
    /// How it went.
    pub outcome: &'static str,
    /// For people.
    pub reason: Option<String>,
    /// Of a good run: how many were found, and how many there are in all.
    pub found: Option<(i32, Option<i64>)>,
    /// Openings that count against its next try.
    pub openings: i16,
}

/// Monitors of `source` that are running.
///
/// # Errors
/// When the statement fails.
pub async fn running(tx: &SystemTx, source: Source) -> Result<u32, DbErr> {
    let sql =
        "select count(*) as count from crawl.monitor where source = $1 and task_id is not null";
    let row = tx
        .query_one_raw(statement(sql, [source.as_str().into()]))
        .await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "count"))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Locks the monitors that are next, longest due first, leaving out those that another dispatcher is claiming.
///
/// # Errors
/// When the statement fails.
pub async fn due(
    tx: &SystemTx,
    source: Source,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Due>, DbErr> {
    let sql = "select tenant_id, id, priority, traceparent from crawl.monitor
               where source = $1 and task_id is null and next_due_at <= $2
               order by priority, next_due_at limit $3 for update skip locked";
    let values = [source.as_str().into(), now.into(), i64::from(limit).into()];
    Due::find_by_statement(statement(sql, values)).all(tx).await
}

/// The monitor that a task runs, locked; `None`: it ended, or is reported already.
///
/// # Errors
/// When the statement fails.
pub async fn lock_of(tx: &SystemTx, task_id: Uuid) -> Result<Option<Running>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor where task_id = $1 and deleted_at is null for update"
    );
    Running::find_by_statement(statement(&sql, [task_id.into()]))
        .one(tx)
        .await
}

/// Counts one more opening.
///
/// # Errors
/// When the statement fails.
pub async fn count_opening(tx: &SystemTx, task_id: Uuid) -> Result<(), DbErr> {
    let sql = "update crawl.monitor set openings = openings + 1 where task_id = $1";
    tx.execute_raw(statement(sql, [task_id.into()])).await?;
    Ok(())
}

/// Counts hits that were new; false: the lease is another's by now.
///
/// # Errors
/// When the statement fails.
pub async fn count_new(tx: &SystemTx, task_id: Uuid, fence: i64, new: i32) -> Result<bool, DbErr> {
    let sql = "update crawl.monitor set run_new = run_new + $3
               where task_id = $1 and fence = $2 and deleted_at is null";
    let counted = tx
        .execute_raw(statement(sql, [task_id.into(), fence.into(), new.into()]))
        .await?;
    Ok(counted.rows_affected() == 1)
}

/// Ends the lease of a locked monitor and sets when it is due next. A run that ended badly keeps what the last good
/// one found.
///
/// # Errors
/// When the statement fails.
pub async fn end(tx: &SystemTx, ended: Ended, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.monitor
               set task_id = null, round = $3, attempts = $4, failures = $5, openings = $7,
                   -- What lists a catalogue runs when a sync asks for it.
                   next_due_at = case when $11 and catalogue then null else $6 end,
                   sync_id = case when not $11 then sync_id end,
                   last_run_at = $8, last_outcome = $9, last_reason = $10,
                   traceparent = case when $11 then null else traceparent end,
                   priority = 2,
                   last_ok_at = case when $12 then $8 else last_ok_at end,
                   last_found = case when $12 then $13 else last_found end,
                   last_total = case when $12 then $14 else last_total end,
                   last_new = case when $12 then run_new else last_new end,
                   run_new = case when $11 then 0 else run_new end
               where tenant_id = $1 and id = $2";
    let (found, total) = ended.found.unwrap_or_default();
    let values = [
        ended.key.tenant_id.into(),
        ended.key.id.into(),
        ended.next.round.into(),
        ended.next.attempts.into(),
        ended.next.failures.into(),
        ended.next.due_at.into(),
        ended.openings.into(),
        now.into(),
        ended.outcome.into(),
        ended.reason.into(),
        ended.next.ended.into(),
        ended.found.is_some().into(),
        found.into(),
        total.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct EndedRow {
    tenant_id: Uuid,
    id: Uuid,
}

/// Deleted monitors that core has not forgotten for good: those deleted before `before`.
///
/// # Errors
/// When the statement fails.
pub async fn deleted(tx: &SystemTx, before: DateTime<Utc>, limit: u32) -> Result<Vec<Key>, DbErr> {
    let sql = "select tenant_id, id from crawl.monitor where deleted_at < $1 order by deleted_at limit $2";
    let rows =
        EndedRow::find_by_statement(statement(sql, [before.into(), i64::from(limit).into()]))
            .all(tx)
            .await?;
    let key = |row: EndedRow| Key {
        tenant_id: row.tenant_id,
        id: row.id,
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Deletes a monitor that core has forgotten.
///
/// # Errors
/// When the statement fails.
pub async fn forget(tx: &SystemTx, key: Key) -> Result<(), DbErr> {
    let sql =
        "delete from crawl.monitor where tenant_id = $1 and id = $2 and deleted_at is not null";
    tx.execute_raw(statement(sql, [key.tenant_id.into(), key.id.into()]))
        .await?;
    Ok(())
}
