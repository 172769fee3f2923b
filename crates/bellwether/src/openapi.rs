//! The API's description: made from the routers, shown as a page.

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

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
pub fn pages(document: OpenApi) -> Router {
    SwaggerUi::new("/api/docs")
        .url("/api/openapi.json", document)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's types are made from this file.
    #[test]
    fn the_exported_document_is_current() {
        let exported = include_str!("../../../web/openapi.json");
        let current = document()
            .to_pretty_json()
            .expect("the document serialises");
        assert!(
            exported.trim_end() == current,
            "web/openapi.json is not what the routers say; run `./dev api`"
        );
    }
}
