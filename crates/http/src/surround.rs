//! What surrounds a service's routes, in the one order in which it works.

use std::sync::Arc;

use ::audit::Recorder;
use axum::{Extension, middleware::from_fn_with_state};
use tower::ServiceBuilder;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    audit::{self, Audit, RefusedCredentials},
    auth::Authenticator,
    limits::{self, Limiter},
};

/// What looks at every request of a service before its handler does.
pub struct Surroundings {
    /// Tells who is calling.
    pub authenticator: Authenticator,
    /// Says how often.
    pub limiter: Limiter,
    /// Keeps what the audit log must know of it.
    pub recorder: Arc<dyn Recorder>,
}

/// `routes` that know their caller, within limits, with their changes and refused credentials in the audit log. Must run
/// inside a Tokio runtime.
pub fn surround(routes: OpenApiRouter, surroundings: Surroundings) -> OpenApiRouter {
    let Surroundings {
        authenticator,
        limiter,
        recorder,
    } = surroundings;
    let refused = Arc::new(RefusedCredentials::new(Arc::clone(&recorder)));
    authenticator.tell_refusals(refused);
    let audited = Audit::new(routes.get_openapi(), recorder);
    // As one layer: each is a box around every route, copied with all below it for every request.
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(audited, audit::watch))
            .layer(Extension(authenticator))
            .layer(from_fn_with_state(limiter, limits::admit)),
    )
}
