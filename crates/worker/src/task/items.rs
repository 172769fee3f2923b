//! The items of a task as targets, and telling how they go.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use connectors::{Cost, LeaseLost, MEMO_LIMIT, Outcome, Progress, Target, listing_url};
use contracts::crawl::v1::TaskItem;
use domain::source::Source;
use tokio::sync::mpsc;

use super::record_cost;
use crate::clients::Clients;
use crate::delivery::Told;
use crate::lease::Lease;

/// The items as targets, in the same order. One that names no listing is told at once.
pub(super) async fn targets(
    source: Source,
    items: Vec<TaskItem>,
    sender: &mpsc::Sender<Told>,
) -> Result<(Vec<TaskItem>, Vec<Target>), LeaseLost> {
    let (mut good, mut targets) = (Vec::new(), Vec::new());
    for mut item in items {
        match listing_url::from_id(source, &item.marketplace, &item.external_id) {
            Ok(listing) => {
                targets.push(Target {
                    listing,
                    url: item.url.clone(),
                    strategy: item.strategy.clone(),
                    memo: std::mem::take(&mut item.memo),
                });
                good.push(item);
            }
            Err(error) => {
                let outcome = Outcome::Failed {
                    reason: error.to_string(),
                    retryable: false,
                };
                let told = Told {
                    item,
                    outcome,
                    memo: None,
                };
                sender.send(told).await.map_err(|_| LeaseLost)?;
            }
        }
    }
    Ok((good, targets))
}

/// Carries what a crawl tells to the delivery.
pub(super) struct TaskProgress<'a> {
    lease: &'a Lease,
    clients: &'a Clients,
    items: &'a [TaskItem],
    sender: &'a mpsc::Sender<Told>,
    /// Until their targets' outcomes come.
    memos: Mutex<HashMap<usize, Vec<u8>>>,
}

impl<'a> TaskProgress<'a> {
    pub(super) fn new(
        lease: &'a Lease,
        clients: &'a Clients,
        items: &'a [TaskItem],
        sender: &'a mpsc::Sender<Told>,
    ) -> Self {
        Self {
            lease,
            clients,
            items,
            sender,
            memos: Mutex::default(),
        }
    }

    /// The same outcome for every item.
    pub(super) async fn all(&self, outcome: &Outcome) -> Result<(), LeaseLost> {
        for place in 0..self.items.len() {
            self.outcome(place, outcome.clone()).await?;
        }
        Ok(())
    }

    fn memos(&self) -> std::sync::MutexGuard<'_, HashMap<usize, Vec<u8>>> {
        self.memos.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Progress for TaskProgress<'_> {
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        self.lease.checkpoint(state).await
    }

    async fn outcome(&self, target: usize, outcome: Outcome) -> Result<(), LeaseLost> {
        let Some(item) = self.items.get(target) else {
            return Ok(());
        };
        let remembered = self.memos().remove(&target);
        let told = Told {
            item: item.clone(),
            memo: remembered.filter(|_| matches!(outcome, Outcome::Observed(_))),
            outcome,
        };
        self.sender.send(told).await.map_err(|_| LeaseLost)
    }

    async fn remember(&self, target: usize, memo: Vec<u8>) {
        if memo.len() > MEMO_LIMIT {
            tracing::warn!(bytes = memo.len(), "a memo is too long to be kept");
            return;
        }
        self.memos().insert(target, memo);
    }

    async fn cost(&self, cost: Cost) {
        record_cost(self.clients, self.lease, cost).await;
    }
}
