//! Runs of monitors: claiming, leases, hits, ends.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::monitors::Key;
use super::statement;
use crate::rules::priority;
use crate::rules::round::Next;
use crate::rules::window::PerPriority;

/// A monitor that is due.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Due {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
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
    /// Hits that were new to it in this run.
    pub run_new: i32,
    /// Whether it stands for rounds, which ask for it, and never runs by the clock.
    pub of_round: bool,
}

const COLUMNS: &str = "tenant_id, id, name, source, kind, term, category, marketplace, hits_limit, alert, \
                       track_up_to, tags, \
                       case when status = 'active' or origin = 'round' or sync_id is not null then interval_seconds \
                       end as interval_seconds, \
                       fence, round, attempts, failures, openings, last_ok_at, last_found, sync_id, run_new, \
                       origin = 'round' as of_round";

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

#[derive(FromQueryResult)]
struct CountRow {
    priority: i16,
    count: i64,
}

/// Monitors of `source` that are running.
///
/// # Errors
/// When the statement fails.
pub async fn running(tx: &SystemTx, source: Source) -> Result<PerPriority, DbErr> {
    let sql = "select priority, count(*) as count from crawl.monitor
               where source = $1 and task_id is not null group by priority";
    let rows = CountRow::find_by_statement(statement(sql, [source.as_str().into()]))
        .all(tx)
        .await?;
    let mut running = PerPriority::default();
    for row in rows {
        let count = u32::try_from(row.count).unwrap_or(u32::MAX);
        running.add(priority::of_number(row.priority), count);
    }
    Ok(running)
}

/// Locks the monitors of each tenant that are next, longest due first and at most its share, leaving out those that are
/// locked otherwise, and `known`, which this transaction has locked already.
///
/// # Errors
/// When the statement fails.
pub async fn due_of(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    now: DateTime<Utc>,
    shares: &[(Uuid, u32)],
    known: Vec<Uuid>,
) -> Result<Vec<Due>, DbErr> {
    let sql = "select m.tenant_id, m.id, m.traceparent
               from unnest($4::uuid[], $5::bigint[]) as u (tenant_id, share)
               cross join lateral (
                   select d.tenant_id, d.id, d.traceparent from crawl.monitor d
                   where d.source = $1 and d.priority = $2 and d.tenant_id = u.tenant_id
                     and d.task_id is null and d.next_due_at <= $3 and d.id <> all ($6)
                   order by d.next_due_at limit u.share for update skip locked
               ) m";
    let tenants: Vec<Uuid> = shares.iter().map(|(tenant, _)| *tenant).collect();
    let limits: Vec<i64> = shares.iter().map(|(_, share)| (*share).into()).collect();
    let values = [
        source.as_str().into(),
        priority::number(priority).into(),
        now.into(),
        tenants.into(),
        limits.into(),
        known.into(),
    ];
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

/// Counts one more opening. From the first one on the task is not taken over.
///
/// # Errors
/// When the statement fails.
pub async fn count_opening(tx: &SystemTx, task_id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "with opened as (
                   update crawl.monitor set openings = openings + 1 where task_id = $1
               )
               update crawl.task set opened_at = $2 where id = $1 and opened_at is null";
    tx.execute_raw(statement(sql, [task_id.into(), now.into()]))
        .await?;
    Ok(())
}

/// Counts hits that were new, and notes why others are not tracked; false: the lease is another's by now.
///
/// # Errors
/// When the statement fails.
pub async fn count_new(
    tx: &SystemTx,
    task_id: Uuid,
    fence: i64,
    new: i32,
    note: Option<String>,
) -> Result<bool, DbErr> {
    let sql = "update crawl.monitor set run_new = run_new + $3, run_note = coalesce($4, run_note)
               where task_id = $1 and fence = $2 and deleted_at is null";
    let counted = tx
        .execute_raw(statement(
            sql,
            [task_id.into(), fence.into(), new.into(), note.into()],
        ))
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
                   next_due_at = case when $11 and origin = 'catalogue' then null else $6 end,
                   sync_id = case when not $11 then sync_id end,
                   last_run_at = $8, last_outcome = $9, last_reason = coalesce($10, run_note),
                   traceparent = case when $11 then null else traceparent end,
                   priority = case when $11 then 2 else priority end,
                   last_ok_at = case when $12 then $8 else last_ok_at end,
                   last_found = case when $12 then $13 else last_found end,
                   last_total = case when $12 then $14 else last_total end,
                   last_new = case when $12 then run_new else last_new end,
                   run_new = case when $11 then 0 else run_new end,
                   run_note = case when not $11 then run_note end
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
