//! Apify's HTTP API v2.

use std::time::Duration;

use chrono::Utc;
use egress::{Egress, EgressError, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::wire::{Data, ErrorBody, Run};
use crate::{Outcome, Setup};

/// Items asked for at once.
pub(crate) const PAGE: u64 = 250;
/// Tries of a call that may be repeated.
const TRIES: u32 = 5;
/// First pause between tries; doubled each time (Apify's own advice).
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A longer Retry-After is reported instead of waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to stay away when the account's quota is used up.
const QUOTA_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Why a call brought no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Apify does not know the object.
    NotFound,
    /// All else, as it is told of the targets.
    Other(Outcome),
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Outcome::failed("Apify does not know the actor or run"),
            Failure::Other(outcome) => outcome,
        }
    }
}

/// One page of a dataset.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    /// Items in the whole dataset, where Apify tells.
    pub(crate) total: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Client {
    base: String,
    token: config::Secret,
    actor: String,
    poll_wait: Duration,
    egress: Egress,
}

impl Client {
    pub(crate) fn new(settings: &super::Settings, egress: Egress) -> Self {
        Self {
            base: settings.base_url.trim_end_matches('/').to_owned(),
            token: settings.token.clone(),
            // A slash between user and actor must become a tilde in a path.
            actor: settings.actor.replace('/', "~"),
            poll_wait: Duration::from_secs(settings.poll_wait_seconds.min(60)),
            egress,
        }
    }

    pub(crate) fn is_axesso(&self) -> bool {
        self.actor.starts_with("axesso")
    }

    pub(crate) fn poll_wait(&self) -> Duration {
        self.poll_wait
    }

    /// The request that starts a run.
    pub(crate) fn plan(&self, input: &impl Serialize) -> Result<Request, Setup> {
        if !self.token.is_set() {
            return Err(Setup::Missing("sources.amazon.token"));
        }
        let url = self.url(&format!("/v2/acts/{}/runs", self.actor))?;
        let request =
            Request::post_json(url, input).map_err(|_| Setup::Wrong("the run's input"))?;
        Ok(self.signed(request))
    }

    /// Starts a run. Repeated only when Apify says that it did not start one: there is no
    /// idempotency key, and a second run is billed.
    pub(crate) async fn start(&self, request: Request) -> Result<Run, Failure> {
        let response = self
            .send(request, |response| response.status == 429)
            .await?;
        parse(&response)
    }

    /// A run's state, waiting up to `wait` for its end.
    pub(crate) async fn run(&self, id: &str, wait: Duration) -> Result<Run, Failure> {
        let path = format!(
            "/v2/actor-runs/{}?waitForFinish={}",
            segment(id),
            wait.as_secs()
        );
        let request = self
            .signed(Request::get(self.url(&path)?))
            .timeout(wait + FETCH_LIMIT);
        parse(&self.send(request, repeatable).await?)
    }

    /// Stops a run that takes too long. Best effort: nothing depends on it.
    pub(crate) async fn abort(&self, id: &str) {
        let path = format!("/v2/actor-runs/{}/abort", segment(id));
        let Ok(url) = self.url(&path) else { return };
        let Ok(request) = Request::post_json(url, &serde_json::Map::new()) else {
            return;
        };
        if let Err(error) = self.egress.send(self.signed(request)).await {
            tracing::warn!(%error, "could not abort an overdue run");
        }
    }

    /// One page of items, from `offset`.
    pub(crate) async fn items(&self, dataset: &str, offset: u64) -> Result<Page, Failure> {
        let path = format!(
            "/v2/datasets/{}/items?format=json&offset={offset}&limit={PAGE}",
            segment(dataset)
        );
        let request = self
            .signed(Request::get(self.url(&path)?))
            .timeout(FETCH_LIMIT * 4);
        let response = self.send(request, repeatable).await?;
        let total = response
            .header("x-apify-pagination-total")
            .and_then(|total| total.parse().ok());
        Ok(Page {
            body: response.body.to_vec(),
            total,
        })
    }

