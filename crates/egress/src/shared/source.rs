//! One source's limits over all processes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::Value;
use tokio::time::Instant;

use super::link::{Link, What, Word};
use super::snapshot::{Snapshot, fields};
use crate::politeness::Urgency;
use crate::standing::{LEAST_WIDENED, Standing, millis};

/// A worker that asked for nothing this long does not count among those who share the limits.
const WORKER_LIFE: Duration = Duration::from_secs(300);
/// How long the less urgent of other workers wait for one who asked and has not come back.
const WAITER_LIFE: Duration = Duration::from_secs(2);
/// How long Redis remembers a standing that nobody changes.
const STATE_LIFE: Duration = Duration::from_secs(2 * 3600);
/// Writers who collide try again; so many at the same time there are not.
const WRITES: usize = 8;

/// What Redis says to one who wants to start.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Start now; perhaps as the one who tries again after a rest.
    Granted { slot: Slot, probe: bool },
    /// The gap to the last start, of whichever process, is not over.
    Wait(Duration),
    /// Somebody was asked to leave the source alone.
    Paused,
    /// As many requests as there may be are under way, or somebody more urgent waits elsewhere.
    Full,
    /// The source is left alone.
    Resting,
}

/// One who wants to start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) concurrency: u16,
    /// After it nobody starts for this long, or longer while gaps are wide.
    pub(crate) gap: Duration,
    pub(crate) urgency: Urgency,
    /// Whether others of that urgency wait at this process.
    pub(crate) more: bool,
}

#[derive(Debug)]
struct Source {
    link: Arc<Link>,
    name: String,
    slots: String,
    state: String,
    workers: String,
    /// Who waits: high, medium.
    waiting: [String; 2],
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
            state: key("state"),
            workers: key("workers"),
            waiting: [key("high"), key("medium")],
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

    /// How long Redis is left alone once it is away.
    pub(crate) fn retry_after(&self) -> Duration {
        self.source.link.sharing.retry_after
    }

    /// How long a slot lives by itself.
    pub(crate) fn slot_life(&self) -> Duration {
        self.source.link.sharing.slot_life
    }

    /// Asks for a start. Also says how many workers share the limits, and the standing. Nothing when
    /// Redis is away.
    ///
    /// One at a time, please.
    pub(crate) async fn start(&self, ask: Ask) -> Option<(Answer, u32, Snapshot)> {
        let source = &self.source;
        let link = &source.link;
        // Made first: whoever gives up while Redis grants it frees it again.
        let mut slot = Slot::new(source);
        let mut script = link.start.prepare_invoke();
        script
            .key(&source.slots)
            .key(&source.state)
            .key(&source.workers)
            .key(&source.waiting)
            .arg(&slot.holder)
            .arg(&link.worker)
            .arg(ask.concurrency)
            .arg(millis(ask.gap))
            .arg(millis(link.sharing.slot_life))
            .arg(millis(WORKER_LIFE))
            .arg(ask.urgency as u8)
            .arg(millis(WAITER_LIFE))
            .arg(u8::from(ask.more))
            .arg(millis(LEAST_WIDENED));
        // An end that is still on its way must not make our own next start wait.
        let finished = source.finished().clone();
        for holder in &finished {
            script.arg(holder);
        }
        let (what, wait, workers, probe, now, state): (u8, u64, u32, u8, i64, Value) =
            link.run(&script).await?;
        source
            .finished()
            .retain(|holder| !finished.contains(holder));
        slot.granted_perhaps = what == 0;
        let snapshot = Value::Array(vec![Value::Int(now), state]);
        let snapshot = redis::from_redis_value(snapshot).ok()?;
        let answer = match what {
            0 => Answer::Granted {
                slot,
                probe: probe == 1,
            },
            1 => Answer::Paused,
            2 => Answer::Wait(Duration::from_millis(wait)),
            4 => Answer::Resting,
            _ => Answer::Full,
        };
        Some((answer, workers, snapshot))
    }

    /// Changes the standing, together with the end of a request where there was one. The standing
    /// afterwards; nothing when Redis is away.
    pub(crate) async fn settle(
        &self,
        slot: Option<&mut Slot>,
        change: impl Fn(&Standing, i64) -> Standing,
    ) -> Option<Snapshot> {
        let source = &self.source;
        let link = &source.link;
        let holder = slot.as_ref().map_or("", |slot| slot.holder.as_str());
        let mut end = link.end.key(&source.slots);
        end.key(&source.state).arg(holder);
        let mut snapshot: Snapshot = link.run(&end).await?;
        if let Some(slot) = slot {
            slot.granted_perhaps = false;
        }
        for _ in 0..WRITES {
            let standing = change(&snapshot.standing, snapshot.now);
            if standing == snapshot.standing {
                break;
            }
            let mut put = link.put.key(&source.state);
            put.arg(snapshot.version).arg(millis(STATE_LIFE));
            for (name, value) in fields(&standing) {
                put.arg(name).arg(value);
            }
            let written: u8 = link.run(&put).await?;
            if written == 1 {
                snapshot.standing = standing;
                break;
            }
            let mut look = link.end.key(&source.slots);
            look.key(&source.state).arg("");
            snapshot = link.run(&look).await?;
        }
        Some(snapshot)
    }

    /// Lets the less urgent of other workers wait for one of ours, who asks again within `wait`.
    pub(crate) fn wants(&self, urgency: Urgency, wait: Duration) {
        self.word(urgency, What::Wants, wait + WAITER_LIFE);
    }

    /// Nobody so urgent waits here any more.
    pub(crate) fn wants_no_more(&self, urgency: Urgency) {
        let gone = What::Gone(self.source.link.worker.clone());
        self.word(urgency, gone, WAITER_LIFE);
    }

    fn word(&self, urgency: Urgency, what: What, life: Duration) {
        if let Some(key) = self.source.waiting.get(urgency as usize) {
            self.source.link.tell(Word {
                key: key.clone(),
                what,
                until: Instant::now() + life,
            });
        }
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
            what: What::Gone(std::mem::take(&mut self.holder)),
            until: Instant::now() + source.link.sharing.slot_life,
        });
    }
}
