//! A stand-in for Apify that can be told what to do wrong.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use connectors::Target;
use connectors::amazon::Amazon;
use serde_json::{Value, json};

use super::{SOURCE, build, secret, settings};
use crate::support::target;

pub fn asin(n: usize) -> String {
    format!("B{n:09}")
}

pub fn targets(count: usize) -> Vec<Target> {
    (1..=count)
        .map(|n| target(SOURCE, "CA", &asin(n)))
        .collect()
}

/// What junglee's crawler says of one of [`targets`].
pub fn item(n: usize) -> Value {
    let asin = asin(n);
    json!({"asin": asin, "title": "T", "url": format!("https://www.amazon.ca/dp/{asin}"),
        "price": {"value": 5, "currency": "$"}})
}

/// What goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused with this status; nothing is done.
    Status(u16),
    /// Refused with this status and body.
    Body(u16, Vec<u8>),
    /// The work is done, but the answer is garbage.
    Lost,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub id: String,
    pub actor: String,
    pub query: String,
    pub input: Value,
    pub started_at: String,
    polls: usize,
    pub aborted: bool,
}

#[derive(Default)]
pub struct Inner {
    pub runs: Vec<Run>,
    pub faults: Vec<(&'static str, Fault)>,
    pub items: Vec<Value>,
    /// Statuses of the polls of a run; the last one stays.
    pub statuses: VecDeque<&'static str>,
    /// Fields that run objects have besides.
    pub extra: Value,
    /// Leaves the total of a dataset untold.
    pub untold: bool,
    /// Rows a page lacks at its end, as if empty ones had been left out.
    pub skipped: usize,
}

#[derive(Clone, Default)]
pub struct Apify(Arc<Mutex<Inner>>);

impl Apify {
    pub fn with(items: Vec<Value>, status: &'static str) -> Self {
        let apify = Self::default();
        {
            let mut inner = apify.inner();
            inner.items = items;
            // A status that no version of ours knows is not the end.
            inner.statuses = ["HIBERNATING", status].into();
        }
        apify
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("not poisoned")
    }

    pub fn change(self, change: impl FnOnce(&mut Inner)) -> Self {
        change(&mut self.inner());
        self
    }

    pub fn fault(self, path: &'static str, status: u16) -> Self {
        self.change(|inner| inner.faults.push((path, Fault::Status(status))))
    }

    pub fn faults(self, path: &'static str, status: u16, count: usize) -> Self {
        (0..count).fold(self, |apify, _| apify.fault(path, status))
    }

    pub fn lose(self, path: &'static str) -> Self {
        self.change(|inner| inner.faults.push((path, Fault::Lost)))
    }

    /// How many runs were started.
    pub fn starts(&self) -> usize {
        self.inner().runs.len()
    }

    /// A run that somebody started.
    pub fn place(&self, actor: &str, input: Value, started_at: &str) -> String {
        let mut inner = self.inner();
        let id = format!("run{}", inner.runs.len() + 1);
        inner.runs.push(Run {
            id: id.clone(),
            actor: actor.into(),
            query: String::new(),
            input,
            started_at: started_at.into(),
            polls: 0,
            aborted: false,
        });
        id
    }

    pub async fn serve(&self) -> Amazon {
        self.serve_with(|_| {}).await
    }

    pub async fn serve_with(
        &self,
        change: impl FnOnce(&mut connectors::amazon::Settings),
    ) -> Amazon {
        let router = axum::Router::new()
            .route("/v2/acts/{actor}/runs", post(start).get(list))
            .route("/v2/actor-runs/{id}", get(poll))
            .route("/v2/actor-runs/{id}/abort", post(abort))
            .route("/v2/key-value-stores/{id}/records/INPUT", get(input))
            .route("/v2/datasets/{id}/items", get(items))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let mut settings = settings();
        settings.base_url = format!("http://{}", listener.local_addr().expect("an address"));
        settings.token = secret("secret");
        change(&mut settings);
        tokio::spawn(async move { axum::serve(listener, router).await });
        build(&settings)
    }

