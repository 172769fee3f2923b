//! Who waits for a turn in this process.

use std::time::Duration;

use tokio::time::Instant;

use super::{Shared, Urgency};
use crate::standing::Standing;

/// How long the others' word on a rest is believed.
const BELIEVED: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct State {
    pub(super) running: u16,
    /// Who waits, by urgency.
    pub(super) waiting: [usize; 3],
    /// The earliest start of the next request.
    pub(super) next: Instant,
    pub(super) standing: Standing,
    /// The standing holds something that the other processes do not know.
    pub(super) untold: bool,
    /// Somebody is about to tell them.
    pub(super) telling: bool,
    /// One of us asks for a shared start; the others wait for what it learns.
    pub(super) asking: bool,
    /// When the others last said that the source is left alone.
    pub(super) heard_at: Option<Instant>,
    /// How many processes shared the limits when last heard.
    pub(super) workers: u32,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            running: 0,
            waiting: [0; 3],
            next: Instant::now(),
            standing: Standing::default(),
            untold: false,
            telling: false,
            asking: false,
            heard_at: None,
            workers: 1,
        }
    }

    pub(super) fn heard_of_late(&self, now: Instant) -> bool {
        self.heard_at.is_some_and(|heard| now - heard < BELIEVED)
    }
}

/// Counts one who waits, also when the wait is given up.
pub(super) struct Waiting<'a> {
    shared: &'a Shared,
    urgency: Urgency,
    /// The other processes know of it.
    told: std::cell::Cell<bool>,
}

impl<'a> Waiting<'a> {
    pub(super) fn begin(shared: &'a Shared, urgency: Urgency) -> Self {
        shared.lock().waiting[urgency as usize] += 1;
        Self {
            shared,
            urgency,
            told: std::cell::Cell::new(false),
        }
    }

    /// The wait begins: the less urgent of other processes shall wait, too.
    pub(super) fn tell(&self) {
        if self.urgency == Urgency::Low || self.told.replace(true) {
            return;
        }
        if let Some(others) = self.shared.others() {
            let next = self.shared.lock().next;
            others.wants(self.urgency, next.saturating_duration_since(Instant::now()));
        }
    }

    /// The turn has come; whoever granted it knows that the wait is over.
    pub(super) fn over(self) {
        self.told.set(false);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let last = {
            let waiting = &mut self.shared.lock().waiting[self.urgency as usize];
            *waiting -= 1;
            *waiting == 0
        };
        if let Some(others) = self.shared.others().filter(|_| last && self.told.get()) {
            others.wants_no_more(self.urgency);
        }
        // The less urgent may go now.
        self.shared.changed.notify_waiters();
    }
}

/// One asks for a shared start, until dropped.
pub(super) struct Asking<'a>(pub(super) &'a Shared);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.lock().asking = false;
        self.0.changed.notify_waiters();
    }
}

/// Whether one may start.
pub(super) enum Leave {
    Granted {
        /// As the one who tries again after a rest.
        probe: bool,
    },
    /// As far as this process is concerned: the others have to be asked.
    Ask,
    /// Time alone decides.
    At(Instant),
    /// Somebody has to finish or to go first.
    Queue,
}
