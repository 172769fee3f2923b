//! Products: watched listings with their newest figures and their history.

pub mod figures;
mod handlers;
pub mod history;
pub mod list;
mod quality;
mod refresh;
pub mod statistics;
mod store;
pub mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(handlers::list_products))
        .routes(routes!(handlers::get_product))
        .routes(routes!(history::handler::get_history))
        .routes(routes!(history::handler::get_histories))
        .routes(routes!(history::export::get_history_csv))
        .routes(routes!(statistics::handler::get_statistics))
        .routes(routes!(quality::handler::get_quality))
        .routes(routes!(refresh::refresh_product))
}
