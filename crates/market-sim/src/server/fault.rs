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
    /// Somebody aborts the next actor run half-way.
    RunAborted,
    /// The next actor run goes on until its time limit, or until it is aborted.
    RunHangs,
    /// The login is refused.
    #[serde(rename = "401")]
    Unauthorized,
    /// A page for people instead of JSON, with status 200.
    Html,
    /// The upstream did its work but its compressed answer is cut short.
    Truncated,
    /// Status 200 and an error in the source's own words.
    ErrorBody,
    /// All tokens given out so far stop working.
    ExpiredToken,
    /// The next prices are "0".
    ZeroPrice,
    /// The next prices are words.
    WordPrice,
    /// The next rows come twice.
    DuplicateRows,
    /// The next product has ten thousand SKUs.
    ManySkus,
    /// The next page of a list says that more follow, and holds what the first one held.
    EndlessPages,
    /// The next list is empty, whatever it says of its length.
    EmptyList,
    /// The next prices have no currency.
    NoCurrency,
    /// The shop's firewall refuses (PopMart).
    #[serde(rename = "471")]
    Firewall,
    /// A header is said to be missing (PopMart).
    #[serde(rename = "432")]
    HeaderMissing,
}

impl FaultKind {
    /// Whether it spoils an actor run rather than an HTTP request.
    pub fn is_of_runs(self) -> bool {
        matches!(
            self,
            Self::RunFailed | Self::RunTimedOut | Self::RunAborted | Self::RunHangs
        )
    }

    /// Whether it spoils what an answer says rather than how it travels: the source's own handlers do that.
    pub fn is_of_content(self) -> bool {
        matches!(
            self,
            Self::ExpiredToken
                | Self::ZeroPrice
                | Self::WordPrice
                | Self::DuplicateRows
                | Self::ManySkus
                | Self::EndlessPages
                | Self::EmptyList
                | Self::NoCurrency
        )
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
        self.take(source, |kind| !kind.is_of_runs() && !kind.is_of_content())
    }

    /// Whether a fault of this kind is due in the answer that is made now.
    pub fn next_content(&self, source: Source, wanted: FaultKind) -> bool {
        self.take(source, |kind| kind == wanted).is_some()
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
