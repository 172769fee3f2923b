//! What the end of a round means for the crawls that wait for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::messages::v1::CrawlFinished;
use contracts::messages::v1::event::Payload;
use db::SystemTx;
use db::outbox::{NewEvent, Schema, append};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, sqlx};
use uuid::Uuid;

use super::{statement, sync_end};
use crate::rules::progress::{CANCELLED, Tally, ended_as};

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
    /// `manual`, `monitor` or `schedule`.
    pub trigger: String,
    /// `completed`, `partial`, `failed` or `cancelled`.
    pub status: &'static str,
    /// Targets.
    pub total: u32,
    /// How they ended.
    pub tally: Tally,
}

type EndedRow = (Uuid, Uuid, Option<String>);

/// A crawl, locked.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct CrawlRow {
    pub(super) tenant_id: Uuid,
    pub(super) id: Uuid,
    trigger: String,
    pub(super) status: String,
    pub(super) total: i32,
    succeeded: i32,
    failed: i32,
    cancelled: i32,
}

const COLUMNS: &str =
    "c.tenant_id, c.id, c.trigger, c.status, c.total, c.succeeded, c.failed, c.cancelled";

impl CrawlRow {
    /// How its targets ended so far.
    pub(super) fn tally(&self) -> Tally {
        Tally {
            succeeded: self.succeeded.unsigned_abs(),
            failed: self.failed.unsigned_abs(),
            cancelled: self.cancelled.unsigned_abs(),
        }
    }

    /// What is told of it once it is over.
    pub(super) fn finished(&self, status: &'static str, tally: Tally) -> Finished {
        Finished {
            tenant_id: self.tenant_id,
            crawl_id: self.id,
            trigger: self.trigger.clone(),
            status,
            total: self.total.unsigned_abs(),
            tally,
        }
    }
}

/// Locks a tenant's crawl; `None`: it has none with this id.
///
/// # Errors
/// When the statement fails.
pub(super) async fn lock(
    tx: &SystemTx,
    tenant_id: Uuid,
    crawl_id: Uuid,
) -> Result<Option<CrawlRow>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.crawl c where c.tenant_id = $1 and c.id = $2 for update"
    );
    CrawlRow::find_by_statement(statement(&sql, [tenant_id.into(), crawl_id.into()]))
        .one(tx)
        .await
}

/// Remembers of the crawls that wait for a task's targets that somebody has begun with them. The caller holds the
/// targets locked.
///
/// # Errors
/// When the statement fails.
pub async fn begin(tx: &SystemTx, task_id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "with waiting as (
                   select distinct c.tenant_id, c.crawl_id
                   from crawl.target g
                   join crawl.crawl_target c on c.target_id = g.id and c.round = g.round and c.outcome is null
                   where g.task_id = $1
               ), locked as (
                   select k.tenant_id, k.id from crawl.crawl k
                   join waiting w on w.tenant_id = k.tenant_id and w.crawl_id = k.id
                   where k.begun_at is null order by k.tenant_id, k.id for update of k
               )
               update crawl.crawl k set begun_at = $2
               from locked where k.tenant_id = locked.tenant_id and k.id = locked.id";
    tx.execute_raw(statement(sql, [task_id.into(), now.into()]))
        .await?;
    Ok(())
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
    let mut ended: BTreeMap<(Uuid, Uuid), Tally> = BTreeMap::new();
    for (tenant_id, crawl_id, outcome) in fill_in(tx, told, now).await? {
        let Some(outcome) = outcome else { continue };
        ended
            .entry((tenant_id, crawl_id))
            .or_default()
            .count(&outcome);
    }
    conclude(tx, &ended, now).await
}

/// Counts what ended of crawls, and ends those that are complete.
pub(super) async fn conclude(
    tx: &SystemTx,
    ended: &BTreeMap<(Uuid, Uuid), Tally>,
    now: DateTime<Utc>,
) -> Result<Vec<Finished>, DbErr> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    let finished = count(tx, ended, now).await?;
    let events = finished.iter().map(finished_event).collect();
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await?;
    if !finished.is_empty() {
        let ended = finished.iter().map(|one| (one.tenant_id, one.crawl_id));
        sync_end::crawls_ended(tx, ended.collect(), now).await?;
    }
    Ok(finished)
}