    /// The fault of a request; [`Fault::Lost`] is left to its handler.
    fn stumble(&self, path: &str) -> Result<bool, Box<Response>> {
        let mut inner = self.inner();
        let Some(place) = inner.faults.iter().position(|(part, _)| path == *part) else {
            return Ok(false);
        };
        let status = match inner.faults.remove(place).1 {
            Fault::Status(status) => status,
            Fault::Lost => return Ok(true),
            Fault::Body(status, body) => {
                let status = StatusCode::from_u16(status).expect("a status");
                return Err(Box::new((status, body).into_response()));
            }
        };
        let status = StatusCode::from_u16(status).expect("a status");
        let body = Json(json!({"error": {"type": "", "message": ""}}));
        Err(Box::new(match status {
            StatusCode::TOO_MANY_REQUESTS => (status, [("retry-after", "0")], body).into_response(),
            _ => (status, body).into_response(),
        }))
    }
}

fn object(inner: &Inner, run: &Run) -> Value {
    let last = inner.statuses.len().saturating_sub(1);
    let status = match run.aborted {
        true => "ABORTED",
        false if run.polls == 0 => "READY",
        false => inner.statuses[(run.polls - 1).min(last)],
    };
    let mut object = json!({"id": run.id, "status": status, "defaultDatasetId": run.id,
        "defaultKeyValueStoreId": run.id, "startedAt": run.started_at,
        "statusMessage": "as told", "unknown": 1});
    if let (Some(object), Value::Object(extra)) = (object.as_object_mut(), &inner.extra) {
        object.extend(extra.clone());
    }
    object
}

const GARBAGE: &str = r#"{"data":{"id":"ru"#;

async fn start(
    State(apify): State<Apify>,
    Path(actor): Path<String>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lost = match apify.stumble("start") {
        Ok(lost) => lost,
        Err(refusal) => return *refusal,
    };
    assert_eq!(headers["authorization"], "Bearer secret");
    let input = serde_json::from_slice(&body).expect("JSON");
    let now = chrono::Utc::now().to_rfc3339();
    let id = apify.place(&actor, input, &now);
    let mut inner = apify.inner();
    if let Some(run) = inner.runs.last_mut() {
        run.query = query.unwrap_or_default();
    }
    if lost {
        return (StatusCode::CREATED, GARBAGE).into_response();
    }
    let run = inner.runs.iter().find(|run| run.id == id).expect("a run");
    let object = object(&inner, run);
    (StatusCode::CREATED, Json(json!({ "data": object }))).into_response()
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    limit: usize,
    desc: u8,
    started_after: chrono::DateTime<chrono::Utc>,
}

async fn list(
    State(apify): State<Apify>,
    Path(actor): Path<String>,
    Query(query): Query<Listing>,
) -> Response {
    if let Err(refusal) = apify.stumble("list") {
        return *refusal;
    }
    assert_eq!(query.desc, 1);
    let inner = apify.inner();
    let mut runs: Vec<&Run> = inner
        .runs
        .iter()
        .filter(|run| run.actor == actor)
        .filter(|run| {
            let at: chrono::DateTime<chrono::Utc> = run.started_at.parse().expect("a time");
            at >= query.started_after
        })
        .collect();
    runs.reverse();
    let items: Vec<Value> = runs
        .iter()
        .take(query.limit)
        .map(|run| object(&inner, run))
        .collect();
    Json(
        json!({"data": {"total": runs.len(), "offset": 0, "limit": query.limit, "desc": true,
        "count": items.len(), "items": items}}),
    )
    .into_response()
}

async fn poll(State(apify): State<Apify>, Path(id): Path<String>) -> Response {
    let lost = match apify.stumble("poll") {
        Ok(lost) => lost,
        Err(refusal) => return *refusal,
    };
    if lost {
        return GARBAGE.into_response();
    }
    let mut inner = apify.inner();
    let Some(place) = inner.runs.iter().position(|run| run.id == id) else {
        let body = Json(json!({"error": {"type": "record-not-found", "message": ""}}));
        return (StatusCode::NOT_FOUND, body).into_response();
    };
    inner.runs[place].polls += 1;
    let object = object(&inner, &inner.runs[place]);
    Json(json!({ "data": object })).into_response()
}

async fn abort(State(apify): State<Apify>, Path(id): Path<String>) -> Response {
    let mut inner = apify.inner();
    let place = inner.runs.iter().position(|run| run.id == id);
    inner.runs[place.expect("a run")].aborted = true;
    Json(json!({"data": {}})).into_response()
}

async fn input(State(apify): State<Apify>, Path(id): Path<String>) -> Response {
    if let Err(refusal) = apify.stumble("input") {
        return *refusal;
    }
    let inner = apify.inner();
    let run = inner.runs.iter().find(|run| run.id == id).expect("a run");
    Json(run.input.clone()).into_response()
}

#[derive(serde::Deserialize)]
struct Window {
    offset: usize,
    limit: usize,
}

async fn items(State(apify): State<Apify>, Query(window): Query<Window>) -> Response {
    let lost = match apify.stumble("items") {
        Ok(lost) => lost,
        Err(refusal) => return *refusal,
    };
    if lost {
        return "[{".into_response();
    }
    let inner = apify.inner();
    let mut page: Vec<_> = inner
        .items
        .iter()
        .skip(window.offset)
        .take(window.limit)
        .collect();
    page.truncate(page.len().saturating_sub(inner.skipped).max(1));
    if inner.untold {
        return Json(json!(page)).into_response();
    }
    let total = [("x-apify-pagination-total", inner.items.len().to_string())];
    (total, Json(json!(page))).into_response()
}
