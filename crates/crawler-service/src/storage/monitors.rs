//! Monitors as their tenant makes and reads them.

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// Names a monitor across tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
}

/// A monitor's row.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Monitor {
    /// Its id; later ones are greater.
    pub id: Uuid,
    /// The category that made it, if one did.
    pub category_id: Option<Uuid>,
    /// Where it searches.
    pub source: String,
    /// How.
    pub kind: String,
    /// For what; empty where the kind needs none.
    pub term: String,
    /// Narrows a keyword search.
    pub category: Option<String>,
    /// Upper-case country code.
    pub marketplace: String,
    /// For people.
    pub name: String,
    /// `active` or `paused`.
    pub status: String,
    /// Between two runs.
    pub interval_seconds: i32,
    /// Enough hits of one run.
    pub hits_limit: i32,
    /// Whether new hits are told of.
    pub alert: bool,
    /// How many hits it may track by itself.
    pub track_up_to: i32,
    /// For those.
    pub tags: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a person changed it.
    pub updated_at: DateTime<Utc>,
    /// When it runs next; `None` while paused.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Whether it is running.
    pub running: bool,
    /// Runs that failed in a row.
    pub failures: i32,
    /// When it was last tried.
    pub last_run_at: Option<DateTime<Utc>>,
    /// How that went.
    pub last_outcome: Option<String>,
    /// For people.
    pub last_reason: Option<String>,
    /// The last good run.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// What it found.
    pub last_found: Option<i32>,
    /// How many of those were new to it.
    pub last_new: Option<i32>,
    /// How many there are in all, where the source tells.
    pub last_total: Option<i64>,
}

const COLUMNS: &str = "id, category_id, source, kind, term, category, marketplace, name, status, interval_seconds, \
                       hits_limit, alert, track_up_to, tags, created_at, updated_at, next_due_at, \
                       task_id is not null as running, failures, last_run_at, last_outcome, last_reason, last_ok_at, \
                       last_found, last_new, last_total";

/// What a person says of a monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where it searches.
    pub source: String,
    /// How.
    pub kind: String,
    /// For what.
    pub term: String,
    /// Narrows a keyword search.
    pub category: Option<String>,
    /// Upper-case country code.
    pub marketplace: String,
    /// For people.
    pub name: String,
    /// Between two runs.
    pub interval_seconds: i32,
    /// Enough hits of one run.
    pub hits_limit: i32,
    /// Whether new hits are told of.
    pub alert: bool,
    /// How many hits it may track by itself.
    pub track_up_to: i32,
    /// For those.
    pub tags: Vec<String>,
    /// Whether it runs by the clock.
    pub active: bool,
}

/// Makes monitors, each due now if it is active.
///
/// # Errors
/// When the statement fails.
pub async fn create(
    tx: &TenantTx,
    id: Uuid,
    category_id: Option<Uuid>,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "insert into crawl.monitor
                   (tenant_id, id, category_id, source, kind, term, category, marketplace, name, status,
                    interval_seconds, hits_limit, alert, track_up_to, tags, created_at, updated_at, next_due_at,
                    traceparent)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17, $18)";
    let values = [
        tx.tenant_id().into(),
        id.into(),
        category_id.into(),
        wanted.source.as_str().into(),
        wanted.kind.as_str().into(),
        wanted.term.as_str().into(),
        wanted.category.as_deref().into(),
        wanted.marketplace.as_str().into(),
        wanted.name.as_str().into(),
        status(wanted.active).into(),
        wanted.interval_seconds.into(),
        wanted.hits_limit.into(),
        wanted.alert.into(),
        wanted.track_up_to.into(),
        wanted.tags.clone().into(),
        now.into(),
        wanted.active.then_some(now).into(),
        telemetry::propagation::current_traceparent().into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

const fn status(active: bool) -> &'static str {
    if active { "active" } else { "paused" }
}

/// How many the tenant has made.
///
/// # Errors
/// When the statement fails.
pub async fn count(tx: &TenantTx) -> Result<i64, DbErr> {
    let sql = "select count(*) as count from crawl.monitor
         where tenant_id = $1 and origin = 'person' and deleted_at is null";
    let row = tx
        .query_one_raw(statement(sql, [tx.tenant_id().into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "count"))
}

/// One monitor, a round's search too; `None`: the tenant has none with this id.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &TenantTx, id: Uuid) -> Result<Option<Monitor>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor where tenant_id = $1 and id = $2 and deleted_at is null"
    );
    Monitor::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// One that a person made, locked.
