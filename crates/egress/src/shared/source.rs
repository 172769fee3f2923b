//! One source's limits over all processes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::link::{Link, What, Word};

/// A worker that asked for nothing this long does not count among those who share the limits.
const WORKER_LIFE: Duration = Duration::from_secs(300);

/// What Redis says to one who wants to start.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Start now.
    Granted(Slot),
    /// The gap to the last start, of whichever process, is not over.
    Wait(Duration),
    /// Somebody was asked to leave the source alone.
    Paused(Duration),
    /// As many requests as there may be are under way.
    Full,
}

#[derive(Debug)]
struct Source {
    link: Arc<Link>,
    name: String,
    slots: String,
    next: String,
    paused: String,
    workers: String,
    /// Numbers this process's holders.
    holders: AtomicU64,
    /// Holders that have ended but perhaps not in Redis.
    finished: Mutex<Vec<String>>,
}

impl Source {
    fn finished(&self) -> MutexGuard<'_, Vec<String>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One source's limits over all processes.
#[derive(Debug)]
pub(crate) struct SourceLimits {
    source: Arc<Source>,
}

impl SourceLimits {
    pub(super) fn new(link: Arc<Link>, name: &str) -> Self {
        // The braces keep a source's keys on one node of a cluster.
        let key = |what| format!("{}polite:{{{name}}}:{what}", link.sharing.prefix);
        let source = Source {
            name: name.to_owned(),
            slots: key("slots"),
            next: key("next"),
            paused: key("paused"),
            workers: key("workers"),
            holders: AtomicU64::new(0),
            finished: Mutex::new(Vec::new()),
            link,
        };
        Self {
            source: Arc::new(source),
        }
    }

    /// The source's name, for metrics.
    pub(crate) fn name(&self) -> &str {
        &self.source.name
    }

    /// Whether Redis cannot be asked now.
    pub(crate) fn is_away(&self) -> bool {
        self.source.link.is_away()
    }

    /// Asks for a start, after which nobody starts for `gap`. Also says how many workers share the
    /// limits. Nothing when Redis is away.
    ///
    /// One at a time, please.
    pub(crate) async fn start(&self, concurrency: u16, gap: Duration) -> Option<(Answer, u32)> {
        let source = &self.source;
        let link = &source.link;
        // Made first: whoever gives up while Redis grants it frees it again.
        let mut slot = Slot::new(source);
        let mut script = link.start.prepare_invoke();
        script
            .key(&source.slots)
            .key(&source.next)
            .key(&source.paused)
            .key(&source.workers)
            .arg(&slot.holder)
            .arg(&link.worker)
            .arg(concurrency)
            .arg(millis(gap))
            .arg(millis(link.sharing.slot_life))
            .arg(millis(WORKER_LIFE));
        // An end that is still on its way must not make our own next start wait.
        let finished = source.finished().clone();
        for holder in &finished {
            script.arg(holder);
        }
        let (what, wait, workers): (u8, u64, u32) = link.run(&script).await?;
        source
            .finished()
            .retain(|holder| !finished.contains(holder));
        slot.granted_perhaps = what == 0;
        let wait = Duration::from_millis(wait);
        let answer = match what {
            0 => Answer::Granted(slot),
            1 => Answer::Paused(wait),
            2 => Answer::Wait(wait),
            _ => Answer::Full,
        };
        Some((answer, workers))
    }

    /// Nobody starts for this long, as soon as Redis hears of it.
    pub(crate) fn pause(&self, length: Duration) {
        self.source.link.tell(Word {
            key: self.source.paused.clone(),
            what: What::Pause,
            until: Instant::now() + length,
        });
    }
}

/// One of the requests that may be under way at once; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    source: Arc<Source>,
    holder: String,
    granted_perhaps: bool,
}

impl Slot {
    fn new(source: &Arc<Source>) -> Self {
        let number = source.holders.fetch_add(1, Ordering::Relaxed);
        Self {
            source: Arc::clone(source),
            holder: format!("{}:{number}", source.link.worker),
            granted_perhaps: true,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.granted_perhaps {
            return;
        }
        let source = &self.source;
        source.finished().push(self.holder.clone());
        source.link.tell(Word {
            key: source.slots.clone(),
            what: What::Ended(std::mem::take(&mut self.holder)),
            until: Instant::now() + source.link.sharing.slot_life,
        });
    }
}

/// Whole milliseconds, rounded up so that no limit gets shorter.
pub(super) fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
