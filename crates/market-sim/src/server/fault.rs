//! Faults that were ordered, waiting for the requests they will spoil.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::market::Source;

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// Too many requests.
    #[serde(rename = "429")]
    TooMany,
    /// Refused.
    #[serde(rename = "403")]
    Forbidden,
    /// The upstream broke.
    #[serde(rename = "500")]
    Broken,
    /// Apify's account has run dry.
    #[serde(rename = "402")]
    Unpaid,
    /// The upstream did its work but does not answer for a long time.
    Timeout,
    /// The upstream did its work but its answer is cut short.
    Malformed,
    /// The upstream did its work but the connection breaks.
    Reset,
    /// The next actor run fails half-way.
    RunFailed,
    /// The next actor run runs into its time limit half-way.
    RunTimedOut,
}

impl FaultKind {
    /// Whether it spoils an actor run rather than an HTTP request.
    pub fn is_of_runs(self) -> bool {
        matches!(self, Self::RunFailed | Self::RunTimedOut)
    }
}

/// One request's failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub kind: FaultKind,
    /// Seconds for a `Retry-After` header.
    pub retry_after: Option<u64>,
}

/// Faults that were ordered, per source, in order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<HashMap<Source, VecDeque<Fault>>>);

impl Faults {
    /// Spoils the next `count` requests of a source, after those already ordered.
    pub fn order(&self, source: Source, fault: Fault, count: usize) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(source)
            .or_default()
            .extend(std::iter::repeat_n(fault, count));
    }

    /// The fault of the request that comes in now.
    pub fn next_request(&self, source: Source) -> Option<Fault> {
        self.take(source, |kind| !kind.is_of_runs())
    }

    /// The fault of the run that starts now.
    pub fn next_run(&self, source: Source) -> Option<Fault> {
        self.take(source, FaultKind::is_of_runs)
    }

    /// Takes back what is still waiting of a kind.
    pub fn take_back(&self, source: Source, kind: FaultKind) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = all.get_mut(&source) {
            queue.retain(|fault| fault.kind != kind);
        }
    }

    /// Faults still waiting.
    pub fn waiting(&self, source: Source) -> usize {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&source).map_or(0, VecDeque::len)
    }

    pub fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn take(&self, source: Source, fits: impl Fn(FaultKind) -> bool) -> Option<Fault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = all.get_mut(&source)?;
        let place = queue.iter().position(|fault| fits(fault.kind))?;
        queue.remove(place)
    }
}
