//! Apify's HTTP API v2. Everything goes through the executor; nothing is repeated here.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use egress::{Request, Response, Urgency};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::actor::Actor;
use super::input::Order;
use super::settings::{Plan, Settings};
use super::wire::{Data, Run, Runs};
use super::{SOURCE, verdict};
use crate::{Call, Executor, Outcome, Setup};

/// Items asked for at once.
pub(crate) const PAGE: u64 = 250;
/// Limit of a call that does not wait for a run.
const FETCH_LIMIT: Duration = Duration::from_secs(15);
/// Runs looked at when a start is unknown: as many as Apify lists at once.
const LISTED_RUNS: u32 = 1_000;

/// One page of a dataset.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) answer: Response,
    /// Items in the whole dataset, where Apify tells.
    pub(crate) total: Option<u64>,
}

/// Asks Apify in the name of one account.
#[derive(Debug)]
pub(crate) struct Client {
    base: String,
    token: config::Secret,
    executor: Executor,
}

impl Client {
    pub(crate) fn new(settings: &Settings, executor: Executor) -> Self {
        Self {
            base: settings.base_url.trim_end_matches('/').to_owned(),
            token: settings.token.clone(),
            executor,
        }
    }

    /// Whether there is an account to ask in the name of.
    pub(crate) fn ready(&self) -> Result<(), Setup> {
        if self.token.is_set() {
            Ok(())
        } else {
            Err(Setup::Missing("sources.amazon.token"))
        }
    }

    /// Starts a run. Sent once: there is no idempotency key, and a second run is billed.
    pub(crate) async fn start(
        &self,
        order: &Order,
        plan: &Plan,
        urgency: Urgency,
    ) -> Result<Run, Outcome> {
        let mut path = format!(
            "/v2/acts/{}/runs?timeout={}",
            order.actor.path(),
            plan.run_limit.as_secs()
        );
        if let Some(most) = plan.max_items {
            path += &format!("&maxItems={most}");
        }
        if let Some(most) = plan.max_charge {
            path += &format!("&maxTotalChargeUsd={most}");
        }
        let call = Call::read(SOURCE, urgency).judge(verdict::object).once();
        let response = self
            .executor
            .send(&call, |_| {
                let request = Request::post_json(self.url(&path)?, &order.input)
                    .map_err(|_| hopeless(Setup::Wrong("the run's input")))?;
                Ok(self.signed(request).timeout(FETCH_LIMIT * 2))
            })
            .await
            .map_err(|outcome| {
                gone(outcome, || {
                    Outcome::hopeless(format!("Apify does not know the actor {}", order.actor))
                })
            })?;
        parse(&response)
    }

    /// A run's state, waiting up to `wait` for its end. [`Outcome::NotFound`] for a run that Apify
    /// has forgotten.
    pub(crate) async fn run(
        &self,
        id: &str,
        wait: Duration,
        urgency: Urgency,
    ) -> Result<Run, Outcome> {
        let path = format!(
            "/v2/actor-runs/{}?waitForFinish={}",
            segment(id),
            wait.as_secs()
        );
        let call = Call::read(SOURCE, urgency).judge(verdict::object);
        parse(&self.get(&call, &path, wait + FETCH_LIMIT).await?)
    }

    /// The actor's runs since an instant, and what Apify's clock says now, where it tells.
    pub(crate) async fn runs_since(
        &self,
        actor: &Actor,
        since: DateTime<Utc>,
        urgency: Urgency,
    ) -> Result<(Vec<Run>, Option<DateTime<Utc>>), Outcome> {
        let since = since.to_rfc3339_opts(SecondsFormat::Millis, true);
        let path = format!(
            "/v2/acts/{}/runs?desc=1&limit={LISTED_RUNS}&startedAfter={since}",
            actor.path()
        );
        let call = Call::read(SOURCE, urgency).judge(verdict::object);
        let answer = self
            .get(&call, &path, FETCH_LIMIT)
            .await
            .map_err(|outcome| {
                gone(outcome, || {
                    Outcome::hopeless(format!("Apify does not know the actor {actor}"))
                })
            })?;
        let clock = answer
            .header("date")
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let runs: Runs = parse(&answer)?;
        Ok((runs.into_vec(), clock.map(|clock| clock.to_utc())))
    }

