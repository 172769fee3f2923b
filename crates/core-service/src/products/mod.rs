//! Products: watched listings with their newest figures and their history.

mod conditions;
pub mod facets;
pub mod figures;
pub mod filter;
mod handlers;
pub mod history;
pub mod list;
pub mod popularity;
mod quality;
mod refresh;
pub mod search;
pub mod shelf;
pub mod sort;
pub mod statistics;
mod store;
pub mod together;
pub mod view;

pub(crate) use handlers::read_product;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::State;

/// The capability's routes.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(handlers::list_products))
        .routes(routes!(facets::get_facets))
        .routes(routes!(handlers::get_product))
        .routes(routes!(history::handler::get_history))
        .routes(routes!(history::handler::get_histories))
        .routes(routes!(history::export::get_history_csv))
        .routes(routes!(statistics::handler::get_statistics))
        .routes(routes!(quality::handler::get_quality))
        .routes(routes!(refresh::refresh_product))
}
