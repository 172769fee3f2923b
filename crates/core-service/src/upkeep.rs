//! What the clock does: history's partitions ahead of time, and forgetting answers that are no longer replayed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use db::outbox::Schema;
use db::{SystemTx, idempotency};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::State;

/// How often.
const EVERY: Duration = Duration::from_secs(6 * 3600);
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
    tx.commit().await
}
