//! Forgetting crawls that were over long ago, with their targets.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::storage::{quotas, stats};

/// How often.
const EVERY: Duration = Duration::from_secs(3600);
/// Targets forgotten in one transaction, so that none is long.
const BATCH: u32 = 5_000;

/// How long it is kept what tenants used on a day.
const KEPT_COUNTERS: TimeDelta = TimeDelta::days(62);

/// Forgets old crawls. Several may run.
pub struct Retention {
    pub(crate) pool: SystemPool,
    /// How long a crawl that is over is kept.
    pub(crate) keep: TimeDelta,
}

impl Retention {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => {}
            }
            match stop
                .run_until_cancelled(self.forget(Utc::now(), BATCH))
                .await
            {
                Some(Ok(0)) | None => {}
                Some(Ok(crawls)) => tracing::info!(crawls, "old crawls forgotten"),
                Some(Err(error)) => tracing::warn!(%error, "old crawls stay for now"),
            }
        }
    }

    /// Forgets what was over before its time, `batch` targets at once; tells how many crawls those were.
    pub(crate) async fn forget(&self, now: DateTime<Utc>, batch: u32) -> Result<u64, DbErr> {
        let before = now - self.keep;
        let tx = SystemTx::begin(&self.pool).await?;
        quotas::forget(&tx, (now - KEPT_COUNTERS).date_naive()).await?;
        tx.commit().await?;
        let mut crawls = 0;
        loop {
            let tx = SystemTx::begin(&self.pool).await?;
            let forgotten = stats::forget_crawls(&tx, before, batch).await?;
            tx.commit().await?;
            crawls += forgotten.crawls;
            if !forgotten.more {
                return Ok(crawls);
            }
        }
    }
}
