//! Leave to send one request, and what is learned by it.

use std::sync::Arc;

use tokio::time::Instant;

use super::Shared;
use crate::shared::Slot;
use crate::standing::{Ended, Standing, Verdict, millis};

/// Leave to send one request; hold it until the answer is read, then tell how it ended with
/// [`finish`](Turn::finish). Dropped without a word, it says nothing about the source.
#[derive(Debug)]
pub struct Turn {
    shared: Arc<Shared>,
    /// Absent when only local limits were asked.
    slot: Option<Slot>,
    probe: bool,
    started: Instant,
}

impl Turn {
    pub(super) fn new(shared: &Arc<Shared>, slot: Option<Slot>, probe: bool) -> Self {
        Self {
            shared: Arc::clone(shared),
            slot,
            probe,
            started: Instant::now(),
        }
    }

    /// The request is over. Returns when the other processes know, or are known not to hear.
    pub async fn finish(mut self, verdict: Verdict) {
        let ended = Ended {
            verdict,
            age: millis(self.started.elapsed()),
            probe: self.probe,
            chance: rand::random(),
        };
        self.probe = false;
        let rules = self.shared.rules;
        let end = |standing: &Standing, now| {
            let mut standing = standing.clone();
            standing.end(&rules, now, ended);
            standing
        };
        let shared = Arc::clone(&self.shared);
        change(&shared, self.slot.as_mut(), end).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.running -= 1;
        if self.probe {
            // Nobody learned anything: another may try.
            state.standing.probing_until = 0;
        }
        drop(state);
        self.shared.changed.notify_waiters();
    }
}

/// Changes the standing, here and at all processes.
pub(super) async fn change(
    shared: &Arc<Shared>,
    slot: Option<&mut Slot>,
    change: impl Fn(&Standing, i64) -> Standing,
) {
    let changed = {
        let mut state = shared.lock();
        let new = change(&state.standing, shared.clock.now());
        let changed = new != state.standing;
        state.standing = new;
        changed
    };
    if let Some(across) = &shared.across {
        match across.settle(slot, change).await {
            Some(snapshot) => shared.learn(&snapshot),
            None if changed => tell_later(shared),
            None => {}
        }
    }
    shared.changed.notify_waiters();
}

/// Tells the other processes what this one learned without them.
pub(super) async fn tell_others(shared: &Arc<Shared>) -> Option<()> {
    let across = shared.across.as_ref()?;
    let (ours, here) = {
        let state = shared.lock();
        (state.standing.clone(), shared.clock.now())
    };
    let merge = |theirs: &Standing, there: i64| theirs.stricter(&ours.shifted(there - here));
    let snapshot = across.settle(None, merge).await?;
    shared.lock().untold = false;
    shared.learn(&snapshot);
    shared.changed.notify_waiters();
    Some(())
}

/// The others cannot be told now: sooner or later they will be.
fn tell_later(shared: &Arc<Shared>) {
    let mut state = shared.lock();
    state.untold = true;
    if std::mem::replace(&mut state.telling, true) {
        return;
    }
    drop(state);
    // Held for as long as what it has to tell may matter, also if nobody asks the source any more.
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let begun = Instant::now();
        while let Some(across) = &shared.across
            && begun.elapsed() < crate::standing::LONGEST_PAUSE
            && shared.lock().untold
        {
            tokio::time::sleep(across.retry_after()).await;
            if tell_others(&shared).await.is_some() {
                break;
            }
        }
        shared.lock().telling = false;
    });
}
