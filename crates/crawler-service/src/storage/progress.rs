//! What the end of a round means for the crawls that wait for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use db::SystemTx;
use db::outbox::{NewEvent, Schema, append};
use sea_orm::{DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::statement;
use crate::rules::outcome::Outcome;
use crate::rules::progress::ended_as;

/// How a try of a round went.
#[derive(Debug, Clone)]
pub struct Told {
    /// The listing's id.
    pub target_id: i64,
    /// The due fetch's number.
    pub round: i64,
    /// `None`: it is tried again.
    pub outcome: Option<String>,
    /// For people.
    pub reason: Option<String>,
    /// Tries so far.
    pub tries: i16,
}

/// A crawl whose last target has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Whose crawl.
    pub tenant_id: Uuid,
    /// Its id.
    pub crawl_id: Uuid,
    /// `completed`, `partial` or `failed`.
    pub status: &'static str,
}

type EndedRow = (Uuid, Uuid, Option<String>);

#[derive(FromQueryResult)]
struct CrawlRow {
    tenant_id: Uuid,
    id: Uuid,
    total: i32,
    succeeded: i32,
    failed: i32,
}

/// Writes tries and outcomes to the waiting crawls, counts them, and ends the crawls that are complete, each with an
/// event in the outbox. The caller holds the targets locked.
///
/// # Errors
/// When a statement fails.
pub async fn record(
    tx: &SystemTx,
    told: Vec<Told>,
    now: DateTime<Utc>,
) -> Result<Vec<Finished>, DbErr> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut ended: BTreeMap<(Uuid, Uuid), (i32, i32)> = BTreeMap::new();
    for (tenant_id, crawl_id, outcome) in fill_in(tx, told).await? {
        let Some(outcome) = outcome else { continue };
        let (succeeded, failed) = ended.entry((tenant_id, crawl_id)).or_default();
        if outcome == Outcome::Ok.as_str() {
            *succeeded += 1;
        } else {
            *failed += 1;
        }
    }
    conclude(tx, &ended, now).await
}

/// Counts what ended of crawls (how many went well, how many did not), and ends those that are complete.
pub(super) async fn conclude(
    tx: &SystemTx,
    ended: &BTreeMap<(Uuid, Uuid), (i32, i32)>,
    now: DateTime<Utc>,
) -> Result<Vec<Finished>, DbErr> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let finished = count(tx, ended, now).await?;
    let events = finished.iter().map(finished_event).collect();
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await?;
    Ok(finished)
}

/// Tenant, crawl and outcome of every waiting row that was written.
async fn fill_in(tx: &SystemTx, told: Vec<Told>) -> Result<Vec<EndedRow>, DbErr> {
    let targets: Vec<i64> = told.iter().map(|told| told.target_id).collect();
    let rounds: Vec<i64> = told.iter().map(|told| told.round).collect();
    let tries: Vec<i16> = told.iter().map(|told| told.tries).collect();
    let (outcomes, reasons): (Vec<Option<String>>, Vec<Option<String>>) = told
        .into_iter()
        .map(|told| (told.outcome, told.reason))
        .unzip();
    let sql =
        "update crawl.crawl_target c set outcome = u.outcome, reason = u.reason, attempts = u.tries
               from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::smallint[])
                   as u (target_id, round, outcome, reason, tries)
               where c.target_id = u.target_id and c.round = u.round and c.outcome is null
               returning c.tenant_id, c.crawl_id, c.outcome";
    sqlx::query_as(sql)
        .bind(targets)
        .bind(rounds)
        .bind(outcomes)
        .bind(reasons)
        .bind(tries)
        .fetch_all(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
}

async fn count(
    tx: &SystemTx,
    ended: &BTreeMap<(Uuid, Uuid), (i32, i32)>,
    now: DateTime<Utc>,
) -> Result<Vec<Finished>, DbErr> {
    let (tenants, crawls): (Vec<Uuid>, Vec<Uuid>) = ended.keys().copied().unzip();
    let lock = "select c.tenant_id, c.id, c.total, c.succeeded, c.failed from crawl.crawl c
                join unnest($1::uuid[], $2::uuid[]) as u (tenant_id, id) using (tenant_id, id)
                order by c.tenant_id, c.id for update of c";
    let rows = CrawlRow::find_by_statement(statement(lock, [tenants.into(), crawls.into()]))
        .all(tx)
        .await?;
    let mut columns = Columns::default();
    let mut finished = Vec::new();
    for row in rows {
        let (succeeded, failed) = ended
            .get(&(row.tenant_id, row.id))
            .copied()
            .unwrap_or_default();
        let (succeeded, failed) = (row.succeeded + succeeded, row.failed + failed);
        let status = ended_as(
            row.total.unsigned_abs(),
            succeeded.unsigned_abs(),
            failed.unsigned_abs(),
        );
        if let Some(status) = status {
            finished.push(Finished {
                tenant_id: row.tenant_id,
                crawl_id: row.id,
                status,
            });
        }
        columns.tenants.push(row.tenant_id);
        columns.crawls.push(row.id);
        columns.succeeded.push(succeeded);
        columns.failed.push(failed);
        columns.statuses.push(status);
    }
    // A cancelled crawl still counts what was under way, but stays cancelled.
    let update = "update crawl.crawl c
                  set succeeded = u.succeeded, failed = u.failed,
                      status = case when c.status = 'running' then coalesce(u.status, c.status) else c.status end,
                      finished_at = coalesce(c.finished_at, case when u.status is not null then $6 end)
                  from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[])
                      as u (tenant_id, id, succeeded, failed, status)
                  where c.tenant_id = u.tenant_id and c.id = u.id";
    sqlx::query(update)
        .bind(columns.tenants)
        .bind(columns.crawls)
        .bind(columns.succeeded)
        .bind(columns.failed)
        .bind(columns.statuses)
        .bind(now)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(finished)
}

/// Crawls by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    tenants: Vec<Uuid>,
    crawls: Vec<Uuid>,
    succeeded: Vec<i32>,
    failed: Vec<i32>,
    statuses: Vec<Option<&'static str>>,
}

fn finished_event(finished: &Finished) -> NewEvent {
    NewEvent {
        tenant_id: Some(finished.tenant_id),
        kind: "crawl.finished",
        subject: finished.crawl_id.to_string(),
        version: 1,
        message: None,
        data: Some(serde_json::json!({
            "crawl_id": finished.crawl_id,
            "status": finished.status,
        })),
    }
}
