//! Who pays for fetches: virtual times, weights, and whose turn it is.

use std::collections::BTreeMap;

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::SystemTx;
use domain::source::Source;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;
use crate::rules::fair::{Asker, Payer};
use crate::rules::priority;

#[derive(FromQueryResult)]
struct PayerRow {
    id: Uuid,
    plan: Option<String>,
    virtual_time: i64,
}

/// Holds the claiming of a source for the rest of the transaction; false: another dispatcher has it.
///
/// # Errors
/// When the statement fails.
pub async fn hold(tx: &SystemTx, source: Source) -> Result<bool, DbErr> {
    let sql = "select pg_try_advisory_xact_lock(hashtextextended('claim ' || $1, 0)) as held";
    let row = tx
        .query_one_raw(statement(sql, [source.as_str().into()]))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "held"))
}

/// The payers with work that is due, and the virtual time at which those begin that had none.
///
/// # Errors
/// When a statement fails.
pub async fn waiting(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    now: DateTime<Utc>,
    weight: impl Fn(&str) -> u32,
) -> Result<(Vec<Payer<Uuid>>, i64), DbErr> {
    let sql = "select p.tenant_id as id, w.plan, p.virtual_time
               from crawl.payer p left join crawl.weight w on w.tenant_id = p.tenant_id
               -- One look into the index a payer. As `exists`, or without the order, all that is due may be read.
               cross join lateral (select from crawl.target t
                                   where t.source = $1 and t.priority = $2 and t.payer_id = p.tenant_id
                                     and t.task_id is null and t.next_due_at <= $3
                                   order by t.next_due_at limit 1) due
               where p.source = $1 and p.priority = $2
               order by p.virtual_time, p.tenant_id";
    let class = priority::number(priority);
    let values = [source.as_str().into(), class.into(), now.into()];
    let rows = PayerRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let clock = clock(tx, source, class).await?;
    let payer = |row: PayerRow| payer(row, &weight);
    Ok((rows.into_iter().map(payer).collect(), clock))
}

/// Writes how far the payers have come, and the clock.
///
/// # Errors
/// When a statement fails.
pub async fn advance(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    times: Vec<(Uuid, i64)>,
    clock: i64,
) -> Result<(), DbErr> {
    write(tx, source, priority::number(priority), times, clock).await
}

/// Makes sure that the tenant can pay for fetches of the source.
///
/// # Errors
/// When the statement fails.
pub async fn ensure(tx: &SystemTx, tenant_id: Uuid, source: Source) -> Result<(), DbErr> {
    let sql = "insert into crawl.payer (tenant_id, source, priority)
               select $1, $2, p from generate_series(1, 3) p on conflict do nothing";
    tx.execute_raw(statement(sql, [tenant_id.into(), source.as_str().into()]))
        .await?;
    Ok(())
}

/// Remembers a tenant's plan, unless a newer word of it is known.
///
/// # Errors
/// When the statement fails.
pub async fn learn_plan(
    tx: &SystemTx,
    tenant_id: Uuid,
    plan: &str,
    version: i64,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.weight as w (tenant_id, plan, version) values ($1, $2, $3)
               on conflict (tenant_id) do update set plan = excluded.plan, version = excluded.version
               where w.version < excluded.version";
    tx.execute_raw(statement(
        sql,
        [tenant_id.into(), plan.into(), version.into()],
    ))
    .await?;
    Ok(())
}

/// The class of work that searches are, beside the priorities of targets: a search is not weighed against a fetch.
const SEARCHES: i16 = 0;

