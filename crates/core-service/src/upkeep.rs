//! What the clock does: history's partitions ahead of time, and forgetting answers that are no longer replayed and
//! old lines of the ledger.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::Schema;
use db::{SystemTx, idempotency};
use sea_orm::DbErr;
use sea_orm::sqlx::{self, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::State;
use crate::sql::execute;

/// How often.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// How long it stays known what was refused, and what was set apart and is decided.
pub const LEDGER: TimeDelta = TimeDelta::days(30);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(30);

/// Works until `stop`.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(state: State, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let pause = match once(&state, Utc::now()).await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "upkeep failed; trying again");
                AGAIN
            }
        };
        if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}

async fn once(state: &State, now: DateTime<Utc>) -> Result<(), DbErr> {
    let pool = &state.pools().system;
    state.months().ensure_ahead(pool, now).await?;
    let tx = SystemTx::begin(pool).await?;
    idempotency::sweep(&tx, Schema::Catalog, now).await?;
    forget_ledger(&mut *tx.sqlx().await, now - LEDGER).await?;
    tx.commit().await
}

async fn forget_ledger(connection: &mut PgConnection, before: DateTime<Utc>) -> Result<(), DbErr> {
    let decided = sqlx::query("delete from catalog.quarantine where resolved_at < $1");
    execute(connection, decided.bind(before)).await?;
    let refused = sqlx::query("delete from catalog.refusal where day < $1");
    execute(connection, refused.bind(before.date_naive())).await?;
    Ok(())
}
