//! The layers around everything that is served.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use super::edge::edge;
use crate::{ApiError, BODY_LIMIT, ErrorCode};

/// `router` with a trace and metrics around each request, panics and bare errors as problems,
/// `timeout` for the time until an answer begins (streams may then last), compression, and the body
/// limit. Apply it once, to the composed whole.
pub fn harden(router: Router, timeout: Duration) -> Router {
    router.layer(
        // From the outside in.
        ServiceBuilder::new()
            // Outside of what may still write the body of a problem.
            .layer(CompressionLayer::new())
            .layer(from_fn(edge))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(move |request, next| {
                limited(timeout, request, next)
            }))
            .layer(DefaultBodyLimit::max(BODY_LIMIT)),
    )
}

async fn limited(timeout: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let seconds = timeout.as_secs_f64();
            let detail = format!(
                "There was no answer within {seconds} s. Ask for less at once, or try again."
            );
            ApiError::new(ErrorCode::Timeout, detail).into_response()
        }
    }
}

/// The layer wants an owned panic.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is tower-http's"
)]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)");
    ApiError::internal(format!("handler panicked: {text}")).into_response()
}