/// Tenant, crawl and outcome of every waiting row that was written. A crawl that was stopped waits for no further try.
async fn fill_in(
    tx: &SystemTx,
    told: Vec<Told>,
    now: DateTime<Utc>,
) -> Result<Vec<EndedRow>, DbErr> {
    let targets: Vec<i64> = told.iter().map(|told| told.target_id).collect();
    let rounds: Vec<i64> = told.iter().map(|told| told.round).collect();
    let tries: Vec<i16> = told.iter().map(|told| told.tries).collect();
    let (outcomes, reasons): (Vec<Option<String>>, Vec<Option<String>>) = told
        .into_iter()
        .map(|told| (told.outcome, told.reason))
        .unzip();
    let sql = "update crawl.crawl_target c
               set outcome = coalesce(u.outcome, case when k.status = $6 then $6 end),
                   reason = u.reason, attempts = u.tries,
                   ended_at = case when u.outcome is not null or k.status = $6 then $7 end
               from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::smallint[])
                   as u (target_id, round, outcome, reason, tries), crawl.crawl k
               where c.target_id = u.target_id and c.round = u.round and c.outcome is null
                 and k.tenant_id = c.tenant_id and k.id = c.crawl_id
               returning c.tenant_id, c.crawl_id, c.outcome";
    sqlx::query_as(sql)
        .bind(targets)
        .bind(rounds)
        .bind(outcomes)
        .bind(reasons)
        .bind(tries)
        .bind(CANCELLED)
        .bind(now)
        .fetch_all(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)
}

async fn count(
    tx: &SystemTx,
    ended: &BTreeMap<(Uuid, Uuid), Tally>,
    now: DateTime<Utc>,
) -> Result<Vec<Finished>, DbErr> {
    let (tenants, crawls): (Vec<Uuid>, Vec<Uuid>) = ended.keys().copied().unzip();
    let lock = format!(
        "select {COLUMNS} from crawl.crawl c
         join unnest($1::uuid[], $2::uuid[]) as u (tenant_id, id) using (tenant_id, id)
         order by c.tenant_id, c.id for update of c"
    );
    let rows = CrawlRow::find_by_statement(statement(&lock, [tenants.into(), crawls.into()]))
        .all(tx)
        .await?;
    let mut columns = Columns::default();
    let mut finished = Vec::new();
    for row in rows {
        let ended = ended.get(&(row.tenant_id, row.id)).copied();
        let tally = row.tally().plus(ended.unwrap_or_default());
        let stopped = row.status == CANCELLED;
        let status = ended_as(row.total.unsigned_abs(), tally, stopped);
        finished.extend(status.map(|status| row.finished(status, tally)));
        columns.tenants.push(row.tenant_id);
        columns.crawls.push(row.id);
        columns.succeeded.push(number(tally.succeeded));
        columns.failed.push(number(tally.failed));
        columns.cancelled.push(number(tally.cancelled));
        columns.statuses.push(status);
    }
    let update = "update crawl.crawl c
                  set succeeded = u.succeeded, failed = u.failed, cancelled = u.cancelled,
                      status = coalesce(u.status, c.status), begun_at = coalesce(c.begun_at, $7),
                      finished_at = coalesce(c.finished_at, case when u.status is not null then $7 end)
                  from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::text[])
                      as u (tenant_id, id, succeeded, failed, cancelled, status)
                  where c.tenant_id = u.tenant_id and c.id = u.id";
    sqlx::query(update)
        .bind(columns.tenants)
        .bind(columns.crawls)
        .bind(columns.succeeded)
        .bind(columns.failed)
        .bind(columns.cancelled)
        .bind(columns.statuses)
        .bind(now)
        .execute(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    Ok(finished)
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Crawls by column, as UNNEST wants them.
#[derive(Default)]
struct Columns {
    tenants: Vec<Uuid>,
    crawls: Vec<Uuid>,
    succeeded: Vec<i32>,
    failed: Vec<i32>,
    cancelled: Vec<i32>,
    statuses: Vec<Option<&'static str>>,
}

/// Tells core, which tells the tenant's event stream.
pub(super) fn finished_event(finished: &Finished) -> NewEvent {
    let Finished {
        tenant_id,
        crawl_id,
        trigger,
        status,
        total,
        tally,
    } = finished;
    NewEvent {
        tenant_id: Some(*tenant_id),
        kind: "crawl.finished",
        subject: crawl_id.to_string(),
        version: 1,
        message: Some(Payload::CrawlFinished(CrawlFinished {
            crawl_id: crawl_id.to_string(),
            trigger: trigger.clone(),
            status: (*status).to_owned(),
            total: *total,
            succeeded: tally.succeeded,
            failed: tally.failed,
            cancelled: tally.cancelled,
        })),
        data: None,
    }
}
