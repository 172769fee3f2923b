//! PopMart's international shop: signed REST, unsigned CDN files, and the RPC of the newest generation.

mod cdn;
mod details;
mod envelope;
mod lists;
mod rest;
mod rpc;
mod rpc_view;
pub mod sign;
mod spoil;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::world::World;

/// Routes below `/popmart`.
pub(crate) fn router(world: &Arc<World>) -> Router<Arc<World>> {
    Router::new()
        .route("/shop/v1/shop/productDetails", get(rest::product_details))
        .route("/shop/v1/search", post(rest::search))
        .route(
            "/shop/v3/shop/productOnCollection",
            get(rest::collection_get).post(rest::collection_post),
        )
        .route("/rpc/{*procedure}", post(rpc::call))
        .route("/{file}", get(cdn::file))
        .layer(middleware::from_fn_with_state(
            Arc::clone(world),
            spoil::pass,
        ))
}
