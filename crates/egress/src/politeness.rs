//! When a source may be asked.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::Rng;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::shared::{Answer, SharedLimits, Slot, SourceLimits};

/// The source asked to be left alone for longer than a request may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("paused for another {} s", remaining.as_secs())]
pub struct Paused {
    /// How much of the pause is left.
    pub remaining: Duration,
}

/// The longest pause that is obeyed. A source that asks for days, by malice or by mistake, is asked
/// again after this.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// How soon to ask again, in milliseconds, when all slots are held: other processes do not tell
/// when they end a request.
const FULL_PAUSE: RangeInclusive<u64> = 40..=80;

/// Who goes first when several want to ask the same source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for it.
    High,
    /// Soon.
    Medium,
    /// Whenever there is room.
    Low,
}

/// The manners towards one source: so many requests at once, a jittered gap between two starts,
/// pauses when asked, the urgent first. Cheap to clone; clones share all of it.
///
/// They hold within this process; with [`shared_by`](Self::shared_by) over all processes, except for
/// urgency, which orders the waiting of one process.
#[derive(Clone, Debug)]
pub struct Politeness {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    concurrency: u16,
    gap: RangeInclusive<Duration>,
    /// What other processes have to say.
    across: Option<SourceLimits>,
    state: Mutex<State>,
    /// Told whenever somebody may have become able to start.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    running: u16,
    /// Who waits, by urgency.
    waiting: [usize; 3],
    /// The earliest start of the next request.
    next: Instant,
    /// Nobody starts before it.
    paused_until: Instant,
    /// One of us asks for a shared start; the others wait for what it learns.
    asking: bool,
    /// How many processes shared the limits when last heard.
    workers: u32,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to send one request; hold it until the answer is read.
#[derive(Debug)]
pub struct Turn {
    shared: Arc<Shared>,
    /// Dropped with the turn; absent when only local limits were asked.
    _slot: Option<Slot>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.shared.lock().running -= 1;
        self.shared.changed.notify_waiters();
    }
}

/// Counts one who waits, also when the wait is given up.
struct Waiting<'a> {
    shared: &'a Shared,
    urgency: Urgency,
}

impl<'a> Waiting<'a> {
    fn begin(shared: &'a Shared, urgency: Urgency) -> Self {
        shared.lock().waiting[urgency as usize] += 1;
        Self { shared, urgency }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.lock().waiting[self.urgency as usize] -= 1;
        // The less urgent may go now.
        self.shared.changed.notify_waiters();
    }
}

/// One asks for a shared start, until dropped.
struct Asking<'a>(&'a Shared);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.lock().asking = false;
        self.0.changed.notify_waiters();
    }
}

/// Whether one may start.
enum Leave {
    Granted,
    /// As far as this process is concerned: the others have to be asked.
    Ask,
    /// Time alone decides.
    At(Instant),
    /// Somebody has to finish or to go first.
    Queue,
}

impl Politeness {
    /// At most `concurrency` requests at once, starts at least a random `gap` apart.
    pub fn new(concurrency: u16, gap: RangeInclusive<Duration>) -> Self {
        Self::build(concurrency.max(1), gap, None)
    }

    /// The same limits, kept together with all processes that name `source` alike. While Redis is
    /// away this process goes by its share: the limits divided by the processes last heard of.
    #[must_use]
    pub fn shared_by(self, limits: &SharedLimits, source: &str) -> Self {
        let Shared {
            concurrency, gap, ..
        } = &*self.shared;
        let across = limits.source(source);
        Self::build(*concurrency, gap.clone(), Some(across))
    }

    fn build(
        concurrency: u16,
        gap: RangeInclusive<Duration>,
        across: Option<SourceLimits>,
    ) -> Self {
        let now = Instant::now();
        let state = State {
            running: 0,
            waiting: [0; 3],
            next: now,
            paused_until: now,
            asking: false,
            workers: 1,
        };
        Self {
            shared: Arc::new(Shared {
                concurrency,
                gap,
                across,
                state: Mutex::new(state),
                changed: Notify::new(),
            }),
        }
    }

