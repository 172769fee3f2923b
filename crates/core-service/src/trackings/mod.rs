//! Trackings: a tenant's wish to follow a listing.

mod address;
pub(crate) mod create;
pub(crate) mod events;
mod handlers;
pub(crate) mod rules;
mod states;
pub(crate) mod store;
pub(crate) mod timing;
pub mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(handlers::list_trackings, create::create_tracking))
        .routes(routes!(timing::preview::preview_schedule))
        .routes(routes!(
            handlers::get_tracking,
            handlers::update_tracking,
            handlers::delete_tracking
        ))
}
