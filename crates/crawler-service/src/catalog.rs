//! Core's catalogue, for what crawls do not bring.

use contracts::catalog::v1::catalog_client::CatalogClient;
use contracts::catalog::v1::record_hits_response::Hit;
use contracts::catalog::v1::{
    ForgetMonitorRequest, ListWatchedRequest, ListWatchedResponse, Monitor, Observation,
    RecordHitsRequest,
};
use tonic::Status;
use uuid::Uuid;

use crate::storage::discoveries::Running;
use crate::storage::monitors::Key;

/// Hits that core is sent in one call: together with their contents well below a message's limit.
const CHUNK: usize = 50;

/// Core, for what crawls do not bring.
#[derive(Clone)]
pub(crate) struct Catalog(CatalogClient<rpc::Channel>);

impl Catalog {
    pub(crate) fn new(core: rpc::Channel) -> Self {
        Self(rpc::sized!(CatalogClient::new(core)))
    }

    /// Gives core what a monitor found; tells what became of each.
    pub(crate) async fn record(
        &self,
        running: &Running,
        hits: Vec<Observation>,
    ) -> Result<Vec<Hit>, Status> {
        let monitor = Monitor {
            id: running.id.to_string(),
            name: running.name.clone(),
            alert: running.alert,
            first: running.last_ok_at.is_none(),
            track_up_to: running.track_up_to.unsigned_abs(),
            tags: running.tags.clone(),
        };
        self.send(running.tenant_id, Some(monitor), hits).await
    }

    /// Gives core what a live read with the tenant's own credential told; tells what became of each.
    pub(crate) async fn record_read(
        &self,
        tenant_id: Uuid,
        rows: Vec<Observation>,
    ) -> Result<Vec<Hit>, Status> {
        self.send(tenant_id, None, rows).await
    }

    /// Listings that the tenant watches and a sync looks at again.
    pub(crate) async fn watched(
        &self,
        request: ListWatchedRequest,
    ) -> Result<ListWatchedResponse, Status> {
        Ok(self.0.clone().list_watched(request).await?.into_inner())
    }

    async fn send(
        &self,
        tenant_id: Uuid,
        monitor: Option<Monitor>,
        mut hits: Vec<Observation>,
    ) -> Result<Vec<Hit>, Status> {
        let mut all = Vec::with_capacity(hits.len());
        while !hits.is_empty() {
            let rest = hits.split_off(hits.len().min(CHUNK));
            let request = RecordHitsRequest {
                tenant_id: tenant_id.to_string(),
                monitor: monitor.clone(),
                hits: std::mem::replace(&mut hits, rest),
            };
            let recorded = self.0.clone().record_hits(request).await?.into_inner();
            let refused = recorded.hits.iter().filter(|hit| hit.listing_id == 0);
            if let Some(first) = refused.clone().next() {
                let count = refused.count();
                tracing::warn!(count, reason = first.reason, "core refused hits");
            }
            all.extend(recorded.hits);
        }
        Ok(all)
    }

    /// Lets core forget a monitor's hits.
    pub(crate) async fn forget(&self, key: Key) -> Result<(), Status> {
        let request = ForgetMonitorRequest {
            tenant_id: key.tenant_id.to_string(),
            monitor_id: key.id.to_string(),
        };
        self.0.clone().forget_monitor(request).await.map(drop)
    }
}