    /// What a run was started with; `None` when its store or the record is not there.
    pub(crate) async fn input(
        &self,
        store: &str,
        urgency: Urgency,
    ) -> Result<Option<Value>, Outcome> {
        let path = format!("/v2/key-value-stores/{}/records/INPUT", segment(store));
        let call = Call::read(SOURCE, urgency).judge(verdict::refusal);
        match self.get(&call, &path, FETCH_LIMIT).await {
            // A record comes as it is, without a wrapper.
            Ok(response) => Ok(serde_json::from_slice(&response.body).ok()),
            Err(Outcome::NotFound) => Ok(None),
            Err(outcome) => Err(outcome),
        }
    }

    /// Ends a run that takes too long or is one too many. Best effort: nothing depends on it.
    pub(crate) async fn abort(&self, id: &str, urgency: Urgency) {
        let path = format!("/v2/actor-runs/{}/abort", segment(id));
        // Aborting twice does what aborting once does.
        let call = Call::read(SOURCE, urgency).judge(verdict::refusal);
        let sent = self
            .executor
            .send(&call, |_| {
                let request = Request::post_json(self.url(&path)?, &serde_json::Map::new())
                    .map_err(|_| hopeless(Setup::Wrong("the run's id")))?;
                Ok(self.signed(request).timeout(FETCH_LIMIT))
            })
            .await;
        if let Err(outcome) = sent {
            tracing::warn!(reason = outcome.reason(), "could not abort a run");
        }
    }

    /// One page of items, from `offset`.
    pub(crate) async fn items(
        &self,
        dataset: &str,
        offset: u64,
        urgency: Urgency,
    ) -> Result<Page, Outcome> {
        let path = format!(
            "/v2/datasets/{}/items?format=json&offset={offset}&limit={PAGE}",
            segment(dataset)
        );
        let call = Call::read(SOURCE, urgency).judge(verdict::items);
        let response = self
            .get(&call, &path, FETCH_LIMIT * 4)
            .await
            .map_err(|outcome| {
                gone(outcome, || {
                    Outcome::failed("Apify has forgotten the run's results")
                })
            })?;
        let total = response
            .header("x-apify-pagination-total")
            .and_then(|total| total.trim().parse().ok());
        Ok(Page {
            answer: response,
            total,
        })
    }

    async fn get(&self, call: &Call, path: &str, limit: Duration) -> Result<Response, Outcome> {
        self.executor
            .send(call, |_| {
                Ok(self.signed(Request::get(self.url(path)?)).timeout(limit))
            })
            .await
    }

    fn url(&self, path: &str) -> Result<Url, Outcome> {
        Url::parse(&format!("{}{path}", self.base))
            .map_err(|_| hopeless(Setup::Wrong("sources.amazon.base_url")))
    }

    fn signed(&self, request: Request) -> Request {
        request.bearer(self.token.expose())
    }
}

/// What Apify does not know is never a product that Amazon does not know.
fn gone(outcome: Outcome, instead: impl FnOnce() -> Outcome) -> Outcome {
    match outcome {
        Outcome::NotFound => instead(),
        other => other,
    }
}

fn hopeless(setup: Setup) -> Outcome {
    Outcome::hopeless(setup.to_string())
}

fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Outcome> {
    serde_json::from_slice::<Data<T>>(&response.body)
        .map(|wrapped| wrapped.data)
        .map_err(|_| Outcome::malformed("Apify's answer about the run is not that of a run"))
}

/// An id in a path: ids are letters and digits, anything else must not steer the path.
fn segment(id: &str) -> String {
    id.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}
