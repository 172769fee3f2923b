//! Reading the event log by sequence.

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::Schema;
use crate::SystemPool;

/// An event that streams show.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct LoggedEvent {
    /// Position in the log; grows.
    pub sequence: i64,
    /// Whose it is; `None` when it concerns no single tenant.
    pub tenant_id: Option<Uuid>,
    /// Such as `alert.raised`.
    pub kind: String,
    /// The state.
    pub data: serde_json::Value,
}

/// The events after `after`, oldest first: through a `TenantTx` the tenant's own, through a `SystemTx` all.
///
/// # Errors
/// When the statement fails.
pub async fn read_after(
    tx: &impl ConnectionTrait,
    schema: Schema,
    after: i64,
    limit: u32,
) -> Result<Vec<LoggedEvent>, DbErr> {
    let sql = format!(
        "select sequence, tenant_id, kind, data from {}.outbox
         where sequence > $1 and data is not null
         order by sequence limit $2",
        schema.as_str()
    );
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        [after.into(), i64::from(limit).into()],
    );
    LoggedEvent::find_by_statement(statement).all(tx).await
}

/// The newest sequence given so far; 0 before the first.
///
/// # Errors
/// When the statement fails.
pub async fn newest(tx: &impl ConnectionTrait, schema: Schema) -> Result<i64, DbErr> {
    let sql = format!(
        "select coalesce(max(sequence), 0) as newest from {}.outbox where sequence is not null",
        schema.as_str()
    );
    let row = tx
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "newest"))
}

/// Wakes whenever rows got their sequence. Reconnects by itself; after a cut, read the log again from where you were.
///
/// # Errors
/// When the first connection cannot be made.
pub async fn listen(pool: &SystemPool, schema: Schema) -> Result<PgListener, DbErr> {
    subscribe(pool, &schema.published_channel()).await
}

pub(crate) async fn subscribe(pool: &SystemPool, channel: &str) -> Result<PgListener, DbErr> {
    let failed =
        |error: sea_orm::sqlx::Error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()));
    let mut listener = PgListener::connect_with(pool.sqlx())
        .await
        .map_err(failed)?;
    listener.listen(channel).await.map_err(failed)?;
    Ok(listener)
}
