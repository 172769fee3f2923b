//! The live event stream: one reader of the log a process, any number of listeners.

mod entry;
mod hub;
mod listeners;
mod store;
mod stream;

pub use entry::SHARED;
pub use hub::Hub;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(stream::stream_events))
}
