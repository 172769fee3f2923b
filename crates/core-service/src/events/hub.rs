//! Reading the event log once for everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::outbox::Schema;
use db::outbox::log::{self, LoggedEvent};
use db::{Pools, SystemTx, TenantTx};
use sea_orm::DbErr;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events a slow listener may be behind before it reads the log itself.
const BEHIND: usize = 4_096;
/// Events read at a time.
pub const PAGE: u32 = 500;
/// The log is looked at this often even when nothing wakes the reader.
const IDLE: Duration = Duration::from_secs(2);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// The event stream of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pools: Pools,
    events: broadcast::Sender<Arc<LoggedEvent>>,
    /// Everything up to here has been handed out; below 0 before the log was first read.
    position: Arc<AtomicI64>,
}

impl Hub {
    /// A hub that is silent until [`Hub::run`] runs.
    #[must_use]
    pub fn new(pools: Pools) -> Self {
        Self {
            pools,
            events: broadcast::Sender::new(BEHIND),
            position: Arc::new(AtomicI64::new(-1)),
        }
    }

    /// Reads the log and hands it out until `stop`. With the database away it waits and goes on where it was.
    ///
    /// # Errors
    /// Never; the type is that of a supervised task.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            if let Err(error) = self.follow(&stop).await {
                tracing::warn!(%error, "event log cannot be read; trying again");
                let _ = tokio::time::timeout(AGAIN, stop.cancelled()).await;
            }
        }
        Ok(())
    }

    async fn follow(&self, stop: &CancellationToken) -> Result<(), DbErr> {
        // Listening first: what is published between the two is told again by the log.
        let mut published = log::listen(&self.pools.system, Schema::Catalog).await?;
        if self.position() < 0 {
            self.position.store(self.newest().await?, Ordering::Release);
        }
        while !stop.is_cancelled() {
            while self.hand_out().await? {}
            tokio::select! {
                () = stop.cancelled() => {}
                // A wake is a hint only: the log says what there is.
                _ = tokio::time::timeout(IDLE, published.recv()) => {}
            }
        }
        Ok(())
    }

    /// Hands out the next page; says whether there may be more.
    async fn hand_out(&self) -> Result<bool, DbErr> {
        let tx = SystemTx::begin(&self.pools.system).await?;
        let events = log::read_after(&tx, Schema::Catalog, self.position(), PAGE).await?;
        tx.commit().await?;
        let full = events.len() == PAGE as usize;
        for event in events {
            let sequence = event.sequence;
            // Nobody may be listening. Sent before the position moves: who comes in between gets it twice at most,
            // and drops the second.
            let _ = self.events.send(Arc::new(event));
            self.position.store(sequence, Ordering::Release);
        }
        Ok(full)
    }

    /// The sequence of the newest event handed out; negative before the log was first read.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// Everything handed out from now on, of all tenants.
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<LoggedEvent>> {
        self.events.subscribe()
    }

    /// The sequence of the newest event in the log.
    pub(super) async fn newest(&self) -> Result<i64, DbErr> {
        let tx = SystemTx::begin(&self.pools.system).await?;
        let newest = log::newest(&tx, Schema::Catalog).await?;
        tx.commit().await?;
        Ok(newest)
    }

    /// A tenant's events after a sequence, out of the log.
    pub(super) async fn read_after(
        &self,
        tenant_id: Uuid,
        sequence: i64,
    ) -> Result<Vec<LoggedEvent>, DbErr> {
        let tx = TenantTx::begin(&self.pools.api, tenant_id).await?;
        let events = log::read_after(&tx, Schema::Catalog, sequence, PAGE).await?;
        tx.commit().await?;
        Ok(events)
    }
}