///
/// # Errors
/// When the statement fails.
pub async fn lock(tx: &TenantTx, id: Uuid) -> Result<Option<Monitor>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor
         where tenant_id = $1 and id = $2 and origin = 'person' and deleted_at is null for update"
    );
    Monitor::find_by_statement(statement(&sql, [tx.tenant_id().into(), id.into()]))
        .one(tx)
        .await
}

/// Monitors that people made, the latest first, from before `before` on, of one source or category where they are named.
///
/// # Errors
/// When the statement fails.
pub async fn list(
    tx: &TenantTx,
    source: Option<String>,
    category_id: Option<Uuid>,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Monitor>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor
         where tenant_id = $1 and origin = 'person' and deleted_at is null and ($2::text is null or source = $2)
           and ($3::uuid is null or category_id = $3) and ($4::uuid is null or id < $4)
         order by id desc limit $5"
    );
    let values = [
        tx.tenant_id().into(),
        source.into(),
        category_id.into(),
        before.into(),
        i64::from(limit).into(),
    ];
    Monitor::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// The monitors of a category, locked, the oldest first.
///
/// # Errors
/// When the statement fails.
pub async fn of_category(tx: &TenantTx, category_id: Uuid) -> Result<Vec<Monitor>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor
         where tenant_id = $1 and category_id = $2 and deleted_at is null order by id for update"
    );
    let values = [tx.tenant_id().into(), category_id.into()];
    Monitor::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// The monitors of several categories, the oldest first.
///
/// # Errors
/// When the statement fails.
pub async fn of_categories(tx: &TenantTx, category_ids: Vec<Uuid>) -> Result<Vec<Monitor>, DbErr> {
    let sql = format!(
        "select {COLUMNS} from crawl.monitor
         where tenant_id = $1 and category_id = any ($2) and deleted_at is null order by id"
    );
    let values = [tx.tenant_id().into(), category_ids.into()];
    Monitor::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
}

/// Changes a locked monitor. `due_at` is when it runs next; a run under way goes on.
///
/// # Errors
/// When the statement fails.
pub async fn update(
    tx: &TenantTx,
    id: Uuid,
    wanted: &Wanted,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "update crawl.monitor
               set name = $3, status = $4, interval_seconds = $5, hits_limit = $6, alert = $7, track_up_to = $8,
                   tags = $9, next_due_at = $10, updated_at = $11
               where tenant_id = $1 and id = $2";
    let values = [
        tx.tenant_id().into(),
        id.into(),
        wanted.name.as_str().into(),
        status(wanted.active).into(),
        wanted.interval_seconds.into(),
        wanted.hits_limit.into(),
        wanted.alert.into(),
        wanted.track_up_to.into(),
        wanted.tags.clone().into(),
        due_at.into(),
        now.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Makes a monitor due now, paused or not. One that is running is joined.
///
/// # Errors
/// When the statement fails.
pub async fn hasten(tx: &TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "update crawl.monitor set next_due_at = $3, priority = 2, traceparent = $4
               where tenant_id = $1 and id = $2 and origin = 'person' and task_id is null and deleted_at is null";
    let values = [
        tx.tenant_id().into(),
        id.into(),
        now.into(),
        telemetry::propagation::current_traceparent().into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Ends monitors: they run no more, and wait to be forgotten by core. Whoever runs one loses its lease.
///
/// # Errors
/// When the statement fails.
pub async fn end(tx: &TenantTx, ids: Vec<Uuid>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "update crawl.monitor
               set deleted_at = $3, next_due_at = null, task_id = null, category_id = null
               where tenant_id = $1 and id = any ($2) and deleted_at is null";
    let values = [tx.tenant_id().into(), ids.into(), now.into()];
    Ok(tx
        .execute_raw(statement(sql, values))
        .await?
        .rows_affected())
}

/// Wakes the dispatchers of all processes when the transaction commits.
///
/// # Errors
/// When the statement fails.
pub async fn notify_due(tx: &TenantTx) -> Result<(), DbErr> {
    tx.execute_unprepared(crate::wake::NOTIFY).await?;
    Ok(())
}
