//! Claiming due targets as leases. Who comes first is decided here, in [`due`], and nowhere else.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::statement;
use crate::rules::group::{Bundle, Claimed};
use crate::rules::window::PerPriority;
use crate::rules::{opening, priority};

/// A task about to be published.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id, made by us.
    pub id: Uuid,
    /// Whose queue.
    pub source: Source,
    /// Which of its queues.
    pub priority: Priority,
    /// What it carries.
    pub bundle: Bundle,
}

#[derive(FromQueryResult)]
struct DueRow {
    id: i64,
    traceparent: Option<String>,
    openings: i16,
}

#[derive(FromQueryResult)]
struct CountRow {
    priority: i16,
    count: i64,
}

/// Targets of `source` under way.
///
/// # Errors
/// When the statement fails.
pub async fn leased(tx: &SystemTx, source: Source) -> Result<PerPriority, DbErr> {
    let sql = "select priority, count(*) as count from crawl.target
               where source = $1 and task_id is not null group by priority";
    let rows = CountRow::find_by_statement(statement(sql, [source.as_str().into()]))
        .all(tx)
        .await?;
    let mut leased = PerPriority::default();
    for row in rows {
        let count = u32::try_from(row.count).unwrap_or(u32::MAX);
        leased.add(priority::of_number(row.priority), count);
    }
    Ok(leased)
}

/// Targets of `source` in tasks that were finished after `since`.
///
/// # Errors
/// When the statement fails.
pub async fn finished(tx: &SystemTx, source: Source, since: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "select coalesce(sum(items), 0)::bigint as items from crawl.task
               where source = $1 and finished_at > $2";
    let row = tx
        .query_one_raw(statement(sql, [source.as_str().into(), since.into()]))
        .await?;
    let items: i64 = row.map_or(Ok(0), |row| row.try_get("", "items"))?;
    Ok(items.unsigned_abs())
}

/// Locks the targets that are next, longest due first, leaving out those that another dispatcher is claiming.
///
/// # Errors
/// When the statement fails.
pub async fn due(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Claimed>, DbErr> {
    let sql = "select id, traceparent, openings from crawl.target
               where source = $1 and priority = $2 and task_id is null and next_due_at <= $3
               order by next_due_at limit $4 for update skip locked";
    let values = [
        source.as_str().into(),
        priority::number(priority).into(),
        now.into(),
        i64::from(limit).into(),
    ];
    let rows = DueRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let claimed = |row: DueRow| Claimed {
        id: row.id,
        traceparent: row.traceparent,
        alone: opening::alone(row.openings),
    };
    Ok(rows.into_iter().map(claimed).collect())
}

/// Leases the targets of `tasks`, which the transaction holds locked, and stores the tasks.
///
/// # Errors
/// When the statement fails.
pub async fn lease(
    tx: &SystemTx,
    tasks: &[Task],
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
    let sources: Vec<&str> = tasks.iter().map(|task| task.source.as_str()).collect();
    let priorities: Vec<i16> = tasks
        .iter()
        .map(|task| priority::number(task.priority))
        .collect();
    let items: Vec<i32> = tasks
        .iter()
        .map(|task| i32::try_from(task.bundle.targets.len()).unwrap_or(i32::MAX))
        .collect();
    let traces: Vec<Option<String>> = tasks
        .iter()
        .map(|task| task.bundle.traceparent.clone())
        .collect();
    let targets: Vec<i64> = tasks
        .iter()
        .flat_map(|task| task.bundle.targets.iter().copied())
        .collect();
    let holders: Vec<Uuid> = tasks
        .iter()
        .flat_map(|task| std::iter::repeat_n(task.id, task.bundle.targets.len()))
        .collect();
    let sql = "with made as (
                   insert into crawl.task (id, source, priority, items, traceparent, created_at, lease_until)
                   select u.*, $6, $7
                   from unnest($1::uuid[], $2::text[], $3::smallint[], $4::integer[], $5::text[]) as u
               )
               update crawl.target t set task_id = l.task_id, fence = t.fence + 1
               from unnest($8::bigint[], $9::uuid[]) as l (id, task_id)
               where t.id = l.id";
    sqlx::query(sql)
        .bind(ids)
        .bind(sources)
        .bind(priorities)
        .bind(items)
        .bind(traces)
        .bind(now)
        .bind(until)
        .bind(targets)
        .bind(holders)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(())
}

/// Remembers that the broker has these tasks, and gives them their full lease.
///
/// # Errors
/// When the statement fails.
pub async fn mark_published(
    tx: &SystemTx,
    tasks: Vec<Uuid>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "update crawl.task set published_at = $2, lease_until = greatest(lease_until, $3)
               where id = any ($1)";
    tx.execute_raw(statement(sql, [tasks.into(), now.into(), until.into()]))
        .await?;
    Ok(())
}
