//! Whether a process is alive and can serve.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Json, Router,
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::server::Stopping;

/// A dependency that takes longer than this counts as away.
const LIMIT: Duration = Duration::from_secs(2);

type Probe = dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync;

/// A dependency without which a service cannot serve.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Arc<Probe>,
}

impl Check {
    /// The dependency `name`; `probe` asks it something small. Two seconds without an answer are a
    /// no.
    ///
    /// ```
    /// # use http_kit::health::Check;
    /// # struct Pool; impl Pool { async fn ping(&self) -> anyhow::Result<()> { Ok(()) } }
    /// # let pool = std::sync::Arc::new(Pool);
    /// let check = Check::new("postgres", move || {
    ///     let pool = pool.clone();
    ///     async move { pool.ping().await }
    /// });
    /// ```
    pub fn new<F, R>(name: &'static str, probe: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        Self {
            name,
            probe: Arc::new(move || probe().boxed()),
        }
    }

    async fn run(&self) -> (&'static str, bool, Value) {
        let start = Instant::now();
        let outcome = tokio::time::timeout(LIMIT, (self.probe)()).await;
        let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The cause may name hosts and users: it is for the log, the answer is public.
        let status = match outcome {
            Ok(Ok(())) => "ok",
            Ok(Err(cause)) => {
                tracing::warn!(
                    dependency = self.name,
                    error = format!("{cause:#}"),
                    "not ready"
                );
                "failed"
            }
            Err(_) => {
                tracing::warn!(dependency = self.name, duration_ms, "not ready: no answer");
                "no answer"
            }
        };
        (
            self.name,
            status == "ok",
            json!({ "status": status, "duration_ms": duration_ms }),
        )
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// `/healthz` (the process is alive), `/readyz` (it can serve, each dependency by name) and
/// `/metrics` (Prometheus). Of several checks with one name the worst is shown.
pub fn routes(checks: Vec<Check>) -> Router {
    let checks: Arc<[Check]> = checks.into();
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route(
            "/readyz",
            get(move |stopping: Option<Extension<Stopping>>| {
                ready(
                    Arc::clone(&checks),
                    stopping.map(|Extension(stopping)| stopping),
                )
            }),
        )
        .route("/metrics", get(metrics))
}

async fn ready(checks: Arc<[Check]>, stopping: Option<Stopping>) -> Response {
    let outcomes = join_all(checks.iter().map(Check::run)).await;
    let stopping = stopping.is_some_and(|stopping| stopping.has_begun());
    let ready = !stopping && outcomes.iter().all(|(_, ok, _)| *ok);
    let status = match (ready, stopping) {
        (true, _) => "ready",
        (_, true) => "stopping",
        (..) => "not ready",
    };
    let mut named: Map<String, Value> = Map::new();
    for (name, ok, value) in outcomes {
        // Services in one process may each name what they share, over connections of their own: a trouble is shown.
        if !ok || !named.contains_key(name) {
            named.insert(name.to_owned(), value);
        }
    }
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(json!({ "status": status, "checks": named }))).into_response()
}

async fn metrics() -> impl IntoResponse {
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    (
        [(header::CONTENT_TYPE, content_type)],
        telemetry::metrics_text(),
    )
}
