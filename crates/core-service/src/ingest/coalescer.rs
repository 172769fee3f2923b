//! Collecting what arrives close together, so that many small calls become few transactions.

use std::time::Duration;

use chrono::Utc;
use sea_orm::{DbErr, RuntimeErr, sqlx};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;

use super::{Batch, Ingest, Outcome};

/// How much is put into one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Observations from which on a batch is full.
    pub observations: usize,
    /// How long the first of a batch waits for others.
    pub wait: Duration,
    /// Requests that may wait for a batch; further callers wait to hand theirs over.
    pub queue: usize,
    /// Batches stored at the same time: while one is with the database, another is worked on here. Those that share
    /// listings wait for each other on the listings' states.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            observations: 1_000,
            wait: Duration::from_millis(10),
            queue: 256,
            at_once: 2,
        }
    }
}

/// Why a request was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The database is away or busy: the same request may succeed in a moment.
    #[error("the database cannot take observations right now")]
    Unavailable,
    /// The request itself made the database refuse.
    #[error("the observations could not be stored")]
    Failed,
}

/// The way in: hand over a request, get its outcomes after the commit. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Coalescer {
    requests: mpsc::Sender<Request>,
}

struct Request {
    batch: Batch,
    caller: Caller,
}

/// Who waits for the outcomes of a request.
struct Caller {
    traceparent: Option<String>,
    answer: oneshot::Sender<Result<Vec<Outcome>, NotStored>>,
}

impl Caller {
    fn hear(self, result: Result<Vec<Outcome>, NotStored>) {
        // One who stopped waiting asks again and finds the observations known.
        let _ = self.answer.send(result);
    }
}

/// How often a batch is tried when another transaction stood in its way.
const TRIES: u32 = 4;

impl Coalescer {
    /// Starts collecting; ends by itself when the last handle is gone, after storing what it has.
    #[must_use]
    pub fn start(ingest: Ingest, limits: Limits) -> Self {
        let (requests, arriving) = mpsc::channel(limits.queue);
        tokio::spawn(collect(ingest, limits, arriving));
        Self { requests }
    }

    /// Stores a request, together with whatever else arrives now.
    ///
    /// # Errors
    /// When nothing of it was stored.
    pub async fn store(&self, batch: Batch) -> Result<Vec<Outcome>, NotStored> {
        let (answer, outcome) = oneshot::channel();
        let traceparent = telemetry::propagation::current_traceparent();
        let request = Request {
            batch,
            caller: Caller {
                traceparent,
                answer,
            },
        };
        self.requests
            .send(request)
            .await
            .map_err(|_| NotStored::Unavailable)?;
        // The answer is missing only when storing panicked.
        outcome.await.unwrap_or(Err(NotStored::Failed))
    }
}

async fn collect(ingest: Ingest, limits: Limits, mut arriving: mpsc::Receiver<Request>) {
    let mut storing = JoinSet::new();
    while let Some(first) = arriving.recv().await {
        let deadline = Instant::now() + limits.wait;
        let mut size = first.batch.observations.len();
        let mut requests = vec![first];
        while size < limits.observations {
            let Ok(Some(next)) = tokio::time::timeout_at(deadline, arriving.recv()).await else {
                break;
            };
            size += next.batch.observations.len();
            requests.push(next);
        }
        while storing.len() >= limits.at_once.max(1) {
            note(storing.join_next().await);
        }
        // A task of its own: a panic costs this batch only.
        storing.spawn(store_all(ingest.clone(), requests, size));
    }
    while !storing.is_empty() {
        note(storing.join_next().await);
    }
}

fn note(stored: Option<Result<(), JoinError>>) {
    if let Some(Err(stopped)) = stored {
        tracing::error!(error = %stopped, "storing observations panicked");
    }
}

async fn store_all(ingest: Ingest, requests: Vec<Request>, size: usize) {
    let started = Instant::now();
    let (batches, callers): (Vec<Batch>, Vec<Caller>) = requests
        .into_iter()
        .map(|request| (request.batch, request.caller))
        .unzip();
    let result = store_traced(&ingest, &batches, &callers).await;
    metrics::histogram!("ingest_batch_duration_seconds").record(started.elapsed().as_secs_f64());
    metrics::counter!("ingest_observations_total").increment(size as u64);
    match result {
        Ok(outcomes) => {
            for (caller, outcomes) in callers.into_iter().zip(outcomes) {
                caller.hear(Ok(outcomes));
            }
        }
        Err(NotStored::Failed) if callers.len() > 1 => {
            // One of them made the database refuse: alone, it fails alone.
            for (batch, caller) in batches.into_iter().zip(callers) {
                let alone = std::slice::from_ref(&caller);
                let stored = store_traced(&ingest, &[batch], alone).await;
                let result = stored.map(|mut outcomes| outcomes.pop().unwrap_or_default());
                caller.hear(result);
            }
        }
        Err(error) => {
            for caller in callers {
                caller.hear(Err(error));
            }
        }
    }
}

/// Stores under a span that belongs to the first request's trace and names the others.
async fn store_traced(
    ingest: &Ingest,
    batches: &[Batch],
    callers: &[Caller],
) -> Result<Vec<Vec<Outcome>>, NotStored> {
    let span = tracing::info_span!("ingest", requests = batches.len());
    let mut traceparents = callers
        .iter()
        .filter_map(|caller| caller.traceparent.as_deref());
    if let Some(first) = traceparents.next() {
        telemetry::propagation::set_parent_from(&span, first);
        for other in traceparents {
            telemetry::propagation::link_to(&span, other);
        }
    }
    store_with_retries(ingest, batches).instrument(span).await
}

async fn store_with_retries(
    ingest: &Ingest,
    batches: &[Batch],
) -> Result<Vec<Vec<Outcome>>, NotStored> {
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match ingest.store(batches, Utc::now()).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(error) => error,
        };
        match Trouble::of(&error) {
            Trouble::Collision if tries < TRIES => {
                tracing::info!(tries, error = %error, "a batch met another transaction; once more");
            }
            Trouble::Collision | Trouble::Away => {
                tracing::warn!(error = %error, "observations not stored");
                return Err(NotStored::Unavailable);
            }
            Trouble::Refused => {
                tracing::error!(error = %error, "observations not stored");
                return Err(NotStored::Failed);
            }
        }
    }
}

/// What a failure says about trying again.
enum Trouble {
    /// Another transaction stood in the way: at once.
    Collision,
    /// The database cannot be reached: later.
    Away,
    /// It did not like what it got: never.
    Refused,
}

impl Trouble {
    fn of(error: &DbErr) -> Self {
        let (DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source))
        | DbErr::Conn(RuntimeErr::SqlxError(source))) = error
        else {
            return Self::Refused;
        };
        let sqlx::Error::Database(told) = source.as_ref() else {
            return Self::Away;
        };
        match told.code().as_deref() {
            // Deadlock, serialisation failure, and the partition or variant that another batch made first.
            Some("40P01" | "40001" | "23505" | "42P07") => Self::Collision,
            // No partition takes the row: its month was dropped after it was made sure of. Once more makes it again.
            Some("23514") if told.constraint().is_none() => Self::Collision,
            // The month is just being dropped, or whoever holds a lock takes long.
            Some("55006" | "55P03") => Self::Away,
            // Shutting down, starting up, too many connections, out of space or memory.
            Some(code)
                if code.starts_with("57") || code.starts_with("53") || code.starts_with("08") =>
            {
                Self::Away
            }
            _ => Self::Refused,
        }
    }
}
