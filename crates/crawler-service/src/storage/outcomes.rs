//! Reported outcomes: which of them count, and how their targets go on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use db::SystemTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::cadences::{self, StoredCadences};
use super::statement;
use crate::rules::round::{Leased, Next};
use crate::rules::trouble::Health;

/// Which lease an outcome belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The listing's id.
    pub target_id: i64,
    /// The lease's number.
    pub fence: i64,
    /// The due fetch's number.
    pub round: i64,
}

/// How a target goes on.
#[derive(Debug, Clone)]
pub struct Written {
    /// The listing's id.
    pub target_id: i64,
    /// What the rules say.
    pub next: Next,
    /// How it went.
    pub outcome: String,
    /// For people.
    pub reason: Option<String>,
    /// Openings that count against its next try: 0 unless it is suspected of taking workers down.
    pub openings: i16,
    /// What the fetch remembered for the next; `None`: what was known stays.
    pub memo: Option<Vec<u8>>,
    /// Who pays for the next; `None`: who paid for this.
    pub payer: Option<Uuid>,
    /// How it fares.
    pub health: Health,
}

/// A task that something is reported of.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Reporting {
    /// Its source.
    pub source: String,
    /// Whose listings it fetches; `None`: everybody's.
    pub owner_tenant_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct LeasedRow {
    id: i64,
    fence: i64,
    round: i64,
    attempts: i16,
    failures: i32,
    interval_seconds: Option<i32>,
    cadences: Option<StoredCadences>,
    own_interval: Option<i32>,
    low_stock: bool,
    strikes: i32,
    troubled: bool,
}

/// Locks a task; `None`: there is none with this id. Reports of one task come one after another.
///
/// # Errors
/// When the statement fails.
pub async fn lock_task(tx: &SystemTx, task_id: Uuid) -> Result<Option<Reporting>, DbErr> {
    let sql = "select source, owner_tenant_id from crawl.task where id = $1 for update";
    Reporting::find_by_statement(statement(sql, [task_id.into()]))
        .one(tx)
        .await
}

/// Locks the targets whose lease is still the one of the claim; all others are stale. Tells how each fared so far.
///
/// # Errors
/// When the statement fails.
pub async fn lock_current(
    tx: &SystemTx,
    task_id: Uuid,
    claims: &[Claim],
) -> Result<Vec<(Leased, Health)>, DbErr> {
    let claimed: HashSet<(i64, i64, i64)> = claims
        .iter()
        .map(|claim| (claim.target_id, claim.fence, claim.round))
        .collect();
    let ids: Vec<i64> = claims.iter().map(|claim| claim.target_id).collect();
    let sql = "select t.id, t.fence, t.round, t.attempts, t.failures, t.strikes, t.troubled_since is not null as troubled,
                      -- What is fetched once is tried again as what is tracked; the interval only says that somebody
                      -- waits.
                      coalesce(t.interval_seconds, case when t.once then 86400 end) as interval_seconds,
                      t.cadences, t.own_interval, t.low_stock
               from crawl.target t
               where t.id = any ($2) and t.task_id = $1 order by t.id for update";
    let rows = LeasedRow::find_by_statement(statement(sql, [task_id.into(), ids.into()]))
        .all(tx)
        .await?;
    let leased = |row: LeasedRow| {
        let health = Health {
            strikes: row.strikes,
            troubled: row.troubled,
        };
        let leased = Leased {
            id: row.id,
            round: row.round,
            attempts: row.attempts,
            failures: row.failures,
            plan: cadences::plan(row.interval_seconds, row.cadences),
            seen: cadences::seen(row.own_interval, row.low_stock),
        };
        (leased, health)
    };
    let is_current = |row: &LeasedRow| claimed.contains(&(row.id, row.fence, row.round));
    Ok(rows.into_iter().filter(is_current).map(leased).collect())
}

