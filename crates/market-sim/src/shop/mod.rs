//! A web shop: product pages in every markup and in many languages, its robots.txt, and pages that are none.
//!
//! `/shop/{country}/{name}` is a product; `/shop/odd/{what}` answers oddly; `/shop/private/…` is what the
//! robots.txt asks not to read.

mod odd;
mod pages;
mod robots;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use encoding_rs::{Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1252};

pub(crate) use robots::{Robots, robots};

use crate::{
    market::{Availability, Charset, ListingKey, Source},
    server::{ExternalIds, FaultKind, public_base},
    world::{Look, Seen, World},
};

/// Routes below `/shop`.
pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/odd/{what}", get(odd::page))
        .route("/private/{name}", get(private))
        .route("/{country}/{name}", get(product))
}

/// `GET /shop/private/{name}`: a page like any other, for whoever does not ask first.
async fn private() -> Response {
    axum::response::Html("<!doctype html><title>Staff</title><h1>Staff prices</h1>").into_response()
}

/// `GET /shop/{country}/{name}`.
async fn product(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    Path((country, name)): Path<(String, String)>,
) -> Response {
    let key = ListingKey::new(Source::Web, country.to_uppercase(), name.clone());
    let mut response = match world.look(&key) {
        Look::Sample(body) => sample(&body),
        Look::Seen(seen) if seen.snapshot.availability != Availability::NotFound => {
            page(&world, &headers, &seen)
        }
        _ => missing(),
    };
    response.extensions_mut().insert(ExternalIds(vec![name]));
    response
}

/// A recorded page: a text that is served as it is.
fn sample(body: &serde_json::Value) -> Response {
    let text = body
        .as_str()
        .map_or_else(|| body.to_string(), str::to_owned);
    axum::response::Html(text).into_response()
}

fn page(world: &World, headers: &HeaderMap, seen: &Seen) -> Response {
    let content = |kind| world.faults.next_content(Source::Web, kind);
    let spoiled = pages::Spoiled {
        zero: content(FaultKind::ZeroPrice),
        word: content(FaultKind::WordPrice),
        many: content(FaultKind::ManySkus),
    };
    let charset = seen
        .listing
        .shown()
        .map_or(Charset::Utf8, |shown| shown.charset);
    let (encoding, kind): (&'static Encoding, &'static str) = match charset {
        Charset::Utf8 => (UTF_8, "text/html; charset=utf-8"),
        Charset::Latin1 => (WINDOWS_1252, "text/html; charset=iso-8859-1"),
        Charset::ShiftJis => (SHIFT_JIS, "text/html"),
        Charset::Gbk => (GBK, "text/html"),
    };
    let html = pages::render(seen, &public_base(world, headers), spoiled);
    let body = encoding.encode(&html).0.into_owned();
    let mark = mark(&body);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == mark.as_bytes());
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(Body::from(body)),
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(mark) = HeaderValue::from_str(&mark) {
        out.insert(header::ETAG, mark);
    }
    response
}

/// An entity tag: FNV-1a of the body, which is all that a comparison needs.
fn mark(body: &[u8]) -> String {
    let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}

fn missing() -> Response {
    let html = "<!doctype html><title>404</title><h1>Page not found</h1>";
    (StatusCode::NOT_FOUND, axum::response::Html(html)).into_response()
}

/// A refusal as shops' servers send it.
pub(crate) fn refusal(status: StatusCode, retry_after: Option<u64>) -> Response {
    let reason = match status {
        StatusCode::OK => "Internal error, please try again",
        other => other.canonical_reason().unwrap_or("Error"),
    };
    let html = format!(
        "<!doctype html><html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>"
    );
    let mut response = (status, axum::response::Html(html)).into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A page that ends in the middle of its data.
pub(crate) fn half() -> Response {
    let html = "<!doctype html><html><head><script type=\"application/ld+json\">{\"@type\":\"Product\",\"offers\":{\"price\":\"19";
    axum::response::Html(html).into_response()
}
