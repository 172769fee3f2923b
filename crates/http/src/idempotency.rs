//! Creates that may be sent twice.
//!
//! With an `Idempotency-Key` the first answer to a request is kept and given again for the same
//! key and request; another request under the same key is refused. Answers are kept sealed, since
//! some hold secrets that are shown once.
//!
//! ```text
//! let idempotent = Idempotency::new(store, sealer);
//! OpenApiRouter::new().routes(routes!(create_tracking))
//!     .route_layer(from_fn_with_state(idempotent, idempotency::replay))
//! ```

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    RequestPartsExt as _,
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use secrets::SecretBox;
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    ApiError, ApiResult, ErrorCode, auth::Principal, extract::read_body, problem::Problem,
};

/// The request header.
pub const HEADER: &str = "idempotency-key";

/// On answers that were given before.
pub const REPLAYED_HEADER: &str = "idempotent-replayed";

/// Characters of the longest key.
const LONGEST_KEY: usize = 255;

/// The largest answer that is kept, in bytes.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// Headers of an answer that are kept with it.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// A request that asks to be done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Keys belong to a tenant.
    pub tenant_id: Uuid,
    /// Method and route: the same key may be used for another operation.
    pub operation: String,
    /// As the caller sent it.
    pub key: String,
    /// Of who asks, path, query and body.
    pub request_sha256: [u8; 32],
}

/// What is known of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing; it is claimed now, and one of `finish` and `abandon` follows.
    Fresh,
    /// It is under way elsewhere.
    InProgress,
    /// It was answered.
    Done {
        /// HTTP status.
        status: u16,
        /// What `finish` was given.
        sealed: Vec<u8>,
    },
    /// The key was used for another request.
    OtherRequest,
}

/// Where first answers are kept; implemented over the service's database. A claim that is neither
/// finished nor abandoned (its process died) becomes free again after a while.
#[async_trait]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Claims the key or says what became of it; of several at once exactly one gets
    /// [`Known::Fresh`].
    async fn begin(&self, claim: &Claim) -> anyhow::Result<Known>;
    /// Keeps the answer of a claim.
    async fn finish(&self, claim: &Claim, status: u16, sealed: Vec<u8>) -> anyhow::Result<()>;
    /// Forgets a claim, so that the request may be sent again.
    async fn abandon(&self, claim: &Claim) -> anyhow::Result<()>;
}

/// State of [`replay`]; cheap to clone.
#[derive(Clone)]
pub struct Idempotency {
    store: Arc<dyn IdempotencyStore>,
    sealer: SecretBox,
}

impl Idempotency {
    /// Answers kept in `store`, sealed by `sealer`.
    pub fn new(store: Arc<dyn IdempotencyStore>, sealer: SecretBox) -> Self {
        Self { store, sealer }
    }

    fn seal(&self, claim: &Claim, answer: &Answer) -> anyhow::Result<Vec<u8>> {
        Ok(self
            .sealer
            .seal(&serde_json::to_vec(answer)?, context(claim))?)
    }

    fn open(&self, claim: &Claim, sealed: &[u8]) -> anyhow::Result<Answer> {
        Ok(serde_json::from_slice(
            &self.sealer.open(sealed, context(claim))?,
        )?)
    }
}

/// An answer opens for its own claim only.
fn context(claim: &Claim) -> String {
    format!(
        "idempotency:{}:{}:{}",
        claim.tenant_id, claim.operation, claim.key
    )
}

/// What is kept of an answer.
#[derive(Serialize, Deserialize)]
struct Answer {
    headers: Vec<(String, String)>,
    body: String,
}

/// Middleware for creates. Requests without an `Idempotency-Key` pass untouched; so do those without
/// a valid credential, which the handler refuses.
///
/// # Errors
/// 400 for an unusable key, 409 while the first request is under way, 422 for another request under
/// the same key, 503 when the store is away.
pub async fn replay(
    State(idempotency): State<Idempotency>,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match request.headers().get(HEADER).filter(|_| !is_read).cloned() {
        None => Ok(next.run(request).await),
        // Boxed: most requests come without a key and need not carry it along.
        Some(key) => Box::pin(once(idempotency, key, request, next)).await,
    }
}

