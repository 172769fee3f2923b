//! What the clock does: leases that ended, numbers for metrics, old tasks and answers.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::Schema;
use db::{SystemPool, SystemTx, idempotency};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::storage::{lease, stats};
use crate::wake::Wake;

/// How often leases are looked at. A lost worker costs its lease and this.
const EVERY: Duration = Duration::from_secs(2);
/// Tasks given back in one transaction.
const BATCH: u32 = 50;
/// How often metrics are counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);
/// How often old tasks are deleted, and how old they are then.
const DELETE_EVERY: Duration = Duration::from_secs(3600);
const KEPT: TimeDelta = TimeDelta::days(1);

/// Gives back what lost workers held. Several may run.
pub struct Reaper {
    pub(crate) pool: SystemPool,
    pub(crate) wake: Wake,
}

impl Reaper {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut leases = tokio::time::interval(EVERY);
        let mut counts = tokio::time::interval(COUNT_EVERY);
        let mut deletions = tokio::time::interval(DELETE_EVERY);
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = leases.tick() => self.give_back(Utc::now()).await.map(drop),
                _ = counts.tick() => self.count(Utc::now()).await,
                _ = deletions.tick() => self.delete(Utc::now()).await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "lease keeping failed; goes on");
            }
        }
    }

    /// Gives back every lease that ended before `now`; tells how many targets are due again.
    pub(crate) async fn give_back(&self, now: DateTime<Utc>) -> Result<usize, DbErr> {
        let mut due = 0;
        loop {
            let tx = SystemTx::begin(&self.pool).await?;
            let tasks = lease::expired(&tx, now, BATCH).await?;
            let count = tasks.len();
            if count > 0 {
                let released = lease::release(&tx, tasks, now).await?;
                tx.commit().await?;
                due += released;
                tracing::warn!(
                    tasks = count,
                    targets = released,
                    "leases ended without a report"
                );
                metrics::counter!("crawl_leases_lost_total").increment(released as u64);
            }
            if count < BATCH as usize {
                break;
            }
        }
        if due > 0 {
            self.wake.now();
        }
        Ok(due)
    }

    async fn count(&self, now: DateTime<Utc>) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let counts = stats::counts(&tx, now).await?;
        tx.commit().await?;
        for source in connectors::sources() {
            let found = counts.iter().find(|count| count.source == source.as_str());
            let (due, leased) = found.map_or((0, 0), |count| (count.due, count.leased));
            metrics::gauge!("crawl_targets_due", "source" => source.to_string()).set(due as f64);
            metrics::gauge!("crawl_targets_leased", "source" => source.to_string())
                .set(leased as f64);
        }
        Ok(())
    }

    async fn delete(&self, now: DateTime<Utc>) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let deleted = stats::delete_tasks(&tx, now - KEPT).await?;
        idempotency::sweep(&tx, Schema::Crawl, now).await?;
        tx.commit().await?;
        tracing::debug!(deleted, "old tasks deleted");
        Ok(())
    }
}
