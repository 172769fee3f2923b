//! The API's description: made from the routers, shown as a page.

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_scalar::Scalar;

/// The description of all services' operations, made without running any.
#[must_use]
pub fn document() -> OpenApi {
    let mut whole = http_kit::openapi::document("Bellwether");
    for part in [
        user_service::openapi(),
        crawler_service::openapi(),
        core_service::openapi(),
    ] {
        whole.merge(part);
    }
    whole
}

/// `/api/openapi.json` and `/api/docs`.
pub fn pages(document: &OpenApi) -> anyhow::Result<Router> {
    let json = document.to_pretty_json()?;
    let page = Scalar::new(document.clone()).to_html();
    Ok(Router::new()
        .route(
            "/api/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json) }),
        )
        .route("/api/docs", get(move || async move { Html(page) })))
}