async fn once(
    idempotency: Idempotency,
    key: HeaderValue,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = parts.extract::<Principal>().await else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let key = read_key(&key)?;
    let body = read_body(body).await?.freeze();
    let claim = claim(&parts, &caller, key, &body);
    let known = idempotency
        .store
        .begin(&claim)
        .await
        .map_err(ApiError::unavailable)?;
    match known {
        Known::Fresh => {}
        Known::InProgress => {
            return Err(ApiError::conflict(
                "The first request with this Idempotency-Key is still under way. Send it again in \
                 a moment.",
            )
            .with_retry_after(Duration::from_secs(1)));
        }
        Known::OtherRequest => {
            return Err(ApiError::new(
                ErrorCode::Invalid,
                "This Idempotency-Key was used for a different request. Use a new key.",
            )
            .with_field("Idempotency-Key", "was used for a different request"));
        }
        Known::Done { status, sealed } => {
            let answer = idempotency.open(&claim, &sealed)?;
            return answer.into_response(status).map_err(ApiError::from);
        }
    }
    // In a task of its own: a caller who hangs up must not leave the claim open.
    let request = Request::from_parts(parts, Body::from(body));
    let work = answer_once(idempotency, claim, request, next).in_current_span();
    match tokio::spawn(::audit::carried(work)).await {
        Ok(answer) => answer,
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(stopped) => Err(ApiError::unavailable(stopped)),
        },
    }
}

async fn answer_once(
    idempotency: Idempotency,
    claim: Claim,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            abandon(&idempotency, &claim).await;
            resume_unwind(panic);
        }
    };
    if !is_final(response.status()) {
        abandon(&idempotency, &claim).await;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, ANSWER_LIMIT).await {
        Ok(body) => body,
        Err(cause) => {
            abandon(&idempotency, &claim).await;
            return Err(ApiError::internal(cause));
        }
    };
    let answer = Answer::of(&parts.headers, &body);
    let kept = match idempotency.seal(&claim, &answer) {
        Ok(sealed) => {
            idempotency
                .store
                .finish(&claim, parts.status.as_u16(), sealed)
                .await
        }
        Err(cause) => Err(cause),
    };
    if let Err(cause) = kept {
        // It is done all the same, and the caller should know that.
        tracing::error!(
            error = format!("{cause:#}"),
            "an idempotent answer could not be kept"
        );
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn abandon(idempotency: &Idempotency, claim: &Claim) {
    if let Err(cause) = idempotency.store.abandon(claim).await {
        tracing::error!(
            error = format!("{cause:#}"),
            "an idempotency key could not be freed"
        );
    }
}

/// Whether the same request would be answered the same way again: refusals for lack of time, rate
/// or permission, or because of what there is or is not just now, are not.
fn is_final(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
                | StatusCode::NOT_FOUND
                | StatusCode::CONFLICT
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_MANY_REQUESTS
        )
}

fn read_key(value: &HeaderValue) -> ApiResult<String> {
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.len() > LONGEST_KEY {
        return Err(ApiError::bad_request(format!(
            "The Idempotency-Key must have 1 to {LONGEST_KEY} visible ASCII characters; a UUID fits."
        )));
    }
    Ok(text.to_owned())
}

fn claim(parts: &Parts, caller: &Principal, key: String, body: &[u8]) -> Claim {
    let route = parts
        .extensions
        .get::<MatchedPath>()
        .map_or(parts.uri.path(), MatchedPath::as_str);
    // Another user of the tenant must not be shown an answer that was meant for this one.
    let head = format!("{}\n{}\n{}\n", caller.actor.id(), parts.method, parts.uri);
    Claim {
        tenant_id: caller.tenant_id,
        operation: format!("{} {route}", parts.method),
        key,
        request_sha256: secrets::sha256([head.as_bytes(), body].concat()),
    }
}

impl Answer {
    fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name: &HeaderName| {
            let value = headers.get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        };
        Self {
            headers: KEPT_HEADERS.iter().filter_map(text).collect(),
            body: STANDARD.encode(body),
        }
    }

    fn into_response(self, status: u16) -> anyhow::Result<Response> {
        let body = STANDARD.decode(self.body)?;
        // A refusal is completed at the edge like the first time.
        let problem: Option<Problem> = StatusCode::from_u16(status)?
            .is_client_error()
            .then(|| serde_json::from_slice(&body).ok())
            .flatten();
        let mut response = body.into_response();
        *response.status_mut() = StatusCode::from_u16(status)?;
        let headers = response.headers_mut();
        headers.clear();
        for (name, value) in self.headers {
            headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        if let Some(problem) = problem {
            response.extensions_mut().insert(problem);
        }
        Ok(response)
    }
}
