//! The worker: the only process that talks to the outside world, and the only one without a
//! database.
//!
//! [`consumers`] takes tasks from the queues; [`task`] opens one, runs its source's connector and
//! lets [`delivery`] carry what it saw to core and what became of it to the crawler while it runs;
//! [`lease`] keeps the task ours meanwhile. A message is acknowledged last. [`fetch`] answers what
//! somebody waits for; [`sources`] tells in what state the sources are; [`mail`] sends mails.

mod clients;
mod consumers;
mod convert;
mod delivery;
mod fetch;
mod in_hand;
mod lease;
mod mail;
mod retry;
mod sources;
mod state;
mod task;
#[cfg(test)]
mod tests;

use contracts::crawl::v1::fetch_server::FetchServer;
use http_kit::health::Check;
use tonic::service::Routes;
use utoipa_axum::router::OpenApiRouter;

pub use consumers::consumers;
pub use state::{State, wire};

/// The HTTP routes: none. The worker's port serves health and metrics only.
pub fn router(_: State) -> OpenApiRouter {
    OpenApiRouter::new()
}

/// The gRPC services: `Fetch`, for crawler-service.
pub fn grpc(state: State) -> Routes {
    let fetch = fetch::FetchGrpc {
        registry: state.registry,
        clients: state.clients,
    };
    Routes::new(rpc::sized!(FetchServer::new(fetch)))
}

/// Without these the worker cannot work. Core and crawler are not among them: while they are away,
/// tasks wait. Nor is Redis: without it each worker keeps to its share of the sources' limits.
pub fn readiness(state: &State) -> Vec<Check> {
    let bus = state.bus.clone();
    vec![Check::new("rabbitmq", move || {
        let connected = bus.is_connected();
        async move {
            anyhow::ensure!(connected, "not connected");
            Ok(())
        }
    })]
}
