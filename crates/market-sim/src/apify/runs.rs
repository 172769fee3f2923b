//! Actor runs: stored, moved from READY to their end by a task each, waited for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::watch;

use super::actor::Actor;
use crate::{
    market::Noise,
    server::{Fault, FaultKind},
    world::World,
};

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ready,
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    /// The word on the wire, with a hyphen where Apify has one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED-OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// Whether the run has ended.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Ready | Self::Running)
    }
}

/// What changes about a run.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub status: Status,
    pub finished_at: Option<DateTime<Utc>>,
    pub message: Option<String>,
    pub items: Arc<Vec<Value>>,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    pub id: String,
    pub actor: Actor,
    pub input: Value,
    pub input_len: usize,
    pub urls: Vec<String>,
    pub timeout_secs: u64,
    pub memory_mbytes: u64,
    pub started_at: DateTime<Utc>,
    pub dataset_id: String,
    pub store_id: String,
    pub queue_id: String,
    /// Base of picture URLs, as the client that started the run called us.
    pub base: String,
    pub max_items: Option<usize>,
    pub max_charge_usd: Option<f64>,
    /// Ordered failure of this run.
    pub fault: Option<Fault>,
    progress: watch::Sender<Progress>,
}

/// What a new run is made of.
#[derive(Debug)]
pub(crate) struct NewRun {
    pub actor: Actor,
    pub input: Value,
    pub input_len: usize,
    pub urls: Vec<String>,
    pub timeout_secs: u64,
    pub memory_mbytes: u64,
    pub base: String,
    pub max_items: Option<usize>,
    pub max_charge_usd: Option<f64>,
}

/// All runs, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    order: Vec<Arc<Run>>,
    by_id: HashMap<String, Arc<Run>>,
}

impl Runs {
    /// A run by its id.
    pub fn find(&self, id: &str) -> Option<Arc<Run>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_id
            .get(id)
            .cloned()
    }

    /// The run that fits, e.g. by its dataset.
    pub fn find_by(&self, fits: impl Fn(&Run) -> bool) -> Option<Arc<Run>> {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.order.iter().find(|run| fits(run)).cloned()
    }

    /// All runs, oldest first.
    pub fn all(&self) -> Vec<Arc<Run>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .order
            .clone()
    }

    /// Forgets all runs; those still going end unseen.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Book::default();
    }

    fn add(&self, run: &Arc<Run>) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        book.order.push(Arc::clone(run));
        book.by_id.insert(run.id.clone(), Arc::clone(run));
    }
}

/// Starts a run.
pub(crate) fn start(world: &Arc<World>, new: NewRun) -> Arc<Run> {
    let NewRun {
        actor,
        input,
        input_len,
        urls,
        timeout_secs,
        memory_mbytes,
        base,
        max_items,
        max_charge_usd,
    } = new;
    let ready = Progress {
        status: Status::Ready,
        finished_at: None,
        message: None,
        items: Arc::default(),
    };
    let run = Arc::new(Run {
        id: fresh_id(),
        actor,
        input,
        input_len,
        urls,
        timeout_secs,
        memory_mbytes,
        started_at: Utc::now(),
        dataset_id: fresh_id(),
        store_id: fresh_id(),
        queue_id: fresh_id(),
        base,
        max_items,
        max_charge_usd,
        fault: world.faults.next_run(crate::market::Source::Amazon),
        progress: watch::Sender::new(ready),
    });
    world.runs.add(&run);
    tokio::spawn(go(Arc::clone(world), Arc::clone(&run)));
    run
}

/// Takes a run to its end.
async fn go(world: Arc<World>, run: Arc<Run>) {
    let time = world.options.run_time;
    tokio::time::sleep(time / 5).await;
    run.advance(|progress| {
        progress.status = Status::Running;
        progress.message = Some("Starting the crawler.".to_owned());
    });
    let hangs = run
        .fault
        .is_some_and(|fault| fault.kind == FaultKind::RunHangs);
    let limit = Duration::from_secs(run.timeout_secs);
    tokio::time::sleep(if hangs { limit } else { time - time / 5 }).await;
    let mut items = run.actor.scrape(&world, &run.base, &run.urls, &run.input);
    items.truncate(run.max_items.unwrap_or(usize::MAX));
    if let Some(most) = run.max_charge_usd {
        // What is left after the start, in thousandths of a cent.
        let left = (most * 100_000.0) as u64;
        let affordable = left.saturating_sub(super::view::START_PRICE) / run.actor.result_price();
        items.truncate(affordable.try_into().unwrap_or(usize::MAX));
    }
    let (status, message) = match run.fault.map(|fault| fault.kind) {
        Some(FaultKind::RunAborted) => (Status::Aborted, "Actor was aborted".to_owned()),
        Some(FaultKind::RunFailed) => (
            Status::Failed,
            "The Actor process failed with exit code 1.".to_owned(),
        ),
        Some(_) => (
            Status::TimedOut,
            "The Actor run exceeded its timeout.".to_owned(),
        ),
        None => {
            let total = run.urls.len();
            let text = format!("Finished! Total {total} requests: {total} succeeded, 0 failed.");
            (Status::Succeeded, text)
        }
    };
    if status != Status::Succeeded {
        // What was scraped before the end stays in the dataset.
        items.truncate(items.len() / 2);
    }
    run.advance(|progress| {
        progress.status = status;
        progress.message = Some(message);
        progress.items = Arc::new(items);
        progress.finished_at = Some(Utc::now());
    });
}

impl Run {
    /// Where the run is now.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until the run has ended, at most for `limit`.
    pub async fn wait(&self, limit: Duration) -> Progress {
        let mut changes = self.progress.subscribe();
        // Running into the limit is no error: the caller tells the run as it is then.
        let _ = tokio::time::timeout(limit, changes.wait_for(|now| now.status.is_final())).await;
        self.progress()
    }

    /// Ends a run that has not ended.
    pub fn abort(&self) {
        self.advance(|progress| {
            progress.status = Status::Aborted;
            progress.message = Some("Actor was aborted".to_owned());
            progress.finished_at = Some(Utc::now());
        });
    }

    /// Changes a run that has not ended; the end is final.
    fn advance(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|progress| {
            let open = !progress.status.is_final();
            if open {
                change(progress);
            }
            open
        });
    }
}

/// A new id in Apify's form: 17 letters and digits, not the same again after a restart.
fn fresh_id() -> String {
    use std::sync::atomic::{AtomicI64, Ordering};
    static COUNTER: AtomicI64 = AtomicI64::new(0);
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let now = Utc::now().timestamp_nanos_opt().unwrap_or_default();
    let noise = Noise::new(u64::from(std::process::id()))
        .nth(now)
        .nth(COUNTER.fetch_add(1, Ordering::Relaxed));
    (0..17)
        .map(|n| char::from(*noise.nth(n).pick(LETTERS)))
        .collect()
}
