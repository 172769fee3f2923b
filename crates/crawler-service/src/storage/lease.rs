//! Leases under way: opening, extending, giving back.

use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::progress::{self, Told};
use super::statement;

/// Why a target's round ended without a fetch.
const UNTRACKED: &str = "untracked";

/// A task somebody works on.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Task {
    /// Its source.
    pub source: String,
    /// Whose listings it fetches; `None`: everybody's.
    pub owner_tenant_id: Option<Uuid>,
    /// Whose monitor it runs; `None`: it fetches listings.
    pub monitor_tenant_id: Option<Uuid>,
    /// What the last checkpoint stored.
    pub checkpoint: Vec<u8>,
    /// When the lease ends unless it is extended.
    pub lease_until: DateTime<Utc>,
}

/// A target of a task that is not reported yet.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Item {
    /// The listing's id.
    pub id: i64,
    /// Upper-case country code.
    pub marketplace: String,
    /// The source's own id.
    pub external_id: String,
    /// Its page.
    pub url: String,
    /// The lease's number.
    pub fence: i64,
    /// The due fetch's number.
    pub round: i64,
    /// How often a worker began with it before, without telling how it went.
    pub openings: i16,
    /// What a person chose about reading it.
    pub strategy: Option<String>,
    /// What the last good fetch remembered.
    pub memo: Vec<u8>,
}

/// Minutes that a task with a checkpoint outlives its lease. What is checkpointed is paid for: whoever comes back late,
/// or gets its message again, shall resume it, and nobody begin it anew, unless really nobody comes.
const PAID_GRACE_MINUTES: i32 = 15;

/// Whether a task is still somebody's: `$1` is it, `$2` now.
const LIVE: &str = "id = $1 and finished_at is null and (lease_until > $2 or checkpoint <> '')";

/// Extends the lease of a task that is still live, storing a checkpoint where one is given. `None`: not live.
///
/// # Errors
/// When the statement fails.
pub async fn extend(
    tx: &SystemTx,
    task_id: Uuid,
    checkpoint: Option<Vec<u8>>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Task>, DbErr> {
    let sql = format!(
        "update crawl.task
         set lease_until = greatest(lease_until, $3), checkpoint = coalesce($4, checkpoint)
         where {LIVE} returning source, owner_tenant_id, monitor_tenant_id, checkpoint, lease_until"
    );
    let values = [task_id.into(), now.into(), until.into(), checkpoint.into()];
    Task::find_by_statement(statement(&sql, values))
        .one(tx)
        .await
}

/// What is left of a task, locked, each with its openings in this task and in those before it.
///
/// # Errors
/// When the statement fails.
pub async fn items(tx: &SystemTx, task_id: Uuid) -> Result<Vec<Item>, DbErr> {
    let sql = "select id, marketplace, external_id, url, fence, round, strategy, memo,
                      (openings + (select openings from crawl.task where id = $1))::smallint as openings
               from crawl.target
               where task_id = $1 order by id for update";
    Item::find_by_statement(statement(sql, [task_id.into()]))
        .all(tx)
        .await
}

/// Counts one more opening of a task, of which so many are left. From the first one on nothing is taken over from it, and
/// what was before is not the task's work.
///
/// # Errors
/// When the statement fails.
pub async fn count_opening(
    tx: &SystemTx,
    task_id: Uuid,
    left: &[Item],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let targets: Vec<i64> = left.iter().map(|item| item.id).collect();
    let sql = "update crawl.task
               set openings = openings + 1, opened_at = coalesce(opened_at, $2), held = cardinality($3::bigint[]),
                   -- What was taken over before the first is paid for elsewhere.
                   items = case when opened_at is null then cardinality($3::bigint[]) else items end,
                   targets = case when opened_at is null then $3::bigint[] else targets end
               where id = $1";
    let values = [task_id.into(), now.into(), targets.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Locks tasks whose lease is over, and the grace of what is paid for, at most `limit`, leaving out those that somebody else is at.
///
/// # Errors
/// When the statement fails.
pub async fn expired(tx: &SystemTx, now: DateTime<Utc>, limit: u32) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select id from crawl.task where finished_at is null and lease_until <= $1
                 and (checkpoint = '' or lease_until <= $1 - make_interval(mins => $3))
               order by lease_until limit $2 for update skip locked";
    let values = [
        now.into(),
        i64::from(limit).into(),
        PAID_GRACE_MINUTES.into(),
    ];
    let rows = tx.query_all_raw(statement(sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

#[derive(FromQueryResult)]
struct ReleasedRow {
    id: i64,
    round: i64,
    stopped: bool,
}

/// A live task, without extending its lease. `None`: not live.
///
/// # Errors
/// When the statement fails.
pub async fn live(tx: &SystemTx, task_id: Uuid, now: DateTime<Utc>) -> Result<Option<Task>, DbErr> {
    let sql = format!(
        "select source, owner_tenant_id, monitor_tenant_id, checkpoint, lease_until from crawl.task
         where {LIVE}"
    );
    Task::find_by_statement(statement(&sql, [task_id.into(), now.into()]))
        .one(tx)
        .await
}

/// Ends tasks and gives their targets and monitors back: due as before, with the same round and priority. A target that nobody
/// tracks any more stops instead. Tells how many are due again. What is given back does not count as done by the task:
/// the source's speed is measured by it.
///
/// # Errors
/// When a statement fails.
pub async fn release(tx: &SystemTx, tasks: Vec<Uuid>, now: DateTime<Utc>) -> Result<usize, DbErr> {
    let end = "update crawl.task k
               set finished_at = $2,
                   items = case when k.monitor_id is null and k.opened_at is not null
                           then greatest(k.items - (select count(*) from crawl.target t where t.task_id = k.id), 0)
                           else 0 end
               where k.id = any ($1) and k.finished_at is null";
    tx.execute_raw(statement(end, [tasks.clone().into(), now.into()]))
        .await?;
    let give_back = "with held as (
                         select t.id, t.round, t.interval_seconds is null and not t.once as stopped, k.openings
                         from crawl.target t join crawl.task k on k.id = t.task_id
                         where t.task_id = any ($1) order by t.id for update of t
                     )
                     update crawl.target t
                     set task_id = null, openings = t.openings + held.openings,
                         next_due_at = case when not held.stopped then t.next_due_at end,
                         round = t.round + held.stopped::int,
                         attempts = case when held.stopped then 0 else t.attempts end
                     from held where t.id = held.id
                     returning held.id, held.round, held.stopped";
    let rows = ReleasedRow::find_by_statement(statement(give_back, [tasks.clone().into()]))
        .all(tx)
        .await?;
    let stopped: Vec<Told> = rows
        .iter()
        .filter(|row| row.stopped)
        .map(|row| untracked(row.id, row.round))
        .collect();
    let due = rows.len() - stopped.len();
    let monitors = "update crawl.monitor set task_id = null where task_id = any ($1)";
    let monitors = tx.execute_raw(statement(monitors, [tasks.into()])).await?;
    progress::record(tx, stopped, now).await?;
    Ok(due + usize::try_from(monitors.rows_affected()).unwrap_or(usize::MAX))
}

/// The end of a round that nobody waits for any more.
pub(super) fn untracked(target_id: i64, round: i64) -> Told {
    Told {
        target_id,
        round,
        outcome: Some(UNTRACKED.to_owned()),
        reason: Some("nobody tracks it any more".to_owned()),
        tries: 0,
    }
}
