//! The worker: the only process that talks to the outside world, and the only one without a
//! database.
//!
//! [`consumers`] takes tasks from the queues; [`task`] opens one, runs its source's connector and
//! lets [`delivery`] carry what it saw to core and what became of it to the crawler while it runs;
//! [`lease`] keeps the task ours meanwhile. A message is acknowledged last.

mod clients;
mod consumers;
mod convert;
mod delivery;
mod in_hand;
mod lease;
mod retry;
mod state;
mod task;
#[cfg(test)]
mod tests;

use http_kit::health::Check;
use tonic::service::Routes;
use utoipa_axum::router::OpenApiRouter;

pub use consumers::consumers;
pub use state::{State, wire};

/// The HTTP routes: none. The worker's port serves health and metrics only.
pub fn router(_: State) -> OpenApiRouter {
    OpenApiRouter::new()
}

/// The gRPC services: only the health service that every process serves.
pub fn grpc(_: State) -> Routes {
    Routes::default()
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
