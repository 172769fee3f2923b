//! Apify API v2 with actors for Amazon's products, searches and bestsellers.

mod actor;
mod auth;
mod axesso;
mod dataset;
mod error;
mod junglee;
mod listing_text;
mod lists;
mod page;
mod runs;
mod start;
mod view;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(crate) use actor::is_asin;
pub(crate) use runs::Runs;

use crate::world::World;

/// The product crawler of junglee, as a path segment.
pub const JUNGLEE_ACTOR: &str = "junglee~Amazon-crawler";
/// The product details scraper of axesso, as a path segment.
pub const AXESSO_ACTOR: &str = "axesso_data~amazon-product-details-scraper";

/// The search of axesso, as a path segment.
pub const AXESSO_SEARCH_ACTOR: &str = "axesso_data~amazon-search-scraper";
/// The bestsellers of junglee, as a path segment.
pub const BESTSELLERS_ACTOR: &str = "junglee~amazon-bestsellers";
/// The bestsellers of crawlerbros, as a path segment.
pub const CRAWLERBROS_ACTOR: &str = "crawlerbros~amazon-bestseller-scraper";

/// Routes below `/apify`.
pub(crate) fn router() -> Router<Arc<World>> {
    let mut routes = Router::new()
        .route("/v2/actor-runs", get(view::list_user_runs))
        .route("/v2/actor-runs/{run}", get(view::get_run))
        .route("/v2/actor-runs/{run}/abort", post(view::abort_run))
        .route(
            "/v2/actor-runs/{run}/dataset/items",
            get(dataset::run_items),
        )
        .route("/v2/datasets/{dataset}/items", get(dataset::items))
        .route(
            "/v2/key-value-stores/{store}/records/INPUT",
            get(view::get_input),
        );
    // Both spellings of the path are documented.
    for acts in ["acts", "actors"] {
        routes = routes
            .route(
                &format!("/v2/{acts}/{{actor}}/runs"),
                post(start::start_run).get(view::list_actor_runs),
            )
            .route(
                &format!("/v2/{acts}/{{actor}}/run-sync-get-dataset-items"),
                post(start::run_sync),
            );
    }
    // Hundreds of start URLs a run are ordinary; Apify's own limit is 9 MB.
    routes
        .layer(DefaultBodyLimit::max(9 << 20))
        .fallback(|| async { error::ApifyError::NoEndpoint })
}
