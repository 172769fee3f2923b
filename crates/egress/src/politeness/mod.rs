//! When a source may be asked.

mod clock;
mod queue;
#[cfg(test)]
mod tests;
mod turn;

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::Rng;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::shared::{Answer, Ask, SharedLimits, Snapshot, SourceLimits};
use crate::standing::{Rules, Standing};
use clock::Clock;
use queue::{Asking, Leave, State, Waiting};

pub use turn::Turn;

/// The source is left alone for longer than a request may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("left alone for another {} s", remaining.as_secs())]
pub struct Paused {
    /// How much of the pause is left.
    pub remaining: Duration,
    /// Why.
    pub why: Why,
}

/// Why a source is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It asked for a pause.
    Asked,
    /// It refused us, too often or with a time.
    Refused,
}

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

/// How things stand with a source, as this process knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The source refused us and is left alone.
    pub resting: Option<Rest>,
    /// What is left of a pause it asked for; zero: none.
    pub paused: Duration,
    /// Gaps in percent of the usual.
    pub gap_percent: u32,
    /// Requests that may be under way at once.
    pub concurrency: u16,
}

/// A source that refused us too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// One request tries again after this long; zero: the next one.
    For(Duration),
    /// One request is trying.
    Probing,
}

/// How soon to ask again, in milliseconds, when all slots are held: other processes do not tell
/// when they end a request.
const FULL_PAUSE: RangeInclusive<u64> = 40..=80;

/// The manners towards one source: so many requests at once, a jittered gap between two starts,
/// pauses when asked, wider gaps while it says "too often", a rest when it refuses us, the urgent
/// first. Cheap to clone; clones share all of it.
///
/// They hold within this process; with [`shared_by`](Self::shared_by) over all processes.
#[derive(Clone, Debug)]
pub struct Politeness {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    concurrency: u16,
    gap: RangeInclusive<Duration>,
    rules: Rules,
    clock: Clock,
    /// What other processes have to say.
    across: Option<SourceLimits>,
    state: Mutex<State>,
    /// Told whenever somebody may have become able to start.
    changed: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those whom all processes listen to, unless they cannot be asked now.
    fn others(&self) -> Option<&SourceLimits> {
        self.across.as_ref().filter(|across| !across.is_away())
    }

    /// Takes over what all processes know.
    fn learn(&self, snapshot: &Snapshot) {
        let now = self.clock.now();
        let theirs = snapshot.standing.shifted(now - snapshot.now);
        let mut state = self.lock();
        state.standing = if state.untold {
            state.standing.stricter(&theirs)
        } else {
            theirs
        };
    }
}

impl Politeness {
    /// At most `concurrency` requests at once, starts at least a random `gap` apart.
    pub fn new(concurrency: u16, gap: RangeInclusive<Duration>) -> Self {
        Self::build(concurrency.max(1), gap, Rules::default(), None)
    }

    /// By other rules than the usual.
    #[must_use]
    pub fn rules(self, rules: Rules) -> Self {
        let Shared {
            concurrency, gap, ..
        } = &*self.shared;
        Self::build(*concurrency, gap.clone(), rules, None)
    }

    /// The same limits, kept together with all processes that name `source` alike. While Redis is
    /// away this process goes by its share, the limits divided by the processes last heard of, and
    /// by what it has learned itself, which it passes on afterwards.
    #[must_use]
    pub fn shared_by(self, limits: &SharedLimits, source: &str) -> Self {
        let Shared {
            concurrency,
            gap,
            rules,
            ..
        } = &*self.shared;
        Self::build(
            *concurrency,
            gap.clone(),
            *rules,
            Some(limits.source(source)),
        )
    }

