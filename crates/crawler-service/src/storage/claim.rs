//! Claiming due targets as leases. Who comes first is decided by [`due`], and in a crowd by the shares that [`due_of`]
//! is given.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::monitors::Key;
use super::statement;
use crate::rules::group::Claimed;
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
    /// Whose listings it fetches; `None`: everybody's.
    pub owner: Option<Uuid>,
    /// The trace that all of it shares; `None`: the task begins its own.
    pub traceparent: Option<String>,
    /// What it carries.
    pub load: Load,
}

/// What a task carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// Listing ids, most urgent first.
    Targets(Vec<i64>),
    /// A monitor to run.
    Monitor(Key),
}

impl Task {
    /// Its listings.
    #[must_use]
    pub fn targets(&self) -> &[i64] {
        match &self.load {
            Load::Targets(ids) => ids,
            Load::Monitor(_) => &[],
        }
    }

    /// The monitor it runs.
    #[must_use]
    pub const fn monitor(&self) -> Option<Key> {
        match &self.load {
            Load::Targets(_) => None,
            Load::Monitor(key) => Some(*key),
        }
    }

    /// How many things it carries.
    #[must_use]
    pub fn items(&self) -> u32 {
        match &self.load {
            Load::Targets(ids) => u32::try_from(ids.len()).unwrap_or(u32::MAX),
            Load::Monitor(_) => 1,
        }
    }
}

/// Id, payer, owner, trace, openings, whether it is charged for.
type DueRow = (i64, Uuid, Option<Uuid>, Option<String>, i16, bool);

#[derive(FromQueryResult)]
struct CountRow {
    priority: i16,
    count: i64,
}

/// Whether any target or monitor of `source` is due: one look, because of most sources most of the time nothing is.
///
/// # Errors
/// When the statement fails.
pub async fn anything_due(
    pool: &SystemPool,
    source: Source,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "select exists (select from generate_series(1, 3) as p cross join lateral (
                   (select from crawl.target
                    where source = $1 and priority = p and task_id is null and next_due_at <= $2
                    order by next_due_at limit 1)
                   union all
                   (select from crawl.monitor
                    where source = $1 and priority = p and task_id is null and next_due_at <= $2 limit 1)) due)";
    sqlx::query_scalar(sql)
        .bind(source.as_str())
        .bind(now)
        .fetch_one(pool.sqlx())
        .await
        .map_err(db::query_error)
}

/// Targets of `source` that tasks under way hold still.
///
/// # Errors
/// When the statement fails.
pub async fn leased(tx: &SystemTx, source: Source) -> Result<PerPriority, DbErr> {
    let sql = "select priority, sum(coalesce(held, items))::bigint as count from crawl.task
               where source = $1 and finished_at is null and monitor_id is null group by priority";
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

/// Targets that are due, counted up to `most`.
///
/// # Errors
/// When the statement fails.
pub async fn waiting(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    now: DateTime<Utc>,
    most: u32,
) -> Result<u32, DbErr> {
    let sql = "select count(*) as count from (
                   select from crawl.target
                   where source = $1 and priority = $2 and task_id is null and next_due_at <= $3
                   -- As they stand in the index: however many are thought to be due, no others are read.
                   order by next_due_at limit $4
               ) as due";
    let values = [
        source.as_str().into(),
        priority::number(priority).into(),
        now.into(),
        i64::from(most).into(),
    ];
    let row = tx.query_one_raw(statement(sql, values)).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "count"))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Locks the targets that are next, longest due first, leaving out those that are locked otherwise.
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
    let sql = "select id, payer_id, owner_tenant_id, traceparent, openings, charged_round >= round from crawl.target
               where source = $1 and priority = $2 and task_id is null and next_due_at <= $3
               order by next_due_at limit $4 for update skip locked";
    let query = sqlx::query_as(sql)
        .bind(source.as_str().to_owned())
        .bind(priority::number(priority))
        .bind(now)
        .bind(i64::from(limit));
    let rows = query.fetch_all(&mut *tx.sqlx().await).await;
    Ok(rows
        .map_err(db::query_error)?
        .into_iter()
        .map(claimed)
        .collect())
}

