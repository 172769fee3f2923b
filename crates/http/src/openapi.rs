//! The parts of the OpenAPI document that all services share, and the help page about errors.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{Router, response::Html, routing::get};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        self, Content, Ref, RefOr, Response, ResponseBuilder,
        security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
        },
    },
};

use crate::{
    ErrorCode,
    auth::cookies::ACCESS_COOKIE,
    problem::{CONTENT_TYPE, FieldError, Problem},
};

/// Where the help about errors is; the `type` of a problem points into it.
pub const ERRORS_PATH: &str = "/api/docs/errors";

/// A document with the shared schemas and all ways to say who is calling. Services start their
/// router from it: `OpenApiRouter::with_openapi(openapi::document("Bellwether"))`.
pub fn document(title: &str) -> openapi::OpenApi {
    let mut document = Shared::openapi();
    title.clone_into(&mut document.info.title);
    document.info.version = format!("v1 ({})", env!("CARGO_PKG_VERSION"));
    document
}

#[derive(OpenApi)]
#[openapi(components(schemas(Problem, FieldError)), modifiers(&Security))]
struct Shared;

/// Adds the ways to say who is calling: an access token, an API key, or the page's cookie.
#[derive(Debug, Clone, Copy)]
pub struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        let key = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            ACCESS_COOKIE,
            "The page's access token. Changes with it must come from a page of the same host.",
        ));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
        components.add_security_scheme("page", SecurityScheme::ApiKey(cookie));
        let none: [&str; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::new("bearer", none),
            SecurityRequirement::new("api_key", none),
            SecurityRequirement::new("page", none),
        ]);
    }
}

/// Problems of any read: `responses((status = 200, body = Product), openapi::ReadProblems)`.
#[derive(Debug, Clone, Copy)]
pub struct ReadProblems;

/// Problems of any change with a body.
#[derive(Debug, Clone, Copy)]
pub struct WriteProblems;

/// Problems of an address that asks for no credential.
#[derive(Debug, Clone, Copy)]
pub struct PublicProblems;

/// Problems of an address that asks a source while the caller waits; beside the others.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamProblems;

impl IntoResponses for UpstreamProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[ErrorCode::Upstream, ErrorCode::Timeout])
    }
}

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            ErrorCode::Unauthenticated,
            ErrorCode::Denied,
            ErrorCode::NotFound,
            ErrorCode::Invalid,
            ErrorCode::RateLimited,
            ErrorCode::Unavailable,
        ])
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = ReadProblems::responses();
        all.extend(PublicProblems::responses());
        all
    }
}

impl IntoResponses for PublicProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            ErrorCode::BadRequest,
            ErrorCode::Conflict,
            ErrorCode::TooLarge,
            ErrorCode::UnsupportedMedia,
            ErrorCode::Invalid,
            ErrorCode::RateLimited,
            ErrorCode::Unavailable,
        ])
    }
}

fn problems(codes: &[ErrorCode]) -> BTreeMap<String, RefOr<Response>> {
    let response = |code: &ErrorCode| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(code.title())
            .content(CONTENT_TYPE, content);
        (code.http().as_u16().to_string(), RefOr::T(response.build()))
    };
    codes.iter().map(response).collect()
}

/// The help page about errors, made from the error table.
pub fn error_help() -> Router {
    Router::new().route(ERRORS_PATH, get(async || Html(help_page())))
}

fn help_page() -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Errors</title>\
         <style>body{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}</style>\
         <h1>Errors</h1><p>Every error is <code>application/problem+json</code>; its \
         <code>type</code> points to one of these.</p>",
    );
    for code in ErrorCode::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "<h2 id=\"{}\">{}: {}</h2><p>{}</p>",
            code.slug(),
            code.http().as_u16(),
            code.title(),
            code.help()
        );
    }
    page
}
