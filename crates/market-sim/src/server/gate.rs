//! The gate that every upstream request passes: it is written down, and it may be spoiled.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    fault::{Fault, FaultKind},
    log::{Arrival, ExternalIds},
    socket::Cut,
};
use crate::{alibaba1688, haier, market::Source, shop, world::World};

/// What the gate of one source needs.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub world: Arc<World>,
    pub source: Source,
}

/// Writes the request down, spoils it if a fault is due, else lets it through.
pub(crate) async fn pass(
    State(Gate { world, source }): State<Gate>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let fault = world.faults.next_request(source);
    let in_flight = world.log.arrive(Arrival {
        source,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(without_token),
        fault: fault.map(|fault| fault.kind),
    });
    let named = request.uri().query().and_then(product_of_query);
    let response = match fault {
        None => next.run(request).await,
        Some(fault) => spoil(&world, source, fault, request, next).await,
    };
    let ids = match response.extensions().get::<ExternalIds>() {
        Some(ids) => ids.0.clone(),
        None => named.into_iter().collect(),
    };
    if fault.is_some_and(|fault| fault.kind == FaultKind::Reset) {
        cut.now();
        in_flight.finish(None, ids);
    } else {
        in_flight.finish(Some(response.status().as_u16()), ids);
    }
    response
}

async fn spoil(
    world: &World,
    source: Source,
    fault: Fault,
    request: Request,
    next: Next,
) -> Response {
    match fault.kind {
        // The upstream does its work and only the answer is lost: a run may have been started (and billed).
        FaultKind::Timeout => {
            let response = next.run(request).await;
            tokio::time::sleep(world.options.hang_time).await;
            response
        }
        FaultKind::Reset => next.run(request).await,
        FaultKind::Malformed => {
            let response = next.run(request).await;
            let ids = response
                .extensions()
                .get::<ExternalIds>()
                .cloned()
                .unwrap_or_default();
            let mut spoiled = malformed(source);
            spoiled.extensions_mut().insert(ids);
            spoiled
        }
        FaultKind::TooMany => refusal(source, StatusCode::TOO_MANY_REQUESTS, fault),
        FaultKind::Forbidden => refusal(source, StatusCode::FORBIDDEN, fault),
        FaultKind::Unpaid => refusal(source, StatusCode::PAYMENT_REQUIRED, fault),
        FaultKind::Unauthorized => refusal(source, StatusCode::UNAUTHORIZED, fault),
        FaultKind::Firewall => refusal(source, popmart_status(471), fault),
        FaultKind::HeaderMissing => refusal(source, popmart_status(432), fault),
        FaultKind::Html => page(),
        FaultKind::Truncated => truncated(next.run(request).await),
        FaultKind::ErrorBody => refusal(source, StatusCode::OK, fault),
        // Faults of runs and of content never come here: they wait for a run to start and for rows to be told.
        FaultKind::Broken
        | FaultKind::RunFailed
        | FaultKind::RunTimedOut
        | FaultKind::RunAborted
        | FaultKind::RunHangs
        | FaultKind::ExpiredToken
        | FaultKind::ZeroPrice
        | FaultKind::WordPrice
        | FaultKind::DuplicateRows
        | FaultKind::ManySkus
        | FaultKind::EndlessPages
        | FaultKind::EmptyList
        | FaultKind::NoCurrency => refusal(source, StatusCode::INTERNAL_SERVER_ERROR, fault),
    }
}

/// An error in the source's own words.
fn refusal(source: Source, status: StatusCode, fault: Fault) -> Response {
    if source == Source::Web {
        return shop::refusal(status, fault.retry_after);
    }
    let (status, body) = match source {
        Source::Amazon => (status, apify_error(status)),
        Source::Popmart => (status, popmart_error(status)),
        Source::Haier => (status, haier::failure("系统繁忙,请稍后再试")),
        Source::Alibaba1688 => alibaba1688::failure(status),
        Source::Web => (status, Value::Null),
    };
    let mut response = (status, Json(body)).into_response();
    if let Some(seconds) = fault.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn apify_error(status: StatusCode) -> Value {
    let (kind, message) = match status {
        StatusCode::TOO_MANY_REQUESTS => (
            "rate-limit-exceeded",
            "You have exceeded the rate limit of 60 requests per second.",
        ),
        StatusCode::FORBIDDEN => (
            "insufficient-permissions",
            "Insufficient permissions for the operation.",
        ),
        StatusCode::PAYMENT_REQUIRED => (
            "not-enough-usage-to-run-paid-actor",
            "Not enough usage left to run this Actor.",
        ),
        _ => (
            "internal-server-error",
            "We have bad news: something broke on our side.",
        ),
    };
    json!({ "error": { "type": kind, "message": message } })
}

/// A status that HTTP does not know but the shop uses.
fn popmart_status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
}

fn popmart_error(status: StatusCode) -> Value {
    let (code, message) = match status {
        // An error that comes with a good status.
        StatusCode::OK => (5_000, "system busy"),
        status => (
            status.as_u16(),
            status.canonical_reason().unwrap_or("refused"),
        ),
    };
    json!({
        "code": code.to_string(),
        "data": null,
        "message": message,
        "now": chrono::Utc::now().timestamp(),
        "ret": code,
    })
}

/// A 200 whose JSON ends in the middle of a word.
fn malformed(source: Source) -> Response {
    let body = match source {
        Source::Amazon => r#"{"data":{"id":"HG7ML7M8z78Ycr"#,
        Source::Popmart => r#"{"code":"OK","message":"success","ret":1,"data":{"id":"41"#,
        Source::Haier => r#"{"success":true,"data":[{"productCode":"LC0"#,
        Source::Alibaba1688 => r#"{"result":{"success":true,"result":{"offerId":6102"#,
        Source::Web => return shop::half(),
    };
    let mut response = Response::new(Body::from(body));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// What a firewall or a maintenance page puts in the place of an answer.
fn page() -> Response {
    let html = "<!DOCTYPE html><html><head><title>Please wait</title></head><body>Checking your browser.</body></html>";
    axum::response::Html(html).into_response()
}

/// An answer that says it is compressed and ends right after the header of its first block.
fn truncated(answer: Response) -> Response {
    const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x4a];
    let mut spoiled = Response::new(Body::from(GZIP));
    *spoiled.extensions_mut() = answer.extensions().clone();
    let headers = spoiled.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    spoiled
}

/// The query without a token in it: the log is for reading.
fn without_token(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("token="))
        .collect();
    kept.join("&")
}

/// The product that a PopMart query names, for requests that never reach their handler.
fn product_of_query(query: &str) -> Option<String> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("spuId="))
        .map(str::to_owned)
}
