//! Around everything but compression: trace, metrics, and the last details of an error answer.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tracing::Instrument as _;

use super::observed;
use crate::{
    ApiError, ErrorCode,
    problem::{Problem, set_instance},
};

/// Names the request in the logs; on every answer.
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Label of requests that matched no route: their paths are without number.
const NO_ROUTE: &str = "none";

pub(super) async fn edge(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let asked = request.method().clone();
    let uri = request.uri().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = observed::name_of(&asked);
    let span = tracing::info_span!(
        "http",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        http.method = method,
        http.route = route,
        http.status = tracing::field::Empty,
        tenant.id = tracing::field::Empty,
        actor.id = tracing::field::Empty,
    );
    let caller = request.headers().get(telemetry::propagation::TRACEPARENT);
    if let Some(traceparent) = caller.and_then(|value| value.to_str().ok()) {
        telemetry::propagation::set_parent_from(&span, traceparent);
    }
    async {
        let response = next.run(request).await;
        let response = finished(response, &asked, uri.path());
        observe(&response, method, route, start);
        response
    }
    .instrument(span)
    .await
}

/// The answer with everything that only the edge knows.
fn finished(response: Response, method: &Method, path: &str) -> Response {
    let mut response = if is_bare_error(&response) {
        explained(response, method)
    } else {
        response
    };
    set_instance(&mut response, path);
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let trace_id = telemetry::propagation::current_trace_id();
    if let Some(id) = trace_id.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(TRACE_ID, id);
    }
    response
}

/// An error that a library answered, with plain text or nothing at all.
fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error())
        || response.extensions().get::<Problem>().is_some()
    {
        return false;
    }
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

/// A bare error as a problem that says what to do; its headers stay.
fn explained(response: Response, method: &Method) -> Response {
    let status = response.status();
    let code = ErrorCode::from_http(status);
    let detail = match status {
        StatusCode::NOT_FOUND => {
            "There is nothing at this address. The API is described at /api/docs.".to_owned()
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            // The router adds the header outside of all layers, so it cannot be read here.
            format!("This address does not take {method}. Use a method named in the Allow header.")
        }
        _ => code.help().to_owned(),
    };
    let mut answer = ApiError::new(code, detail).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

fn observe(response: &Response, method: &'static str, route: &str, start: Instant) {
    let status = response.status();
    let elapsed = start.elapsed();
    tracing::Span::current().record("http.status", status.as_u16());
    observed::note(route, method, status, elapsed);
    // Probes and scrapes come every few seconds and say nothing.
    if !matches!(route, "/healthz" | "/readyz" | "/metrics") {
        tracing::info!(
            http.status = status.as_u16(),
            duration_ms = elapsed.as_secs_f64() * 1e3,
            "answered"
        );
    }
}