    fn build(
        concurrency: u16,
        gap: RangeInclusive<Duration>,
        rules: Rules,
        across: Option<SourceLimits>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                concurrency,
                gap,
                rules,
                clock: Clock::start(),
                across,
                state: Mutex::new(State::new()),
                changed: Notify::new(),
            }),
        }
    }

    /// Waits for a turn, behind all that are more urgent. Starts are then at least `least_gap`
    /// apart, for a source that asks for more than the usual.
    ///
    /// # Errors
    /// [`Paused`] when the source wants a longer rest than `patience`, and whenever it refused us.
    pub async fn turn(
        &self,
        urgency: Urgency,
        patience: Duration,
        least_gap: Duration,
    ) -> Result<Turn, Paused> {
        let shared = &*self.shared;
        let waiting = Waiting::begin(shared, urgency);
        loop {
            // Registered before looking, so that no change in between is missed.
            let changed = shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let gap = self.draw().max(least_gap);
            match self.look(urgency, patience, gap)? {
                Leave::Granted { probe } => {
                    waiting.over();
                    return Ok(Turn::new(&self.shared, None, probe));
                }
                Leave::Ask => {
                    let asking = Asking(shared);
                    let turn = self.ask_others(urgency, gap).await;
                    drop(asking);
                    if let Some(turn) = turn {
                        waiting.over();
                        return Ok(turn);
                    }
                }
                Leave::Queue => {
                    waiting.tell();
                    changed.await;
                }
                Leave::At(start) => {
                    waiting.tell();
                    tokio::select! {
                        () = tokio::time::sleep_until(start) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// A gap. Not of the very shortest: a request that is delayed on its way makes the next gap, as
    /// the source sees it, shorter than it was.
    fn draw(&self) -> Duration {
        let (least, most) = (*self.shared.gap.start(), *self.shared.gap.end());
        let spare = ((most - least) / 8).min(Duration::from_millis(25));
        rand::rng().random_range(least + spare..=most)
    }

    /// Nobody asks the source for this long, at most an hour. A longer pause in force stays.
    pub async fn pause(&self, length: Duration) {
        let shared = &self.shared;
        let pause = |standing: &Standing, now| {
            let mut standing = standing.clone();
            standing.pause(now, length);
            standing
        };
        turn::change(shared, None, pause).await;
    }

    /// How things stand.
    pub fn manner(&self) -> Manner {
        let state = self.shared.lock();
        let (now, standing) = (self.shared.clock.now(), &state.standing);
        let resting = (standing.rests > 0).then(|| {
            if standing.probing_until > now {
                Rest::Probing
            } else {
                Rest::For(standing.resting(now).unwrap_or_default())
            }
        });
        Manner {
            resting,
            paused: standing.paused(now),
            gap_percent: standing.percent,
            concurrency: standing.concurrency(self.shared.concurrency),
        }
    }

    /// A turn that all processes agree to. Otherwise what was learned is in the state, and the look
    /// at it has to be repeated.
    async fn ask_others(&self, urgency: Urgency, gap: Duration) -> Option<Turn> {
        let shared = &self.shared;
        let across = shared.across.as_ref()?;
        if shared.lock().untold {
            turn::tell_others(shared).await?;
        }
        let ask = Ask {
            concurrency: shared.concurrency,
            gap,
            urgency,
            more: shared.lock().waiting[urgency as usize] > 1,
        };
        let (answer, workers, snapshot) = across.start(ask).await?;
        shared.learn(&snapshot);
        let mut state = shared.lock();
        let now = Instant::now();
        state.workers = workers.max(1);
        match answer {
            Answer::Granted { slot, probe } => {
                state.next = now + state.standing.gap(gap);
                state.running += 1;
                return Some(Turn::new(shared, Some(slot), probe));
            }
            Answer::Wait(wait) => state.next = now + wait,
            Answer::Full => {
                let pause = rand::rng().random_range(FULL_PAUSE);
                state.next = now + Duration::from_millis(pause);
            }
            // The standing says for how long.
            Answer::Paused | Answer::Resting => state.heard_at = Some(now),
        }
        None
    }

    /// Takes the next start if it is due and nobody more urgent wants it.
    fn look(&self, urgency: Urgency, patience: Duration, gap: Duration) -> Result<Leave, Paused> {
        let shared = &*self.shared;
        let mut state = shared.lock();
        let (now, clock) = (Instant::now(), shared.clock.now());
        let others = shared.others();
        if let Some(remaining) = state.standing.resting(clock) {
            // Another process may have ended it meanwhile.
            if others.is_some() && !state.heard_of_late(now) && !state.asking {
                state.asking = true;
                return Ok(Leave::Ask);
            }
            return Err(Paused {
                remaining,
                why: Why::Refused,
            });
        }
        let remaining = state.standing.paused(clock);
        if remaining > patience {
            let why = match state.standing.refused {
                0 => Why::Asked,
                _ => Why::Refused,
            };
            return Err(Paused { remaining, why });
        }
        let outranked = state.waiting[..urgency as usize]
            .iter()
            .any(|waiting| *waiting > 0);
        let concurrency = state.standing.concurrency(shared.concurrency);
        // Without the others' word, this process takes its share and never nothing.
        let sharers = match (&shared.across, others) {
            (Some(_), None) => state.workers,
            _ => 1,
        };
        let concurrency = (u32::from(concurrency) / sharers).max(1);
        if outranked || state.asking || u32::from(state.running) >= concurrency {
            return Ok(Leave::Queue);
        }
        let start = state
            .next
            .max(shared.clock.instant(state.standing.paused_until));
        if start > now {
            return Ok(Leave::At(start));
        }
        if others.is_some() {
            state.asking = true;
            return Ok(Leave::Ask);
        }
        if let Some(across) = &shared.across {
            metrics::counter!("politeness_degraded_total", "source" => across.name().to_owned())
                .increment(1);
        }
        let probe = state.standing.rests > 0;
        if probe {
            let life = shared
                .across
                .as_ref()
                .map_or(PROBE_LIFE, SourceLimits::slot_life);
            state.standing.probing_until = clock + crate::standing::millis(life);
        }
        state.next = now + state.standing.gap(gap) * sharers;
        state.running += 1;
        Ok(Leave::Granted { probe })
    }
}

/// How long a probe counts as under way, for one who vanished.
const PROBE_LIFE: Duration = Duration::from_secs(65);