    /// Waits for a turn, behind all that are more urgent.
    ///
    /// # Errors
    /// [`Paused`] when the source wants a longer rest than `patience`.
    pub async fn turn(&self, urgency: Urgency, patience: Duration) -> Result<Turn, Paused> {
        let _waiting = Waiting::begin(&self.shared, urgency);
        loop {
            // Registered before looking, so that no change in between is missed.
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.ask(urgency, patience)? {
                Leave::Granted => return Ok(self.granted(None)),
                Leave::Ask => {
                    let asking = Asking(&self.shared);
                    let turn = self.ask_others().await;
                    drop(asking);
                    if let Some(turn) = turn {
                        return Ok(turn);
                    }
                }
                Leave::Queue => changed.await,
                Leave::At(start) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(start) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// Nobody asks the source for this long, at most an hour. A longer pause in force stays.
    pub fn pause(&self, length: Duration) {
        let length = length.min(LONGEST_PAUSE);
        let mut state = self.shared.lock();
        state.paused_until = state.paused_until.max(Instant::now() + length);
        drop(state);
        if let Some(across) = &self.shared.across {
            across.pause(length);
        }
        self.shared.changed.notify_waiters();
    }

    fn granted(&self, slot: Option<Slot>) -> Turn {
        Turn {
            shared: Arc::clone(&self.shared),
            _slot: slot,
        }
    }

    /// A turn that all processes agree to. Otherwise what was learned is in the state, and the look
    /// at it has to be repeated.
    async fn ask_others(&self) -> Option<Turn> {
        let across = self.shared.across.as_ref()?;
        let gap = self.gap();
        let (answer, workers) = across.start(self.shared.concurrency, gap).await?;
        let mut state = self.shared.lock();
        let now = Instant::now();
        state.workers = workers.max(1);
        match answer {
            Answer::Granted(slot) => {
                state.next = now + gap;
                state.running += 1;
                return Some(self.granted(Some(slot)));
            }
            Answer::Wait(wait) => state.next = now + wait,
            Answer::Paused(left) => {
                let until = now + left.min(LONGEST_PAUSE);
                state.paused_until = state.paused_until.max(until);
            }
            Answer::Full => {
                let pause = rand::rng().random_range(FULL_PAUSE);
                state.next = now + Duration::from_millis(pause);
            }
        }
        None
    }

    fn gap(&self) -> Duration {
        rand::rng().random_range(self.shared.gap.clone())
    }

    /// Takes the next start if it is due and nobody more urgent wants it.
    fn ask(&self, urgency: Urgency, patience: Duration) -> Result<Leave, Paused> {
        let mut state = self.shared.lock();
        let now = Instant::now();
        let remaining = state.paused_until.saturating_duration_since(now);
        if remaining > patience {
            return Err(Paused { remaining });
        }
        let outranked = state.waiting[..urgency as usize]
            .iter()
            .any(|waiting| *waiting > 0);
        let across = self.shared.across.as_ref();
        let alone = across.filter(|across| across.is_away());
        // Without the others' word, this process takes its share and never nothing.
        let sharers = alone.map_or(1, |_| state.workers);
        let concurrency = (u32::from(self.shared.concurrency) / sharers).max(1);
        if outranked || state.asking || u32::from(state.running) >= concurrency {
            return Ok(Leave::Queue);
        }
        let start = state.next.max(state.paused_until);
        if start > now {
            return Ok(Leave::At(start));
        }
        if across.is_some() && alone.is_none() {
            state.asking = true;
            return Ok(Leave::Ask);
        }
        if let Some(across) = alone {
            metrics::counter!("politeness_degraded_total", "source" => across.name().to_owned())
                .increment(1);
        }
        state.next = now + self.gap() * sharers;
        state.running += 1;
        Ok(Leave::Granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(2);
    const PATIENCE: Duration = Duration::from_secs(10);

    fn politeness(concurrency: u16) -> Politeness {
        Politeness::new(concurrency, GAP..=GAP * 2)
    }

    #[tokio::test(start_paused = true)]
    async fn starts_keep_their_gap() {
        let politeness = politeness(3);
        let mut starts = Vec::new();
        for _ in 0..4 {
            let _turn = politeness
                .turn(Urgency::Low, PATIENCE)
                .await
                .expect("a turn");
            starts.push(Instant::now());
        }
        for pair in starts.windows(2) {
            let gap = pair[1] - pair[0];
            assert!(
                gap >= GAP && gap <= GAP * 2 + Duration::from_millis(5),
                "{gap:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_at_once() {
        let politeness = politeness(2);
        let first = politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("a turn");
        let _second = politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("a turn");
        let third = politeness.turn(Urgency::Low, PATIENCE);
        let third = tokio::time::timeout(Duration::from_secs(60), third).await;
        assert!(third.is_err(), "two hold their turns");
        drop(first);
        politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("a turn is free");
    }

    #[tokio::test(start_paused = true)]
    async fn the_urgent_goes_before_all_that_wait_longer() {
        let politeness = politeness(1);
        let first = politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("a turn");
        let order = Arc::new(Mutex::new(Vec::new()));
        let wait = |urgency: Urgency| {
            let (politeness, order) = (politeness.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                let _turn = politeness.turn(urgency, PATIENCE).await.expect("a turn");
                order.lock().expect("not poisoned").push(urgency);
            })
        };
        let mut all: Vec<_> = (0..5).map(|_| wait(Urgency::Low)).collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        all.push(wait(Urgency::Medium));
        all.push(wait(Urgency::High));
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(first);
        for task in all {
            task.await.expect("no panic");
        }
        let order = order.lock().expect("not poisoned").clone();
        assert_eq!(order[..3], [Urgency::High, Urgency::Medium, Urgency::Low]);
        assert_eq!(order.len(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_the_wait_lets_others_go() {
        let politeness = politeness(1);
        let first = politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("a turn");
        let urgent = politeness.turn(Urgency::High, PATIENCE);
        assert!(
            tokio::time::timeout(Duration::from_secs(1), urgent)
                .await
                .is_err()
        );
        drop(first);
        politeness
            .turn(Urgency::Low, PATIENCE)
            .await
            .expect("nobody is before it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_is_waited_for_and_a_long_one_refused() {
        let politeness = politeness(1);
        politeness.pause(Duration::from_secs(5));
        let before = Instant::now();
        drop(
            politeness
                .turn(Urgency::High, PATIENCE)
                .await
                .expect("a turn after the pause"),
        );
        assert!(before.elapsed() >= Duration::from_secs(5));
        politeness.pause(Duration::from_secs(60));
        let refused = politeness
            .turn(Urgency::High, PATIENCE)
            .await
            .expect_err("too long");
        assert!(refused.remaining > Duration::from_secs(50));
        politeness.pause(Duration::MAX);
        let refused = politeness
            .turn(Urgency::High, PATIENCE)
            .await
            .expect_err("too long");
        assert!(refused.remaining <= LONGEST_PAUSE);
    }
}