    fn url(&self, path: &str) -> Result<Url, Setup> {
        Url::parse(&format!("{}{path}", self.base))
            .map_err(|_| Setup::Wrong("sources.amazon.base_url"))
    }

    fn signed(&self, request: Request) -> Request {
        request.bearer(self.token.expose())
    }

    /// Sends until it succeeds, tries run out, or `again` says that this answer stays.
    async fn send(
        &self,
        request: Request,
        again: impl Fn(&Response) -> bool,
    ) -> Result<Response, Failure> {
        let may_repeat = request.url().path().contains("/datasets/")
            || request.url().path().contains("/actor-runs/");
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let result = self.egress.send(request.clone()).await;
            let last = attempt >= TRIES;
            match result {
                Ok(response) if response.is_success() => return Ok(response),
                Ok(response) if again(&response) && !last => {
                    let asked = response.retry_after(Utc::now());
                    if asked.is_some_and(|wait| wait > PATIENCE) {
                        return Err(refused(&response));
                    }
                    tokio::time::sleep(asked.unwrap_or(jittered(pause))).await;
                }
                Ok(response) => return Err(refused(&response)),
                // A connection that never came about started nothing.
                Err(error @ EgressError::Connect { .. }) if !last => {
                    tracing::debug!(%error, "cannot reach Apify yet");
                    tokio::time::sleep(jittered(pause)).await;
                }
                Err(error) if may_repeat && !last && transient(&error) => {
                    tokio::time::sleep(jittered(pause)).await;
                }
                Err(error) => return Err(Failure::Other(error.into())),
            }
            pause *= 2;
        }
        Err(Failure::Other(Outcome::Timeout))
    }
}

/// Limit of a call that does not wait for a run.
const FETCH_LIMIT: Duration = Duration::from_secs(15);

fn repeatable(response: &Response) -> bool {
    response.status == 429 || response.status >= 500
}

fn transient(error: &EgressError) -> bool {
    matches!(
        error,
        EgressError::Timeout { .. } | EgressError::Body { .. }
    )
}

/// A random time in [d, 2d].
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(1.0..=2.0))
}

/// What a refusal means. The body's type decides, the status where there is none.
fn refused(response: &Response) -> Failure {
    let kind = serde_json::from_slice::<ErrorBody>(&response.body)
        .map(|body| body.error.kind)
        .unwrap_or_default();
    let said = if kind.is_empty() {
        format!("HTTP {}", response.status)
    } else {
        kind.clone()
    };
    let retry_after = response.retry_after(Utc::now());
    Failure::Other(match (response.status, kind.as_str()) {
        (404, _) => return Failure::NotFound,
        (429, _) | (_, "rate-limit-exceeded" | "concurrent-runs-limit-exceeded") => {
            Outcome::RateLimited { retry_after }
        }
        (402, _) | (_, "actor-memory-limit-exceeded") => Outcome::Blocked {
            retry_after: retry_after.or(Some(QUOTA_PAUSE)),
            reason: format!("Apify's quota is used up: {said}"),
        },
        (401, _) => Outcome::hopeless(format!("Apify refuses the token: {said}")),
        (403, _) => Outcome::Blocked {
            retry_after,
            reason: format!("Apify refuses: {said}"),
        },
        (500.., _) => Outcome::failed(format!("Apify is in trouble: {said}")),
        _ => Outcome::hopeless(format!("Apify refuses the request: {said}")),
    })
}

fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Failure> {
    serde_json::from_slice::<Data<T>>(&response.body)
        .map(|wrapped| wrapped.data)
        .map_err(|_| {
            Failure::Other(Outcome::malformed(
                "Apify's answer about the run is not JSON of a run",
            ))
        })
}

/// An id in a path: ids are letters and digits, anything else must not steer the path.
fn segment(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}

impl From<Setup> for Failure {
    fn from(setup: Setup) -> Self {
        Self::Other(Outcome::hopeless(setup.to_string()))
    }
}