/// Ends the leases of the targets and sets when each is due next. A round that ended takes its urgency and its trace
/// along: what comes by the clock has low priority.
///
/// # Errors
/// When the statement fails.
pub async fn write(tx: &SystemTx, written: &[Written], now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut columns = Columns::default();
    for item in written {
        columns.ids.push(item.target_id);
        columns.ended.push(item.next.ended);
        columns.rounds.push(item.next.round);
        columns.attempts.push(item.next.attempts);
        columns.failures.push(item.next.failures);
        columns.due.push(item.next.due_at);
        columns.outcomes.push(item.outcome.clone());
        columns.reasons.push(item.reason.clone());
        columns.openings.push(item.openings);
        columns.memos.push(item.memo.clone());
        columns.payers.push(item.payer);
        columns.strikes.push(item.health.strikes);
        columns.troubled.push(item.health.troubled);
        columns
            .own_intervals
            .push(item.next.own_interval.map(cadences::seconds));
        columns.low_stock.push(item.next.low_stock);
    }
    let sql = "update crawl.target t
               set task_id = null, round = u.round, attempts = u.attempts, failures = u.failures,
                   next_due_at = case when not (u.ended and t.once and t.interval_seconds is null) then u.due_at end,
                   once = t.once and not u.ended, last_outcome = u.outcome, last_reason = u.reason,
                   last_crawl_at = case when u.ended then $9 else t.last_crawl_at end,
                   priority = case when u.ended then 3 else t.priority end,
                   traceparent = case when not u.ended then t.traceparent end, openings = u.openings,
                   memo = coalesce(u.memo, t.memo), payer_id = coalesce(u.payer, t.payer_id),
                   own_interval = u.own_interval, low_stock = u.low_stock,
                   -- Nobody is told of what nobody tracks; whoever tracks it next begins anew.
                   strikes = case when t.interval_seconds is null then 0 else u.strikes end,
                   troubled_since = case when u.troubled and t.interval_seconds is not null
                                         then coalesce(t.troubled_since, $9) end
               from unnest($1::bigint[], $2::boolean[], $3::bigint[], $4::smallint[], $5::integer[],
                           $6::timestamptz[], $7::text[], $8::text[], $10::smallint[], $11::bytea[], $12::uuid[],
                           $13::integer[], $14::boolean[], $15::integer[], $16::boolean[])
                   as u (id, ended, round, attempts, failures, due_at, outcome, reason, openings, memo, payer,
                         strikes, troubled, own_interval, low_stock)
               where t.id = u.id";
    sqlx::query(sql)
        .bind(columns.ids)
        .bind(columns.ended)
        .bind(columns.rounds)
        .bind(columns.attempts)
        .bind(columns.failures)
        .bind(columns.due)
        .bind(columns.outcomes)
        .bind(columns.reasons)
        .bind(now)
        .bind(columns.openings)
        .bind(columns.memos)
        .bind(columns.payers)
        .bind(columns.strikes)
        .bind(columns.troubled)
        .bind(columns.own_intervals)
        .bind(columns.low_stock)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(())
}

/// Takes so many targets off a task, and ends it when nothing holds its lease any more; says whether it did.
///
/// # Errors
/// When the statement fails.
pub async fn settle(
    tx: &SystemTx,
    task_id: Uuid,
    targets: usize,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "update crawl.task
               set held = greatest(coalesce(held, items) - $3, 0),
                   finished_at = case when not exists (select from crawl.target where task_id = $1)
                                       and not exists (select from crawl.monitor where task_id = $1) then $2 end
               where id = $1 and finished_at is null
               returning finished_at is not null as ended";
    let targets = i32::try_from(targets).unwrap_or(i32::MAX);
    let values = [task_id.into(), now.into(), targets.into()];
    let row = tx.query_one_raw(statement(sql, values)).await?;
    row.map_or(Ok(false), |row| row.try_get("", "ended"))
}

/// Targets by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    ended: Vec<bool>,
    rounds: Vec<i64>,
    attempts: Vec<i16>,
    failures: Vec<i32>,
    due: Vec<Option<DateTime<Utc>>>,
    outcomes: Vec<String>,
    reasons: Vec<Option<String>>,
    openings: Vec<i16>,
    memos: Vec<Option<Vec<u8>>>,
    payers: Vec<Option<Uuid>>,
    strikes: Vec<i32>,
    troubled: Vec<bool>,
    own_intervals: Vec<Option<i32>>,
    low_stock: Vec<bool>,
}
