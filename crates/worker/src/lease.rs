//! Keeping a task ours.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::Utc;
use connectors::LeaseLost;
use contracts::crawl::v1::{CheckpointRequest, OpenTaskResponse};
use tokio::sync::Mutex;

use crate::clients::Clients;
use crate::retry;

/// The shortest time between two extensions.
const LEAST_PERIOD: Duration = Duration::from_secs(2);
/// How soon an extension that failed is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// A task that was opened: its id, the end of our right to it, and what survives us.
pub(crate) struct Lease {
    clients: Clients,
    task_id: String,
    /// Unix seconds.
    until: AtomicI64,
    /// Sent with each extension, so it is held while one is under way: an older state must not
    /// overtake a newer one.
    checkpoint: Mutex<Vec<u8>>,
}

impl Lease {
    pub(crate) fn new(clients: Clients, task_id: String, opened: &OpenTaskResponse) -> Self {
        Self {
            clients,
            task_id,
            until: AtomicI64::new(opened.lease_until_unix),
            checkpoint: Mutex::new(opened.checkpoint.clone()),
        }
    }

    pub(crate) fn task_id(&self) -> &str {
        &self.task_id
    }

    /// Whether others may have the task by now.
    pub(crate) fn is_over(&self) -> bool {
        Utc::now().timestamp() >= self.until.load(Ordering::Relaxed)
    }

    /// Makes `state` durable, and the lease longer.
    pub(crate) async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        let mut held = self.checkpoint.lock().await;
        *held = state;
        retry::within(self, "checkpoint", || self.extend(held.clone()))
            .await
            .map_err(|status| {
                tracing::warn!(code = ?status.code(), error = status.message(), "cannot checkpoint");
                LeaseLost
            })?
            .then_some(())
            .ok_or(LeaseLost)
    }

    /// Extends the lease for as long as it is polled; returns when it is lost for good.
    pub(crate) async fn keep(&self) -> LeaseLost {
        let mut wait = self.period();
        loop {
            tokio::time::sleep(wait).await;
            let held = self.checkpoint.lock().await;
            wait = match self.extend(held.clone()).await {
                Ok(live) if *live.get_ref() => self.period(),
                Ok(_) => return LeaseLost,
                Err(status) => {
                    tracing::warn!(code = ?status.code(), error = status.message(), "cannot extend the lease yet");
                    AGAIN
                }
            };
        }
    }

    /// A third of what is left, so that two extensions may fail.
    fn period(&self) -> Duration {
        let left = self.until.load(Ordering::Relaxed) - Utc::now().timestamp();
        (Duration::from_secs(u64::try_from(left).unwrap_or(0)) / 3).max(LEAST_PERIOD)
    }

    /// One extension; whether the task is still ours.
    async fn extend(&self, checkpoint: Vec<u8>) -> Result<tonic::Response<bool>, tonic::Status> {
        let request = CheckpointRequest {
            task_id: self.task_id.clone(),
            checkpoint,
        };
        let response = self.clients.work.clone().checkpoint(request).await?;
        let answer = response.into_inner();
        if answer.live {
            self.until.store(answer.lease_until_unix, Ordering::Relaxed);
        }
        Ok(tonic::Response::new(answer.live))
    }
}