/// The tenants with searches of this priority that are due, and the virtual time at which those begin that had none.
///
/// # Errors
/// When a statement fails.
pub async fn searching(
    tx: &SystemTx,
    source: Source,
    priority: Priority,
    now: DateTime<Utc>,
    weight: impl Fn(&str) -> u32,
) -> Result<(Vec<Payer<Uuid>>, i64), DbErr> {
    let sql = "select m.tenant_id as id, w.plan, coalesce(p.virtual_time, 0) as virtual_time
               from (select distinct d.tenant_id from crawl.monitor d
                     where d.source = $1 and d.priority = $2 and d.task_id is null and d.next_due_at <= $3
                       -- For a tenant that is suspended or waits to be deleted nothing is searched.
                       and not exists (select from crawl.standing s
                                       where s.tenant_id = d.tenant_id and s.stopped)) m
               left join crawl.payer p on p.source = $1 and p.priority = $4 and p.tenant_id = m.tenant_id
               left join crawl.weight w on w.tenant_id = m.tenant_id
               order by virtual_time, id";
    let values = [
        source.as_str().into(),
        priority::number(priority).into(),
        now.into(),
        SEARCHES.into(),
    ];
    let rows = PayerRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let clock = clock(tx, source, SEARCHES).await?;
    let payer = |row: PayerRow| payer(row, &weight);
    Ok((rows.into_iter().map(payer).collect(), clock))
}

/// Writes how far the tenants have come with their searches, and the clock.
///
/// # Errors
/// When the statement fails.
pub async fn advance_searching(
    tx: &SystemTx,
    source: Source,
    times: Vec<(Uuid, i64)>,
    at: i64,
) -> Result<(), DbErr> {
    write(tx, source, SEARCHES, times, at).await
}

async fn write(
    tx: &SystemTx,
    source: Source,
    class: i16,
    times: Vec<(Uuid, i64)>,
    at: i64,
) -> Result<(), DbErr> {
    let (ids, times): (Vec<Uuid>, Vec<i64>) = times.into_iter().unzip();
    let sql = "with advanced as (
                   insert into crawl.payer as p (tenant_id, source, priority, virtual_time)
                   select u.tenant_id, $1, $2, u.virtual_time
                   from unnest($3::uuid[], $4::bigint[]) as u (tenant_id, virtual_time)
                   on conflict (source, priority, tenant_id) do update set virtual_time = excluded.virtual_time
               )
               insert into crawl.payer_clock as c (source, priority, virtual_time) values ($1, $2, $5)
               on conflict (source, priority) do update set virtual_time = greatest(c.virtual_time, $5)";
    let values = [
        source.as_str().into(),
        class.into(),
        ids.into(),
        times.into(),
        at.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// The virtual time at which payers begin that had nothing to do.
async fn clock(tx: &SystemTx, source: Source, class: i16) -> Result<i64, DbErr> {
    let sql = "select virtual_time from crawl.payer_clock where source = $1 and priority = $2";
    let row = tx
        .query_one_raw(statement(sql, [source.as_str().into(), class.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "virtual_time"))
}

fn payer(row: PayerRow, weight: impl Fn(&str) -> u32) -> Payer<Uuid> {
    Payer {
        id: row.id,
        weight: row.plan.as_deref().map_or(1, weight),
        virtual_time: row.virtual_time,
    }
}

#[derive(FromQueryResult)]
struct AskerRow {
    target_id: i64,
    tenant_id: Uuid,
    interval_seconds: i32,
}

/// Who tracks each of the targets, and how often each wants it.
///
/// # Errors
/// When the statement fails.
pub async fn askers(tx: &SystemTx, targets: Vec<i64>) -> Result<BTreeMap<i64, Vec<Asker>>, DbErr> {
    let sql =
        "select target_id, tenant_id, min(interval_seconds) as interval_seconds from crawl.tracking
               where target_id = any ($1) and live group by target_id, tenant_id";
    let rows = AskerRow::find_by_statement(statement(sql, [targets.into()]))
        .all(tx)
        .await?;
    let mut askers: BTreeMap<i64, Vec<Asker>> = BTreeMap::new();
    for row in rows {
        askers.entry(row.target_id).or_default().push(Asker {
            id: row.tenant_id,
            interval_seconds: row.interval_seconds.unsigned_abs(),
        });
    }
    Ok(askers)
}
