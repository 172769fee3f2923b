//! What is put in order by the clock: credentials under a former key, monitors that core has not forgotten,
//! searches that no round asks for any more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use secrets::SecretBox;
use tokio_util::sync::CancellationToken;

use crate::catalog::Catalog;
use crate::sealing;
use crate::storage::{credentials, discoveries, searches};

/// How often all of it is looked at.
const EVERY: Duration = Duration::from_secs(30);
/// Credentials sealed anew, and monitors forgotten, in one transaction or one look.
const BATCH: u32 = 100;
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
            if let Err(error) = self.forget(Utc::now()).await {
                tracing::warn!(%error, "deleted monitors stay for now");
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
