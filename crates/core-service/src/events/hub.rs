//! Reading the event log once for everybody.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::outbox::Schema;
use db::outbox::log;
use db::{Pools, SystemTx, TenantTx};
use sea_orm::DbErr;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::entry::{self, Entry};
use super::listeners::{Listener, Listeners};
use super::store::{self, TenantEvent};

/// Entries a slow listener may be behind before it reads the log itself.
const BEHIND: usize = 4_096;
/// Entries read at a time. One may hold some hundred changes.
const PAGE: u32 = 100;
/// Positions of the log that a tenant reads at a time.
const SPAN: i64 = 500;
/// The log is looked at this often even when nothing wakes the reader.
const IDLE: Duration = Duration::from_secs(2);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// The event stream of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pools: Pools,
    entries: broadcast::Sender<Arc<Entry>>,
    listeners: Listeners,
    /// Everything up to here has been handed out; below 0 before the log was first read.
    position: Arc<AtomicI64>,
}

impl Hub {
    /// A hub that is silent until [`Hub::run`] runs.
    #[must_use]
    pub fn new(pools: Pools) -> Self {
        Self {
            pools,
            entries: broadcast::Sender::new(BEHIND),
            listeners: Listeners::default(),
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
        // Whoever begins to listen after this is not in it, and reads the log for itself.
        let listening: Arc<HashSet<Uuid>> = Arc::new(self.listeners.tenants());
        let tenants = listening.iter().copied().collect();
        let watched = store::watching(&tx, entry::listings(&events), tenants).await?;
        tx.commit().await?;
        let full = events.len() == PAGE as usize;
        for event in events {
            let sequence = event.sequence;
            let entry = Entry::of(event, &listening, &watched);
            // Nobody may be listening. Sent before the position moves: who comes in between gets it twice at most,
            // and drops the second.
            let _ = self.entries.send(Arc::new(entry));
            self.position.store(sequence, Ordering::Release);
        }
        Ok(full)
    }

    /// The sequence of the newest entry handed out; negative before the log was first read.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// Everything handed out from now on, worked out for this tenant among others as long as the listener lives.
    pub(super) fn listen(&self, tenant_id: Uuid) -> (Listener, broadcast::Receiver<Arc<Entry>>) {
        let listener = self.listeners.add(tenant_id);
        (listener, self.entries.subscribe())
    }

    /// The sequence of the newest event in the log.
    pub(super) async fn newest(&self) -> Result<i64, DbErr> {
        let tx = SystemTx::begin(&self.pools.system).await?;
        let newest = log::newest(&tx, Schema::Catalog).await?;
        tx.commit().await?;
        Ok(newest)
    }

    /// A tenant's events after a sequence, out of the log, as far as they were read at once.
    pub(super) async fn read_after(&self, tenant_id: Uuid, sequence: i64) -> Result<Past, DbErr> {
        let newest = self.newest().await?;
        let until = newest.min(sequence.saturating_add(SPAN));
        let tx = TenantTx::begin(&self.pools.api, tenant_id).await?;
        let events = store::between(&tx, sequence, until).await?;
        tx.commit().await?;
        Ok(Past {
            events,
            until: until.max(sequence),
            more: until < newest,
        })
    }
}

/// A part of the log.
pub(super) struct Past {
    /// What the tenant may read of it.
    pub(super) events: Vec<TenantEvent>,
    /// Its last position.
    pub(super) until: i64,
    /// Whether the log goes on.
    pub(super) more: bool,
}
