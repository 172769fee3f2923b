//! Work that nobody resumes: its caller waits for it.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use connectors::{Cost, LeaseLost, Outcome, Progress};

/// Keeps the outcome of the one target.
#[derive(Default)]
pub(super) struct Once(Mutex<Option<Outcome>>);

impl Once {
    /// What became of it.
    pub(super) fn outcome(self) -> Outcome {
        let told = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
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
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        Ok(())
    }

    async fn remember(&self, _: usize, _: Vec<u8>) {}

    async fn cost(&self, cost: Cost) {
        metrics::counter!("worker_live_cost_micro_usd_total")
            .increment(u64::try_from(cost.micro_usd).unwrap_or(0));
    }
}
