//! What crawls search, and what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::monitors::Key;
use super::progress::{self, Finished};
use super::statement;
use crate::rules::outcome::Outcome;
use crate::rules::progress::{CANCELLED, Tally};

/// A search of a crawl.
#[derive(Debug, Clone, FromQueryResult)]
pub struct CrawlSearch {
    /// The monitor that searches, whose hits are listed as those of any other.
    pub monitor_id: Uuid,
    /// Where.
    pub source: String,
    /// How.
    pub kind: String,
    /// For what.
    pub term: String,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<String>,
    /// For people.
    pub reason: Option<String>,
    /// Tries so far.
    pub attempts: i16,
    /// Of a good run: hits.
    pub found: Option<i32>,
    /// How many of those it never had before.
    pub new: Option<i32>,
}

/// How a try of a search went.
#[derive(Debug, Clone)]
pub struct Told {
    /// Which monitor.
    pub key: Key,
    /// The run's number.
    pub round: i64,
    /// `None`: it is tried again.
    pub outcome: Option<Outcome>,
    /// For people.
    pub reason: Option<String>,
    /// Tries so far.
    pub tries: i16,
    /// Of a good run: hits, and how many of them are new.
    pub found: Option<(i32, i32)>,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    crawl_id: Uuid,
    outcome: Option<String>,
}

/// The searches of a crawl, as they were asked for.
///
/// # Errors
/// When the statement fails.
pub async fn of_crawl(tx: &TenantTx, crawl_id: Uuid) -> Result<Vec<CrawlSearch>, DbErr> {
    let sql =
        "select monitor_id, source, kind, term, outcome, reason, attempts, found, new from crawl.crawl_search
               where tenant_id = $1 and crawl_id = $2 order by kind <> 'new_arrivals', kind = 'keyword', term, source";
    CrawlSearch::find_by_statement(statement(sql, [tx.tenant_id().into(), crawl_id.into()]))
        .all(tx)
        .await
}

/// Writes a try to the crawls that wait for it, counts them, and ends those that are complete. The caller holds the
/// monitor locked.
///
/// # Errors
/// When a statement fails.
pub async fn record(tx: &SystemTx, told: Told, now: DateTime<Utc>) -> Result<Vec<Finished>, DbErr> {
    // A crawl that was stopped waits for no further try.
    let sql = "update crawl.crawl_search s
               set outcome = coalesce($4, case when k.status = $9 then $9 end), reason = $5, attempts = $6, found = $7,
                   new = $8
               from crawl.crawl k
               where s.tenant_id = $1 and s.monitor_id = $2 and s.round = $3 and s.outcome is null
                 and k.tenant_id = s.tenant_id and k.id = s.crawl_id
               returning s.crawl_id, s.outcome";
    let (found, new) = told.found.unzip();
    let values = [
        told.key.tenant_id.into(),
        told.key.id.into(),
        told.round.into(),
        told.outcome.map(Outcome::as_str).into(),
        told.reason.into(),
        told.tries.into(),
        found.into(),
        new.into(),
        CANCELLED.into(),
    ];
    let waiting = WaitingRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let mut ended: BTreeMap<(Uuid, Uuid), Tally> = BTreeMap::new();
    for row in waiting {
        let Some(outcome) = row.outcome else { continue };
        let crawl = (told.key.tenant_id, row.crawl_id);
        ended.entry(crawl).or_default().count(&outcome);
    }
    progress::conclude(tx, &ended, now).await
}

/// Remembers of the crawls that wait for a monitor's run that somebody has begun with it. The caller holds the monitor
/// locked.
///
/// # Errors
/// When the statement fails.
pub async fn begin(tx: &SystemTx, key: Key, round: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "with locked as (
                   select k.tenant_id, k.id from crawl.crawl k
                   where k.tenant_id = $1 and k.begun_at is null
                     and k.id in (select s.crawl_id from crawl.crawl_search s
                                  where s.tenant_id = $1 and s.monitor_id = $2 and s.round = $3
                                    and s.outcome is null)
                   order by k.id for update of k
               )
               update crawl.crawl k set begun_at = $4
               from locked where k.tenant_id = locked.tenant_id and k.id = locked.id";
    let values = [
        key.tenant_id.into(),
        key.id.into(),
        round.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Locks the monitors that a crawl waits for.
///
/// # Errors
/// When the statement fails.
pub(super) async fn lock_waiting(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
) -> Result<(), DbErr> {
    let sql = "select from crawl.monitor m
               join crawl.crawl_search s on s.tenant_id = m.tenant_id and s.monitor_id = m.id
               where s.tenant_id = $1 and s.crawl_id = $2 and s.outcome is null order by m.id for update of m";
    tx.execute_raw(statement(sql, [tenant_id.into(), crawl_id.into()]))
        .await?;
    Ok(())
}

/// Ends a crawl's searches that nobody has in hand, and lets them rest unless another crawl waits for them; tells how
/// many they are. The caller holds the monitors locked.
///
/// # Errors
/// When the statement fails.
pub(super) async fn end_waiting(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
) -> Result<u32, DbErr> {
    let sql = "with ended as (
                   update crawl.crawl_search s set outcome = $3
                   from crawl.monitor m
                   where s.tenant_id = $1 and s.crawl_id = $2 and s.outcome is null
                     and m.tenant_id = s.tenant_id and m.id = s.monitor_id
                     and (m.task_id is null or m.round <> s.round)
                   returning s.monitor_id
               ), rested as (
                   update crawl.monitor m set next_due_at = null, attempts = 0, priority = 2
                   from ended e
                   where m.tenant_id = $1 and m.id = e.monitor_id and m.origin = 'round' and m.task_id is null
                     -- One that was stopped, too, may wait for what was under way then.
                     and not exists (
                         select from crawl.crawl_search o
                         where o.tenant_id = $1 and o.monitor_id = m.id and o.round = m.round and o.outcome is null
                           and o.crawl_id <> $2)
               )
               select count(*) as count from ended";
    let values = [tenant_id.into(), crawl_id.into(), CANCELLED.into()];
    let row = tx.query_one_raw(statement(sql, values)).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "count"))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Ends the searches of rounds that nobody asked for since `before`, a batch of them: they wait to be forgotten by core.
///
/// # Errors
/// When the statement fails.
pub async fn end_unasked(
    tx: &SystemTx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let sql = "update crawl.monitor m set deleted_at = $2
               from (select tenant_id, id from crawl.monitor
                     where origin = 'round' and deleted_at is null and asked_at < $1
                       and task_id is null and next_due_at is null
                     order by asked_at limit 500 for update skip locked) as old
               where m.tenant_id = old.tenant_id and m.id = old.id";
    let ended = tx
        .execute_raw(statement(sql, [before.into(), now.into()]))
        .await?;
    Ok(ended.rows_affected())
}
