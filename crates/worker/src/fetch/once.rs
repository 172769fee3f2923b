//! Work that nobody resumes: its caller waits for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connectors::{Cost, LeaseLost, Outcome, Progress};
use contracts::crawl::v1::RecordCostRequest;

use crate::clients::Clients;

/// Times a cost is told, and the pause between two of them.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);

/// Keeps the outcome of the one target, and tells what it cost.
pub(super) struct Once {
    clients: Clients,
    /// Under what the cost is told; empty where there is none.
    task_id: String,
    outcome: Mutex<Option<Outcome>>,
}

impl Once {
    pub(super) fn new(clients: Clients, task_id: String) -> Self {
        Self {
            clients,
            task_id,
            outcome: Mutex::default(),
        }
    }

    /// Whether somebody pays for it.
    pub(super) fn is_paid(&self) -> bool {
        !self.task_id.is_empty()
    }

    /// What became of it.
    pub(super) fn outcome(self) -> Outcome {
        let told = self
            .outcome
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        told.unwrap_or(Outcome::Failed {
            reason: "the source told nothing of this product".into(),
            retryable: true,
        })
    }
}

#[async_trait]
impl Progress for Once {
    /// Whoever asked asks again, so there is nothing to keep.
    async fn checkpoint(&self, _: Vec<u8>) -> Result<(), LeaseLost> {
        Ok(())
    }

    async fn outcome(&self, _: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        Ok(())
    }

    async fn remember(&self, _: usize, _: Vec<u8>) {}

    /// Tells it beside the work: whoever waits need not wait for that.
    async fn cost(&self, cost: Cost) {
        metrics::counter!("worker_live_cost_micro_usd_total")
            .increment(u64::try_from(cost.micro_usd).unwrap_or(0));
        let request = RecordCostRequest {
            task_id: self.task_id.clone(),
            run: cost.run,
            micro_usd: cost.micro_usd,
            results: cost.results,
        };
        if self.is_paid() {
            tokio::spawn(record(self.clients.clone(), request));
        }
    }
}

async fn record(clients: Clients, request: RecordCostRequest) {
    for tries in 1..=TRIES {
        let Err(status) = clients.work.clone().record_cost(request.clone()).await else {
            return;
        };
        if tries == TRIES || !rpc::is_transient(&status) {
            tracing::warn!(
                run = request.run,
                micro_usd = request.micro_usd,
                code = ?status.code(),
                error = status.message(),
                "cannot record what a run cost"
            );
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
