//! The shop's robots.txt.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::world::World;

/// What the shop asks of crawlers unless control says otherwise.
const FILE: &str =
    "User-agent: *\nDisallow: /shop/private/\nDisallow: /*?print=\nCrawl-delay: 0.1\n";

/// The file that is served.
#[derive(Debug, Default)]
pub(crate) struct Robots(Mutex<Option<(StatusCode, String)>>);

impl Robots {
    /// Serves this from now on.
    pub fn set(&self, status: StatusCode, body: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((status, body));
    }

    /// Serves the shop's own again.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn get(&self) -> (StatusCode, String) {
        let set = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        set.unwrap_or_else(|| (StatusCode::OK, FILE.to_owned()))
    }
}

/// `GET /robots.txt`.
pub(crate) async fn robots(State(world): State<Arc<World>>) -> Response {
    world.robots.get().into_response()
}
