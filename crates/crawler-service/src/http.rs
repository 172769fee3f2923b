//! The HTTP side: crawls, as their tenant starts and watches them.

mod crawls;
mod manual;
mod shapes;

use axum::middleware::from_fn_with_state;
use db::{ApiPool, Failure};
use http_kit::idempotency::{Idempotency, replay};
use http_kit::{ApiError, ErrorCode};
use sea_orm::DbErr;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::starting::Starter;

/// What handlers hold: nothing that could see another tenant's rows.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) pool: ApiPool,
    pub(crate) starter: Starter,
}

/// Routes that only read.
pub(crate) fn reads() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(crawls::list_crawls))
        .routes(routes!(crawls::get_crawl))
}

/// Routes that create, which a caller may send twice under one Idempotency-Key.
pub(crate) fn creates() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(manual::start_manual_crawl))
}

/// All routes, served.
pub(crate) fn router(api: Api, idempotency: Idempotency) -> OpenApiRouter {
    let creates = creates().route_layer(from_fn_with_state(idempotency, replay));
    OpenApiRouter::with_openapi(http_kit::openapi::document("Bellwether"))
        .merge(reads())
        .merge(creates)
        .with_state(api)
}

/// A database failure, as the caller should read it.
fn database(error: DbErr) -> ApiError {
    match Failure::of(&error) {
        Failure::Away => ApiError::unavailable(error),
        Failure::BadValue => ApiError::new(
            ErrorCode::Invalid,
            "A text of the request holds the character U+0000, or a time lies outside the years that can be stored. \
             Correct it.",
        )
        .with_source(error),
        Failure::Defect => ApiError::internal(error),
    }
}
