//! Keeping what lists are sorted and filtered by up to date.
//!
//! The database shelves a few changed listings in the transaction that changes them, and notes many (see
//! `catalog.on_listing_changed`). Those are shelved here, a moment later.

use std::time::{Duration, Instant};

use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use sea_orm::sqlx;
use tokio_util::sync::CancellationToken;

/// How often it is looked for some that are behind.
const EVERY: Duration = Duration::from_millis(250);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(2);
/// Listings of one transaction.
const MOST: i32 = 2_000;

/// Works until `stop`. Any number of processes may: each takes others.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(pool: SystemPool, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let began = Instant::now();
        let pause = match catch_up(&pool).await {
            // While much changes, indexing it takes half of the time at most: ingest goes first.
            Ok(0) => EVERY,
            Ok(_) => began.elapsed().min(EVERY),
            Err(error) => {
                tracing::warn!(%error, "lists are behind; trying again");
                AGAIN
            }
        };
        if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}

/// Shelves some of those that are behind; says how many.
///
/// # Errors
/// When the database fails.
pub async fn catch_up(pool: &SystemPool) -> Result<i32, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let done: i32 = sqlx::query_scalar("select catalog.catch_up_shelf($1)")
        .bind(MOST)
        .fetch_one(&mut *tx.sqlx().await)
        .await
        .map_err(db::query_error)?;
    tx.commit().await?;
    Ok(done)
}
