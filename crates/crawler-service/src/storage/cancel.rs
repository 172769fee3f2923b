//! Stopping a crawl: what nobody has in hand is not fetched for it any more.

use chrono::{DateTime, Utc};
use db::SystemTx;
use db::outbox::{Schema, append};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::cadences::{self, StoredCadences};
use super::progress::{self, CrawlRow, Finished};
use super::{searches, statement};
use crate::rules::progress::{CANCELLED, Tally};
use crate::rules::released::{self, Waiting};

/// What became of the wish to stop a crawl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// The tenant has no such crawl.
    Unknown,
    /// It is over, or stopped already: its status.
    Over(String),
    /// It is stopped; some of it may still be under way.
    Now,
}

/// Stops a crawl. Its targets and searches that nobody has in hand end as `cancelled`. Targets are fetched at their own
/// time again, unless another crawl that goes on waits for them: then as urgently as that one asks. What is under way
/// finishes and counts.
///
/// Needs the system login: whether another tenant's crawl waits for a target is no tenant's business.
///
/// # Errors
/// When a statement fails.
pub async fn cancel(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Cancelled, DbErr> {
    let waiting = lock_waiting(tx, tenant_id, crawl_id).await?;
    searches::lock_waiting(tx, tenant_id, crawl_id).await?;
    let Some(crawl) = progress::lock(tx, tenant_id, crawl_id).await? else {
        return Ok(Cancelled::Unknown);
    };
    if crawl.status != "running" {
        return Ok(Cancelled::Over(crawl.status));
    }
    let ended = end_waiting(tx, tenant_id, crawl_id, &waiting, now).await?;
    release(tx, &waiting, now).await?;
    let ended = ended + searches::end_waiting(tx, tenant_id, crawl_id).await?;
    let finished = stop(tx, crawl, ended, now).await?;
    let events = finished.iter().map(progress::finished_event).collect();
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await?;
    Ok(Cancelled::Now)
}

#[derive(FromQueryResult)]
struct WaitingRow {
    id: i64,
    round: i64,
    interval_seconds: Option<i32>,
    cadences: Option<StoredCadences>,
    own_interval: Option<i32>,
    low_stock: bool,
    next_due_at: Option<DateTime<Utc>>,
    last_crawl_at: Option<DateTime<Utc>>,
    wanted: Option<i16>,
}

/// Locks the crawl's targets that nobody has in hand, and tells how urgently other crawls wait for them.
async fn lock_waiting(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
) -> Result<Vec<Waiting>, DbErr> {
    let lock = "select g.id from crawl.target g
                join crawl.crawl_target c on c.target_id = g.id
                where c.tenant_id = $1 and c.crawl_id = $2 and c.outcome is null
                order by g.id for update of g";
    let key = || [tenant_id.into(), crawl_id.into()];
    tx.execute_raw(statement(lock, key())).await?;
    // Sees what was committed while the locks were waited for.
    let sql = "select g.id, g.round, g.interval_seconds, g.cadences, g.own_interval, g.low_stock, g.next_due_at,
                      g.last_crawl_at,
                      (select min(k.priority) from crawl.crawl_target o
                       join crawl.crawl k on k.tenant_id = o.tenant_id and k.id = o.crawl_id
                       where o.target_id = g.id and o.round = g.round and o.outcome is null
                         and (k.tenant_id, k.id) <> ($1, $2)) as wanted
               from crawl.crawl_target c
               join crawl.target g on g.id = c.target_id
               where c.tenant_id = $1 and c.crawl_id = $2 and c.outcome is null
                 and (g.task_id is null or g.round <> c.round)";
    let rows = WaitingRow::find_by_statement(statement(sql, key()))
        .all(tx)
        .await?;
    let waiting = |row: WaitingRow| Waiting {
        id: row.id,
        round: row.round,
        plan: cadences::plan(row.interval_seconds, row.cadences),
        seen: cadences::seen(row.own_interval, row.low_stock),
        next_due_at: row.next_due_at,
        last_crawl_at: row.last_crawl_at,
        wanted: row.wanted,
    };
    Ok(rows.into_iter().map(waiting).collect())
}

/// Writes the outcome of the targets that wait; tells how many they are.
async fn end_waiting(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
    waiting: &[Waiting],
    now: DateTime<Utc>,
) -> Result<u32, DbErr> {
    let sql = "update crawl.crawl_target set outcome = $4, ended_at = $5
               where tenant_id = $1 and crawl_id = $2 and target_id = any ($3) and outcome is null";
    let ids: Vec<i64> = waiting.iter().map(|target| target.id).collect();
    let values = [
        tenant_id.into(),
        crawl_id.into(),
        ids.into(),
        CANCELLED.into(),
        now.into(),
    ];
    let written = tx.execute_raw(statement(sql, values)).await?;
    Ok(u32::try_from(written.rows_affected()).unwrap_or(u32::MAX))
}

/// Gives the targets back their own time and urgency.
async fn release(tx: &SystemTx, waiting: &[Waiting], now: DateTime<Utc>) -> Result<(), DbErr> {
    let (mut ids, mut due, mut priorities) = (Vec::new(), Vec::new(), Vec::new());
    let mut wanted = Vec::new();
    for target in waiting {
        let own = released::own(target, now);
        ids.push(target.id);
        due.push(own.due_at);
        priorities.push(own.priority);
        wanted.push(target.wanted.is_some());
    }
    let sql = "update crawl.target g
               set next_due_at = u.due_at, priority = u.priority, once = g.once and u.wanted,
                   waits_for = case when u.due_at is not null then g.waits_for end
               from unnest($1::bigint[], $2::timestamptz[], $3::smallint[], $4::boolean[])
                   as u (id, due_at, priority, wanted)
               where g.id = u.id and g.task_id is null";
    sqlx::query(sql)
        .bind(ids)
        .bind(due)
        .bind(priorities)
        .bind(wanted)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(())
}

/// Marks the locked crawl as stopped; told with its figures when nothing of it is under way.
async fn stop(
    tx: &SystemTx,
    crawl: CrawlRow,
    ended: u32,
    now: DateTime<Utc>,
) -> Result<Option<Finished>, DbErr> {
    let tally = crawl.tally().plus(Tally {
        cancelled: ended,
        ..Tally::default()
    });
    let over = tally.done() >= crawl.total.unsigned_abs();
    let sql =
        "update crawl.crawl set status = $3, cancelled = $4, finished_at = case when $5 then $6 end
               where tenant_id = $1 and id = $2";
    let values = [
        crawl.tenant_id.into(),
        crawl.id.into(),
        CANCELLED.into(),
        i32::try_from(tally.cancelled).unwrap_or(i32::MAX).into(),
        over.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(over.then(|| crawl.finished(CANCELLED, tally)))
}
