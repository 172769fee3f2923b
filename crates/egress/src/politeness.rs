//! When a source may be asked.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The source asked to be left alone for longer than a request may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("paused for another {} s", remaining.as_secs())]
pub struct Paused {
    /// How much of the pause is left.
    pub remaining: Duration,
}

/// Leave to send one request; hold it until the answer is read.
#[derive(Debug)]
pub struct Turn {
    _slot: OwnedSemaphorePermit,
}

/// The manners towards one source within this process: so many requests at once, a jittered gap
/// between two starts, and pauses when asked. Cheap to clone; clones share all of it.
#[derive(Clone, Debug)]
pub struct Politeness {
    slots: Arc<Semaphore>,
    gap: RangeInclusive<Duration>,
    patience: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// The earliest start of the next request.
    next: Instant,
    /// Nobody starts before it.
    paused_until: Instant,
}

impl Politeness {
    /// At most `concurrency` requests at once, starts at least a random `gap` apart. A turn that
    /// would wait longer than `patience` because of a pause is refused instead.
    pub fn new(concurrency: u16, gap: RangeInclusive<Duration>, patience: Duration) -> Self {
        let now = Instant::now();
        Self {
            slots: Arc::new(Semaphore::new(usize::from(concurrency.max(1)))),
            gap,
            patience,
            state: Arc::new(Mutex::new(State {
                next: now,
                paused_until: now,
            })),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Paused`] when the source wants a longer rest than a request should wait for.
    pub async fn turn(&self) -> Result<Turn, Paused> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| Paused {
            remaining: Duration::ZERO,
        })?;
        loop {
            match self.book()? {
                None => return Ok(Turn { _slot: slot }),
                Some(start) => tokio::time::sleep_until(start).await,
            }
        }
    }

    /// Nobody asks the source for this long. A longer pause in force stays.
    pub fn pause(&self, length: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.paused_until = state.paused_until.max(Instant::now() + length);
    }

    /// Takes the next start if it is due; else tells when to look again.
    fn book(&self) -> Result<Option<Instant>, Paused> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let remaining = state.paused_until.saturating_duration_since(now);
        if remaining > self.patience {
            return Err(Paused { remaining });
        }
        let start = state.next.max(state.paused_until);
        if start > now {
            return Ok(Some(start));
        }
        state.next = now + rand::rng().random_range(self.gap.clone());
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_secs(2);

    fn politeness(concurrency: u16) -> Politeness {
        Politeness::new(concurrency, GAP..=GAP * 2, Duration::from_secs(10))
    }

    #[tokio::test(start_paused = true)]
    async fn starts_keep_their_gap() {
        let politeness = politeness(3);
        let mut starts = Vec::new();
        for _ in 0..4 {
            let _turn = politeness.turn().await.expect("a turn");
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
        let first = politeness.turn().await.expect("a turn");
        let _second = politeness.turn().await.expect("a turn");
        let third = tokio::time::timeout(Duration::from_secs(60), politeness.turn()).await;
        assert!(third.is_err(), "two hold their turns");
        drop(first);
        politeness.turn().await.expect("a turn is free");
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_is_waited_for_and_a_long_one_refused() {
        let politeness = politeness(1);
        politeness.pause(Duration::from_secs(5));
        let before = Instant::now();
        drop(politeness.turn().await.expect("a turn after the pause"));
        assert!(before.elapsed() >= Duration::from_secs(5));
        politeness.pause(Duration::from_secs(60));
        let refused = politeness.turn().await.expect_err("too long");
        assert!(refused.remaining > Duration::from_secs(50));
    }
}