/// Locks the targets that are next of each payer, longest due first and at most its share, leaving out those that are
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
    known: &[i64],
) -> Result<Vec<Claimed>, DbErr> {
    let sql = "select t.id, t.payer_id, t.owner_tenant_id, t.traceparent, t.openings, t.charged_round >= t.round
               from unnest($4::uuid[], $5::bigint[]) as u (payer_id, share)
               cross join lateral (
                   select g.id, g.payer_id, g.owner_tenant_id, g.traceparent, g.openings, g.charged_round, g.round
                   from crawl.target g
                   where g.source = $1 and g.priority = $2 and g.payer_id = u.payer_id
                     and g.task_id is null and g.next_due_at <= $3 and g.id <> all ($6)
                   order by g.next_due_at limit u.share for update skip locked
               ) t";
    let payers: Vec<Uuid> = shares.iter().map(|(payer, _)| *payer).collect();
    let limits: Vec<i64> = shares.iter().map(|(_, share)| (*share).into()).collect();
    let rows = sqlx::query_as(sql)
        .bind(source.as_str().to_owned())
        .bind(priority::number(priority))
        .bind(now)
        .bind(payers)
        .bind(limits)
        .bind(known)
        .fetch_all(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed((id, payer, owner, traceparent, openings, charged): DueRow) -> Claimed {
    Claimed {
        id,
        payer,
        owner,
        traceparent,
        alone: opening::alone(openings),
        charged,
    }
}

/// Leases the targets and monitors of `tasks`, which the transaction holds locked, and stores the tasks.
///
/// # Errors
/// When the statement fails.
pub async fn lease(
    tx: &SystemTx,
    tasks: &[Task],
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut columns = Columns::default();
    for task in tasks {
        columns.ids.push(task.id);
        columns.sources.push(task.source.as_str().to_owned());
        columns.priorities.push(priority::number(task.priority));
        columns
            .items
            .push(i32::try_from(task.items()).unwrap_or(i32::MAX));
        columns.traces.push(task.traceparent.clone());
        columns.owners.push(task.owner);
        let monitor = task.monitor();
        columns
            .monitor_tenants
            .push(monitor.map(|key| key.tenant_id));
        columns.monitors.push(monitor.map(|key| key.id));
        for target in task.targets() {
            columns.targets.push(*target);
            columns.holders.push(task.id);
        }
    }
    let sql = "with held as (
                   select * from unnest($9::bigint[], $10::uuid[]) as l (id, task_id)
               ), carried as (
                   select task_id, array_agg(id) as targets from held group by task_id
               ), made as (
                   insert into crawl.task (id, source, priority, items, held, traceparent, owner_tenant_id,
                                           monitor_tenant_id, monitor_id, targets, created_at, lease_until)
                   select u.id, u.source, u.priority, u.items, u.items, u.traceparent, u.owner, u.monitor_tenant,
                          u.monitor, coalesce(c.targets, '{}'), $11, $12
                   from unnest($1::uuid[], $2::text[], $3::smallint[], $4::integer[], $5::text[], $6::uuid[],
                               $7::uuid[], $8::uuid[])
                       as u (id, source, priority, items, traceparent, owner, monitor_tenant, monitor)
                   left join carried c on c.task_id = u.id
                   returning id, monitor_tenant_id, monitor_id
               ), searching as (
                   update crawl.monitor m set task_id = made.id, fence = m.fence + 1
                   from made where m.tenant_id = made.monitor_tenant_id and m.id = made.monitor_id
               )
               update crawl.target t set task_id = held.task_id, fence = t.fence + 1, charged_round = t.round,
                   waits_for = null
               from held where t.id = held.id";
    sqlx::query(sql)
        .bind(columns.ids)
        .bind(columns.sources)
        .bind(columns.priorities)
        .bind(columns.items)
        .bind(columns.traces)
        .bind(columns.owners)
        .bind(columns.monitor_tenants)
        .bind(columns.monitors)
        .bind(columns.targets)
        .bind(columns.holders)
        .bind(now)
        .bind(until)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(())
}

/// Tasks, and apart from them their targets, by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    sources: Vec<String>,
    priorities: Vec<i16>,
    items: Vec<i32>,
    traces: Vec<Option<String>>,
    owners: Vec<Option<Uuid>>,
    monitor_tenants: Vec<Option<Uuid>>,
    monitors: Vec<Option<Uuid>>,
    targets: Vec<i64>,
    holders: Vec<Uuid>,
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
