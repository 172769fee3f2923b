//! The one way to ask a source: guard, manners, limits, repeats by kind of failure, span, metrics.

mod call;
mod manners;
mod repeat;
mod scopes;
mod state;
mod tally;
mod ways;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use config::ConfigError;
use domain::source::Source;
use egress::{Egress, Request, Response, SharedLimits, Verdict};
use tracing::Instrument;

use crate::{Outcome, registry};
use manners::Manners;
use repeat::{Failure, Next, Tries};
use scopes::{Scope, Scopes};
use ways::Ways;

pub use call::{Call, by_status};
pub use state::{Breaker, ScopeState};

/// Asks sources politely, as one with all workers. Cheap to clone; clones share their manners.
#[derive(Clone, Debug)]
pub struct Executor {
    ways: Arc<Ways>,
    scopes: Arc<Scopes>,
}

impl Executor {
    /// With the manners that the settings name.
    ///
    /// # Errors
    /// Settings that are unknown or wrong.
    pub fn new(
        settings: &config::Sources,
        egress: Egress,
        shared: Option<SharedLimits>,
    ) -> Result<Self, ConfigError> {
        let manners = registry::sources()
            .map(|source| Ok((source, Manners::read(settings, source)?)))
            .collect::<Result<HashMap<Source, Manners>, ConfigError>>()?;
        Ok(Self {
            ways: Arc::new(Ways::new(egress, &manners)?),
            scopes: Arc::new(Scopes::new(manners, shared)),
        })
    }

    /// How many requests to a source may be under way at once: more only wait in the queue.
    pub fn at_once(&self, source: Source) -> usize {
        self.scopes.at_once(source).into()
    }

    /// Waits until the state of some scope has changed enough to be told, or requests were sent
    /// that nobody was told of for a while; then the states to tell. For one caller a process.
    pub async fn changes(&self) -> Vec<ScopeState> {
        loop {
            let (states, next) = self.scopes.to_tell(tokio::time::Instant::now());
            if !states.is_empty() {
                return states;
            }
            let due = async {
                match next {
                    Some(next) => tokio::time::sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.scopes.news.notified() => {}
                () = due => {}
            }
        }
    }

    /// Waits for its turn, sends, and judges the answer; passing failures are tried again.
    ///
    /// `request` makes the request anew for each try, because signatures hold the time.
    ///
    /// # Errors
    /// The outcome of a call that brought no answer worth reading.
    pub async fn send(
        &self,
        call: &Call,
        request: impl Fn(DateTime<Utc>) -> Result<Request, Outcome> + Send + Sync,
    ) -> Result<Response, Outcome> {
        let scope = self.scopes.get(call.source, &call.scope);
        let mut tries = Tries::new(call);
        loop {
            // Hosts and paths only: a query may hold a signature.
            let span = tracing::info_span!(
                "ask",
                source = call.source.as_str(),
                scope = call.scope,
                attempt = tries.attempt()
            );
            let result = self.attempt(call, &scope, &tries, &request);
            let failure = match result.instrument(span).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            match tries.next(call, &failure, rand::random()) {
                Next::After(pause) => tokio::time::sleep(pause).await,
                // The next turn waits for it.
                Next::AfterPause => {}
                Next::Give => return Err(failure.outcome),
            }
        }
    }

    /// One try.
    async fn attempt(
        &self,
        call: &Call,
        scope: &Scope,
        tries: &Tries,
        request: impl Fn(DateTime<Utc>) -> Result<Request, Outcome>,
    ) -> Result<Response, Failure> {
        let source = call.source.as_str();
        let waiting = Instant::now();
        let turn = scope
            .politeness
            .turn(call.urgency, tries.patience, call.least_gap)
            .await;
        self.look(scope);
        let turn = turn.map_err(|paused| Failure::unasked(paused, Utc::now()))?;
        metrics::histogram!("source_wait_seconds", "source" => source.to_owned())
            .record(waiting.elapsed().as_secs_f64());

        let request = request(Utc::now()).map_err(Failure::unmade)?;
        let begun = Instant::now();
        let answer = self.ways.out(call.source).send(request).await;
        metrics::histogram!("source_request_seconds", "source" => source.to_owned())
            .record(begun.elapsed().as_secs_f64());
        let mut result = match answer {
            Ok(response) => match (call.judge)(&response, Utc::now()) {
                None => Ok(response),
                Some(outcome) => Err(Failure::judged(outcome, response.status)),
            },
            Err(error) => Err(error.into()),
        };
        if let Err(failure) = &mut result {
            failure.pause = tries.pause(&failure.outcome, rand::random());
        }
        turn.finish(
            result
                .as_ref()
                .err()
                .map_or(Verdict::Good, Failure::verdict),
        )
        .await;
        scope.tally().ended(result.as_ref().err(), Utc::now());
        self.look(scope);

        let word = result
            .as_ref()
            .err()
            .map_or("ok", |failure| failure.outcome.as_str());
        metrics::counter!("source_requests_total", "source" => source.to_owned(), "outcome" => word)
            .increment(1);
        if let Err(failure) = &result {
            tracing::debug!(
                outcome = word,
                reason = failure.outcome.reason(),
                "no answer"
            );
        }
        result
    }

    /// Something may have changed that somebody wants to know.
    fn look(&self, scope: &Scope) {
        let manner = scope.politeness.manner();
        let began = scope.tally().look(&manner);
        if began {
            let source = scope.source.as_str().to_owned();
            tracing::warn!(
                source,
                scope = scope.name,
                "the source refuses us and is left alone"
            );
            metrics::counter!("source_rests_total", "source" => source).increment(1);
        }
        self.scopes.news.notify_one();
    }
}
