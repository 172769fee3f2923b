//! What follows from how a tenant stands: nothing is crawled for one that is suspended or waits to be deleted.
//!
//! Its trackings are not live meanwhile, as if it had paused each of them, so that others who track the same listings pay
//! its share and whatever nobody else tracks stops. What it asked for stays known and goes on when it is resumed. Its
//! crawls under way are cancelled; its searches, rounds and syncs are left out of what is claimed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::events::settle;
use crate::storage::standings::{self, Unsettled};
use crate::storage::{cancel, trackings};
use crate::wake::Wake;

/// How often it is looked for tenants whose standing changed.
const EVERY: Duration = Duration::from_secs(1);
/// Targets changed in one transaction: each takes some eight statements, and their reports wait meanwhile.
const BATCH: u32 = 100;

/// Lets trackings follow their tenants' standing. Several may run.
#[derive(Clone)]
pub struct Standings {
    pub(crate) pool: SystemPool,
    pub(crate) wake: Wake,
}

/// What one transaction did.
enum Did {
    /// Changed trackings, or cancelled a crawl; there may be more.
    Part,
    /// All of a tenant's follow.
    Settled(Uuid, bool),
}

impl Standings {
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
            match stop.run_until_cancelled(self.look(Utc::now())).await {
                Some(Err(error)) => {
                    tracing::warn!(%error, "trackings do not follow their tenants yet; goes on");
                }
                Some(Ok(())) => {}
                None => return Ok(()),
            }
        }
    }

    /// Lets all trackings follow.
    pub(crate) async fn look(&self, now: DateTime<Utc>) -> Result<(), DbErr> {
        loop {
            let tx = SystemTx::begin(&self.pool).await?;
            let Some(tenant) = standings::lock_unsettled(&tx).await? else {
                return Ok(());
            };
            let did = self.part(&tx, tenant, now).await?;
            tx.commit().await?;
            if let Did::Settled(tenant, stopped) = did {
                tracing::info!(tenant.id = %tenant, stopped, "a tenant's trackings follow its standing");
            }
        }
    }

    async fn part(
        &self,
        tx: &SystemTx,
        tenant: Unsettled,
        now: DateTime<Utc>,
    ) -> Result<Did, DbErr> {
        let targets = standings::to_change(tx, tenant, BATCH).await?;
        if !targets.is_empty() {
            let locked = trackings::lock_targets(tx, targets.clone()).await?;
            standings::change(tx, tenant, targets).await?;
            let mut due = false;
            for target in &locked {
                due |= settle(tx, target, !tenant.stopped, None, now).await?;
            }
            if due {
                self.wake.now();
            }
            return Ok(Did::Part);
        }
        if tenant.stopped
            && let Some(crawl) = standings::running_crawl(tx, tenant.tenant_id).await?
        {
            cancel::cancel(tx, tenant.tenant_id, crawl, now).await?;
            return Ok(Did::Part);
        }
        standings::mark_settled(tx, tenant.tenant_id).await?;
        Ok(Did::Settled(tenant.tenant_id, tenant.stopped))
    }
}
