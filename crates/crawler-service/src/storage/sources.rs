//! In what state workers find sources.

use chrono::{DateTime, Utc};
use db::{SystemTx, TenantTx};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::statement;

/// Scopes kept of one source; beyond it those heard of the longest ago go.
const MOST_SCOPES: i64 = 500;

/// A source or a part of it, as a worker found it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SourceState {
    /// The source.
    pub source: String,
    /// The part; empty: the whole.
    pub scope: String,
    /// `closed`, `open` or `half_open`.
    pub breaker: String,
    /// When an open breaker is probed.
    pub probe_at: Option<DateTime<Utc>>,
    /// When a pause that the source asked for ends.
    pub paused_until: Option<DateTime<Utc>>,
    /// 100: gaps as configured.
    pub gap_percent: i32,
    /// Requests under way at once.
    pub concurrency: i32,
    /// The newest trouble; empty: none.
    pub last_error: String,
    /// When it was.
    pub last_error_at: Option<DateTime<Utc>>,
    /// The newest good answer.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// Requests sent.
    pub requests: i64,
    /// Troubles met.
    pub troubles: i64,
    /// When this was so, Unix milliseconds.
    pub at_ms: i64,
    /// `ok`, `slowed`, `paused` or `open`.
    pub word: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Grows when the breaker opens or closes.
    pub version: i64,
}

const COLUMNS: &str = "source, scope, breaker, probe_at, paused_until, gap_percent, concurrency, last_error, \
                       last_error_at, last_ok_at, requests, troubles, at_ms, word, since, version";

/// Locks the stored state of a scope.
///
/// # Errors
/// When the statement fails.
pub async fn lock(tx: &SystemTx, source: &str, scope: &str) -> Result<Option<SourceState>, DbErr> {
    // Of two first reports of a scope one waits for the other here: there is no row yet to wait for.
    let turn =
        "select pg_advisory_xact_lock(hashtextextended('source state ' || $1 || '/' || $2, 0))";
    tx.execute_raw(statement(turn, [source.into(), scope.into()]))
        .await?;
    get(tx, source, scope).await
}

/// The state of a scope; `None`: nobody told of it.
///
/// # Errors
/// When the statement fails.
pub async fn get(tx: &SystemTx, source: &str, scope: &str) -> Result<Option<SourceState>, DbErr> {
    let sql = format!("select {COLUMNS} from crawl.source_state where source = $1 and scope = $2");
    SourceState::find_by_statement(statement(&sql, [source.into(), scope.into()]))
        .one(tx)
        .await
}

/// Writes a state.
///
/// # Errors
/// When the statement fails.
pub async fn write(tx: &SystemTx, state: SourceState) -> Result<(), DbErr> {
    let sql = format!(
        "insert into crawl.source_state ({COLUMNS})
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (source, scope) do update
             set breaker = excluded.breaker, probe_at = excluded.probe_at, paused_until = excluded.paused_until,
                 gap_percent = excluded.gap_percent, concurrency = excluded.concurrency,
                 last_error = excluded.last_error, last_error_at = excluded.last_error_at,
                 last_ok_at = excluded.last_ok_at, requests = excluded.requests, troubles = excluded.troubles,
                 at_ms = excluded.at_ms, word = excluded.word, since = excluded.since, version = excluded.version"
    );
    let values = [
        state.source.into(),
        state.scope.into(),
        state.breaker.into(),
        state.probe_at.into(),
        state.paused_until.into(),
        state.gap_percent.into(),
        state.concurrency.into(),
        state.last_error.into(),
        state.last_error_at.into(),
        state.last_ok_at.into(),
        state.requests.into(),
        state.troubles.into(),
        state.at_ms.into(),
        state.word.into(),
        state.since.into(),
        state.version.into(),
    ];
    tx.execute_raw(statement(&sql, values)).await?;
    Ok(())
}

/// Forgets the parts of a source that were heard of the longest ago, beyond as many as are kept.
///
/// # Errors
/// When the statement fails.
pub async fn forget_excess(tx: &SystemTx, source: &str) -> Result<(), DbErr> {
    let sql = "delete from crawl.source_state where source = $1 and scope in (
                   select scope from crawl.source_state where source = $1 and scope <> ''
                   order by at_ms desc, scope offset $2)";
    tx.execute_raw(statement(sql, [source.into(), MOST_SCOPES.into()]))
        .await?;
    Ok(())
}

/// The tenants whose credentials name the scope.
///
/// # Errors
/// When the statement fails.
pub async fn owners(tx: &SystemTx, source: &str, mark: &str) -> Result<Vec<Uuid>, DbErr> {
    let sql = "select tenant_id from crawl.credential where source = $1 and $2 = any (marks) order by tenant_id";
    let rows = tx
        .query_all_raw(statement(sql, [source.into(), mark.into()]))
        .await?;
    rows.iter()
        .map(|row| row.try_get("", "tenant_id"))
        .collect()
}

/// The states that the tenant may see. `with_parts` are the sources whose parts tell nothing of tenants.
///
/// # Errors
/// When the statement fails.
pub async fn visible(tx: &TenantTx, with_parts: Vec<String>) -> Result<Vec<SourceState>, DbErr> {
    let sql = format!("select {COLUMNS} from crawl.visible_source_states($1)");
    SourceState::find_by_statement(statement(&sql, [with_parts.into()]))
        .all(tx)
        .await
}

/// How these sources stand, as far as it concerns the tenant: each as a whole, and the parts it has an account for.
///
/// # Errors
/// When the statement fails.
pub async fn standings(tx: &TenantTx, sources: Vec<String>) -> Result<Vec<SourceState>, DbErr> {
    let sql = format!("select {COLUMNS} from crawl.source_standings($1)");
    SourceState::find_by_statement(statement(&sql, [sources.into()]))
        .all(tx)
        .await
}
