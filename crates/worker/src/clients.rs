//! The two services a worker talks to.

use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::crawl::v1::work_client::WorkClient;
use rpc::{Channel, Peers};

/// Typed clients; clone one for each call.
#[derive(Clone)]
pub(crate) struct Clients {
    /// core-service: takes observations.
    pub(crate) ingest: IngestClient<Channel>,
    /// crawler-service: opens tasks and takes reports.
    pub(crate) work: WorkClient<Channel>,
}

impl Clients {
    pub(crate) fn new(peers: &Peers) -> Self {
        Self {
            ingest: rpc::sized!(IngestClient::new(peers.core.clone())),
            work: rpc::sized!(WorkClient::new(peers.crawler.clone())),
        }
    }
}
