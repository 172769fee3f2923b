//! A task that searches instead of crawling.

use async_trait::async_trait;
use connectors::{Cost, Credential, Hits, LeaseLost, MonitorKind, Outcome, Progress, Search, Work};
use contracts::crawl::v1::{
    Discovery, FinishDiscoveryRequest, OpenTaskResponse, ReportHitsRequest,
};
use domain::observation::Observation;

use super::{Interrupted, Worker, record_cost};
use crate::clients::Clients;
use crate::convert;
use crate::lease::Lease;
use crate::retry;

/// Hits carried at once: each may hold a whole description.
const BATCH: usize = 200;

/// What a discovery asks the connector.
pub(crate) fn search(discovery: &Discovery) -> Result<Search, Outcome> {
    let Some(kind) = MonitorKind::parse(&discovery.kind) else {
        return Err(Outcome::Failed {
            reason: format!("`{}` is no kind of search", discovery.kind),
            retryable: false,
        });
    };
    Ok(Search {
        kind,
        term: discovery.term.clone(),
        category: discovery.category.clone(),
        marketplace: discovery.marketplace.clone(),
        limit: usize::try_from(discovery.limit).unwrap_or(usize::MAX),
    })
}

impl Worker {
    /// Searches, brings what was found to the crawler, and tells how it ended.
    pub(super) async fn discover(
        &self,
        lease: &Lease,
        discovery: Discovery,
        opened: &OpenTaskResponse,
        credential: Result<Option<Credential>, Outcome>,
    ) -> Result<(), Interrupted> {
        let progress = SearchProgress {
            lease,
            clients: &self.clients,
        };
        let asked = async {
            let (search, credential) = (search(&discovery)?, credential?);
            let resume = Some(opened.checkpoint.as_slice()).filter(|bytes| !bytes.is_empty());
            let work = Work {
                resume,
                urgency: self.urgency,
                credential: credential.as_ref(),
            };
            self.connector.search(&search, work, &progress).await
        };
        let (outcome, hits) = match asked.await {
            Ok(hits) => (Outcome::Observed(Vec::new()), hits),
            Err(outcome) => (outcome, Hits::default()),
        };
        let owner = opened.owner_tenant_id.as_deref();
        for batch in hits.found.chunks(BATCH) {
            self.report_hits(lease, discovery.fence, batch, owner)
                .await?;
        }
        let request = FinishDiscoveryRequest {
            task_id: lease.task_id().to_owned(),
            fence: discovery.fence,
            outcome: outcome.as_str().to_owned(),
            reason: outcome.reason(),
            retry_after_seconds: outcome.retry_after().map(convert::whole_seconds),
            retryable: outcome.retryable(),
            total: hits.total,
            found: u32::try_from(hits.found.len()).unwrap_or(u32::MAX),
        };
        let finished = retry::within(lease, "finish discovery", || {
            let (request, mut client) = (request.clone(), self.clients.work.clone());
            async move { client.finish_discovery(request).await }
        });
        told(
            finished.await.map(|answer| answer.live),
            "cannot finish a discovery",
        )
    }

    async fn report_hits(
        &self,
        lease: &Lease,
        fence: i64,
        batch: &[Observation],
        owner: Option<&str>,
    ) -> Result<(), Interrupted> {
        let request = ReportHitsRequest {
            task_id: lease.task_id().to_owned(),
            fence,
            hits: batch
                .iter()
                .map(|hit| convert::observation(hit, 0, owner))
                .collect(),
        };
        let reported = retry::within(lease, "report hits", || {
            let (request, mut client) = (request.clone(), self.clients.work.clone());
            async move { client.report_hits(request).await }
        });
        told(
            reported.await.map(|answer| answer.live),
            "cannot report hits",
        )
    }
}

/// Whether the crawler took it.
fn told(answer: Result<bool, tonic::Status>, what: &str) -> Result<(), Interrupted> {
    match answer {
        Ok(true) => Ok(()),
        Ok(false) => Err(Interrupted::Lost),
        Err(status) => {
            tracing::warn!(code = ?status.code(), error = status.message(), "{what}");
            Err(Interrupted::GaveUp)
        }
    }
}

struct SearchProgress<'a> {
    lease: &'a Lease,
    clients: &'a Clients,
}

#[async_trait]
impl Progress for SearchProgress<'_> {
    async fn checkpoint(&self, state: Vec<u8>) -> Result<(), LeaseLost> {
        self.lease.checkpoint(state).await
    }

    /// A search has no targets.
    async fn outcome(&self, _: usize, _: Outcome) -> Result<(), LeaseLost> {
        Ok(())
    }

    async fn remember(&self, _: usize, _: Vec<u8>) {}

    async fn cost(&self, cost: Cost) {
        record_cost(self.clients, self.lease, cost).await;
    }
}
