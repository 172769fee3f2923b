//! Monitors as their tenant makes and reads them.

mod write;

use chrono::{DateTime, Utc};
use db::TenantTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

pub use write::{Changed, create, update};

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

/// How many the tenant has. Whoever counts holds up the others who do until the transaction ends, so that two do not
/// take the same last place.
///
/// # Errors
/// When a statement fails.
pub async fn count(tx: &TenantTx) -> Result<i64, DbErr> {
    let turn = "select pg_advisory_xact_lock(hashtextextended('monitors ' || $1::text, 0))";
    tx.execute_raw(statement(turn, [tx.tenant_id().into()]))
        .await?;
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
        "select {COLUMNS} from crawl.monitor where tenant_id = $1 and id = $2 and origin <> 'catalogue' and deleted_at is null"
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
         where tenant_id = $1 and category_id = $2 and origin = 'person' and deleted_at is null order by id for update"
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
         where tenant_id = $1 and category_id = any ($2) and origin = 'person' and deleted_at is null order by id"
    );
    let values = [tx.tenant_id().into(), category_ids.into()];
    Monitor::find_by_statement(statement(&sql, values))
        .all(tx)
        .await
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
               where tenant_id = $1 and id = any ($2) and origin = 'person' and deleted_at is null";
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
