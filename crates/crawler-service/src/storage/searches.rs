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
    let sql = "update crawl.crawl_search
               set outcome = $4, reason = $5, attempts = $6, found = $7, new = $8
               where tenant_id = $1 and monitor_id = $2 and round = $3 and outcome is null
               returning crawl_id";
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
    ];
    let waiting = WaitingRow::find_by_statement(statement(sql, values))
        .all(tx)
        .await?;
    let Some(outcome) = told.outcome else {
        return Ok(Vec::new());
    };
    let good = outcome == Outcome::Ok;
    let ended: BTreeMap<(Uuid, Uuid), (i32, i32)> = waiting
        .into_iter()
        .map(|row| {
            let crawl = (told.key.tenant_id, row.crawl_id);
            (crawl, (i32::from(good), i32::from(!good)))
        })
        .collect();
    progress::conclude(tx, &ended, now).await
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
