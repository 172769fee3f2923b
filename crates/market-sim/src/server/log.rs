//! What upstreams were asked, in order of arrival.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::fault::FaultKind;
use crate::market::Source;

/// Listings that a request asked for; handlers put it into the response's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExternalIds(pub Vec<String>);

/// What is known of a request when it comes in.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub source: Source,
    pub method: String,
    pub path: String,
    pub query: Option<String>,
    pub fault: Option<FaultKind>,
}

#[derive(Debug)]
struct Entry {
    at: DateTime<Utc>,
    arrival: Arrival,
    /// Requests of this source in flight at arrival, itself included.
    concurrency: usize,
    outcome: Option<Outcome>,
}

#[derive(Debug)]
struct Outcome {
    /// `None` when no status went out: reset, or the client went away.
    status: Option<u16>,
    duration_ms: u64,
    external_ids: Vec<String>,
}

#[derive(Debug, Default)]
struct Book {
    entries: Vec<Entry>,
    /// Grows with each clearing, so that requests in flight do not write into a new book.
    edition: u64,
    in_flight: HashMap<Source, usize>,
}

/// What upstreams were asked, in order of arrival.
#[derive(Debug, Default, Clone)]
pub(crate) struct RequestLog(Arc<Mutex<Book>>);

/// A request in flight. Dropping it unfinished tells that the client went away.
#[derive(Debug)]
pub(crate) struct InFlight {
    log: RequestLog,
    source: Source,
    place: usize,
    edition: u64,
    since: Instant,
    finished: bool,
}

impl RequestLog {
    /// Writes down a request that has just come in.
    pub fn arrive(&self, arrival: Arrival) -> InFlight {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = arrival.source;
        let in_flight = book.in_flight.entry(source).or_default();
        *in_flight += 1;
        let concurrency = *in_flight;
        book.entries.push(Entry {
            at: Utc::now(),
            arrival,
            concurrency,
            outcome: None,
        });
        InFlight {
            log: self.clone(),
            source,
            place: book.entries.len() - 1,
            edition: book.edition,
            since: Instant::now(),
            finished: false,
        }
    }

    /// The log as JSON, of one source or of all.
    pub fn to_json(&self, source: Option<Source>) -> Value {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.entries
            .iter()
            .filter(|entry| source.is_none_or(|wanted| entry.arrival.source == wanted))
            .map(Entry::to_json)
            .collect()
    }

    /// Forgets all requests.
    pub fn clear(&self) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.entries.clear();
        book.edition += 1;
    }
}

impl InFlight {
    /// The answer is about to go out, or the connection to be cut (`status` is `None`).
    pub fn finish(mut self, status: Option<u16>, external_ids: Vec<String>) {
        self.finished = true;
        self.settle(status, external_ids);
    }

    fn settle(&self, status: Option<u16>, external_ids: Vec<String>) {
        let mut book = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(in_flight) = book.in_flight.get_mut(&self.source) {
            *in_flight = in_flight.saturating_sub(1);
        }
        if book.edition == self.edition
            && let Some(entry) = book.entries.get_mut(self.place)
        {
            let duration_ms = self.since.elapsed().as_millis() as u64;
            entry.outcome = Some(Outcome {
                status,
                duration_ms,
                external_ids,
            });
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.finished {
            self.settle(None, Vec::new());
        }
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let Arrival {
            source,
            method,
            path,
            query,
            fault,
        } = &self.arrival;
        let outcome = self.outcome.as_ref();
        let ids = outcome
            .map(|o| &o.external_ids)
            .filter(|ids| !ids.is_empty());
        json!({
            "at": self.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            "source": source,
            "method": method,
            "path": path,
            "query": query,
            "status": outcome.and_then(|o| o.status),
            "concurrency": self.concurrency,
            "duration_ms": outcome.map(|o| o.duration_ms),
            "finished": outcome.is_some(),
            "fault": fault,
            "external_ids": ids,
        })
    }
}
