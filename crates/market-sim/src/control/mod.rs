//! Control: what tests and demonstrations do to the market behind the upstreams' backs.

mod clock;
mod error;
mod fault;
mod input;
mod listings;
mod mail;
mod requests;
mod robots;
mod sample;
mod set;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::{get, post},
};

use crate::world::World;

/// Routes below `/_control`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/set", post(set::set))
        .route("/sample", post(sample::sample))
        .route("/fault", post(fault::fault))
        .route("/requests", get(requests::list).delete(requests::clear))
        .route("/listings", get(listings::list))
        .route("/clock", post(clock::clock))
        .route("/mail", post(mail::fault))
        .route("/robots", post(robots::robots))
        .route("/reset", post(reset))
        .layer(DefaultBodyLimit::max(16 << 20))
}

/// `POST /_control/reset`: forget everything that control has done, the requests and the runs.
async fn reset(State(world): State<Arc<World>>) -> StatusCode {
    world.reset();
    StatusCode::NO_CONTENT
}
