//! Each tenant's scheduler: what its rounds are made of, and when the next one begins.

use chrono::{DateTime, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;
use crate::rules::rounds::{DEFAULT_INTERVAL, Wish};

/// A scheduler as it stands.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Scheduler {
    /// Whether rounds begin by the clock.
    pub enabled: bool,
    /// Searched in each source that can.
    pub keywords: Vec<String>,
    /// Between the beginnings of two rounds.
    pub interval_seconds: i32,
    /// `None`: all, as far as they cost nothing.
    pub sources: Option<Vec<String>>,
    /// Everything tracked.
    pub tracked: bool,
    /// What sources call new.
    pub new_arrivals: bool,
    /// What sources sell in limited numbers.
    pub limited: bool,
    /// When the next round begins; `None` while stopped.
    pub next_round_at: Option<DateTime<Utc>>,
    /// The latest round.
    pub last_crawl_id: Option<Uuid>,
    /// When that began.
    pub last_started_at: Option<DateTime<Utc>>,
    /// Whether that is under way.
    pub running: bool,
}

/// One of which nothing was ever said.
impl Default for Scheduler {
    fn default() -> Self {
        Self {
            enabled: false,
            keywords: Vec::new(),
            interval_seconds: DEFAULT_INTERVAL,
            sources: None,
            tracked: true,
            new_arrivals: true,
            limited: true,
            next_round_at: None,
            last_crawl_id: None,
            last_started_at: None,
            running: false,
        }
    }
}

impl Scheduler {
    /// The round under way.
    #[must_use]
    pub fn running_crawl(&self) -> Option<Uuid> {
        self.last_crawl_id.filter(|_| self.running)
    }

    /// What its rounds are made of.
    #[must_use]
    pub fn wish(&self) -> Wish {
        Wish {
            keywords: self.keywords.clone(),
            sources: self.sources.clone(),
            tracked: self.tracked,
            new_arrivals: self.new_arrivals,
            limited: self.limited,
        }
    }
}

/// The tenant's scheduler; `None`: it never said anything about it.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx) -> Result<Option<Scheduler>, DbErr> {
    let sql = "select s.enabled, s.keywords, s.interval_seconds, s.sources, s.tracked, s.new_arrivals, s.limited,
                      s.next_round_at, s.last_crawl_id, s.last_started_at, coalesce(c.status = 'running', false) as running
               from crawl.scheduler s
               left join crawl.crawl c on c.tenant_id = s.tenant_id and c.id = s.last_crawl_id
               where s.tenant_id = $1";
    Scheduler::find_by_statement(statement(sql, [tx.tenant_id().into()]))
        .one(tx)
        .await
}

/// The tenant's scheduler, locked, made if there is none: of those that start a round at once one comes first.
///
/// # Errors
/// When a statement fails.
pub async fn lock(tx: &TenantTx) -> Result<Scheduler, DbErr> {
    let tenant = || [tx.tenant_id().into()];
    let make = "insert into crawl.scheduler (tenant_id, interval_seconds) values ($1, $2) on conflict do nothing";
    let values = [tx.tenant_id().into(), DEFAULT_INTERVAL.into()];
    tx.execute_raw(statement(make, values)).await?;
    let lock = "select from crawl.scheduler where tenant_id = $1 for update";
    tx.execute_raw(statement(lock, tenant())).await?;
    // A statement of its own, which sees the crawl that whoever held the lock has just started.
    get(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a scheduler just made".to_owned()))
}

/// Stores what changed of a locked scheduler.
///
/// # Errors
/// When the statement fails.
pub async fn put(tx: &TenantTx, scheduler: &Scheduler, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.scheduler
               set enabled = $2, keywords = $3, interval_seconds = $4, sources = $5, tracked = $6, new_arrivals = $7,
                   limited = $8, next_round_at = $9, last_crawl_id = $10, last_started_at = $11, updated_at = $12
               where tenant_id = $1";
    let values = [
        tx.tenant_id().into(),
        scheduler.enabled.into(),
        scheduler.keywords.clone().into(),
        scheduler.interval_seconds.into(),
        scheduler.sources.clone().into(),
        scheduler.tracked.into(),
        scheduler.new_arrivals.into(),
        scheduler.limited.into(),
        scheduler.next_round_at.into(),
        scheduler.last_crawl_id.into(),
        scheduler.last_started_at.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct TenantRow {
    tenant_id: Uuid,
}

/// Tenants for which anything is crawled, whose next round is due and whose last one is over, the longest due first.
///
/// # Errors
/// When the statement fails.
pub async fn due(tx: &SystemTx, now: DateTime<Utc>, limit: u32) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select s.tenant_id from crawl.scheduler s
               where s.enabled and s.next_round_at <= $1
                 and not exists (select from crawl.standing t where t.tenant_id = s.tenant_id and t.stopped)
                 and not exists (select from crawl.crawl c
                                 where c.tenant_id = s.tenant_id and c.id = s.last_crawl_id and c.status = 'running')
               order by s.next_round_at limit $2";
    let rows = TenantRow::find_by_statement(statement(sql, [now.into(), i64::from(limit).into()]))
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.tenant_id).collect())
}
