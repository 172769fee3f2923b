//! Starting the rounds that schedulers have due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::rounds::Rounds;
use crate::storage::schedulers;

/// How often due rounds are looked for.
const EVERY: Duration = Duration::from_secs(2);
/// Rounds started after one look; the next look takes the rest.
const BATCH: u32 = 100;

/// Starts due rounds. Several may run: each round is started by one of them.
pub struct Scheduler {
    pub(crate) pool: SystemPool,
    pub(crate) rounds: Rounds,
}

impl Scheduler {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.look(Utc::now()).await {
                tracing::warn!(%error, "due rounds were not looked for; goes on");
            }
        }
    }

    /// Starts what is due at `now`; tells how many rounds that are. One that cannot be started keeps no other waiting.
    pub(crate) async fn look(&self, now: DateTime<Utc>) -> Result<usize, DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let due = schedulers::due(&tx, now, BATCH).await?;
        tx.commit().await?;
        let mut started = 0;
        for tenant in due {
            // Each round is a trace of its own, from here to what it changes.
            let span = tracing::info_span!(parent: None, "round", tenant.id = %tenant);
            match self.rounds.scheduled(tenant, now).instrument(span).await {
                Ok(None) => {}
                Ok(Some(crawl)) => {
                    started += 1;
                    metrics::counter!("crawl_rounds_started_total").increment(1);
                    tracing::info!(tenant.id = %tenant, crawl.id = %crawl, "a scheduled round began");
                }
                Err(error) => {
                    tracing::warn!(%error, tenant.id = %tenant, "a scheduled round did not begin; tried again");
                }
            }
        }
        Ok(started)
    }
}
