//! What is put in order by the clock: credentials under a former key, monitors that core has not forgotten, searches that
//! no round asks for any more, the budget of adaptive trackings, syncs of catalogues and their logs.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use domain::schedule;
use sea_orm::DbErr;
use secrets::SecretBox;
use tokio_util::sync::CancellationToken;

use crate::catalog::Catalog;
use crate::rules::cadence::NO_STRETCH;
use crate::rules::sync::{Clock, Mode, Trigger};
use crate::sealing;
use crate::storage::sync_end::{self, Kept, Start};
use crate::storage::{credentials, discoveries, searches, stretches};

/// How often all of it is looked at.
const EVERY: Duration = Duration::from_secs(30);
/// Credentials sealed anew, and monitors forgotten, in one transaction or one look.
const BATCH: u32 = 100;
/// Logs deleted in one transaction: each takes its codes along.
const LOGS: u32 = 500;
/// How long a deleted monitor is kept: hits that were on their way when it was deleted are with core by then, and
/// forgotten with the rest.
const KEPT: TimeDelta = TimeDelta::seconds(60);
/// How long a search of rounds stands ready after the last round that asked for it.
const READY: TimeDelta = TimeDelta::days(30);

/// Puts things in order. Several may run.
pub struct Upkeep {
    pub(crate) pool: SystemPool,
    pub(crate) ring: SecretBox,
    pub(crate) catalog: Catalog,
    /// How long logs of syncs are kept.
    pub(crate) sync_log: TimeDelta,
    /// How often catalogues are synced.
    pub(crate) sync_clock: Clock,
}

impl Upkeep {
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
            if let Err(error) = self.reseal().await {
                tracing::warn!(%error, "credentials were not sealed anew; tried again");
            }
            if let Err(error) = self.stretch().await {
                tracing::warn!(%error, "adaptive intervals stay as they are for now");
            }
            if let Err(error) = self.forget(Utc::now()).await {
                tracing::warn!(%error, "deleted monitors stay for now");
            }
            if let Err(error) = self.syncs(Utc::now()).await {
                tracing::warn!(%error, "syncs are not put in order; tried again");
            }
        }
    }

    /// Seals every credential with the ring's newest key that another one sealed; tells how many do not open.
    pub(crate) async fn reseal(&self) -> Result<usize, DbErr> {
        let mut after = None;
        let mut closed = 0;
        loop {
            let tx = SystemTx::begin(&self.pool).await?;
            let key = self.ring.sealing_key();
            let batch = credentials::sealed_otherwise(&tx, key, after.take(), BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some((last.tenant_id, last.source.clone()));
            for credential in batch {
                match sealing::again(&self.ring, &credential) {
                    Ok(sealed) => credentials::reseal(&tx, sealed).await?,
                    Err(error) => {
                        closed += 1;
                        tracing::error!(%error, tenant.id = %credential.tenant_id, source = credential.source, "a credential cannot be sealed anew: is its key in secrets.former_keys?");
                    }
                }
            }
            tx.commit().await?;
        }
        metrics::gauge!("crawl_credentials_to_reseal").set(closed as f64);
        Ok(closed)
    }

    /// Ends the logs of crawls that ended otherwise, starts what the clock says, and deletes old logs.
    pub(crate) async fn syncs(&self, now: DateTime<Utc>) -> Result<(), DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let unheard = sync_end::unheard(&tx, BATCH).await?;
        if !unheard.is_empty() {
            sync_end::crawls_ended(&tx, unheard, now).await?;
        }
        let due = sync_end::kept(&tx).await?.into_iter().filter_map(|kept| {
            let due = self.sync_clock.due(kept.full_at, kept.incremental_at, now);
            due.map(|mode| start(kept, mode))
        });
        let due: Vec<Start> = due.collect();
        if !due.is_empty() {
            sync_end::begin(&tx, due, Trigger::Periodic, None, now).await?;
        }
        tx.commit().await?;
        loop {
            let tx = SystemTx::begin(&self.pool).await?;
            let deleted = sync_end::delete(&tx, now - self.sync_log, LOGS).await?;
            tx.commit().await?;
            if deleted < u64::from(LOGS) {
                return Ok(());
            }
        }
    }

    /// Keeps tenants' adaptive trackings within what their intervals ask for; tells how many tenants and sources have
    /// to wait longer.
    pub(crate) async fn stretch(&self) -> Result<usize, DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let usage = stretches::usage(&tx).await?;
        let beyond: Vec<_> = usage
            .into_iter()
            .map(|usage| {
                let stretch = schedule::stretch(usage.asked, usage.used);
                (usage.tenant_id, usage.source, stretch)
            })
            .filter(|(_, _, stretch)| *stretch > NO_STRETCH)
            .collect();
        let count = beyond.len();
        stretches::replace(&tx, beyond).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Ends the searches that no round asks for any more, and lets core forget the monitors that were deleted a while
    /// ago, for good; tells how many.
    pub(crate) async fn forget(&self, now: DateTime<Utc>) -> anyhow::Result<usize> {
        let tx = SystemTx::begin(&self.pool).await?;
        searches::end_unasked(&tx, now - READY, now).await?;
        let deleted = discoveries::deleted(&tx, now - KEPT, BATCH).await?;
        tx.commit().await?;
        let count = deleted.len();
        for key in deleted {
            self.catalog.forget(key).await?;
            let tx = SystemTx::begin(&self.pool).await?;
            discoveries::forget(&tx, key).await?;
            tx.commit().await?;
        }
        Ok(count)
    }
}

/// What is due of a catalogue. A full sync is about what the last one was about.
fn start(kept: Kept, mode: Mode) -> Start {
    let whole = mode == Mode::Full;
    Start {
        tenant_id: kept.tenant_id,
        source: kept.source,
        marketplace: kept.marketplace,
        mode,
        category: kept.category.filter(|_| whole),
        brand: kept.brand.filter(|_| whole),
    }
}
