//! Milliseconds for the standing.

use std::time::Duration;

use tokio::time::Instant;

use crate::standing::millis;

/// What the clock shows at its start, so that no time is zero.
const START: i64 = 1_000_000_000_000;

/// A clock that never goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    pub(super) fn now(self) -> i64 {
        START + millis(self.origin.elapsed())
    }

    /// Times before the start are the start.
    pub(super) fn instant(self, time: i64) -> Instant {
        let since = u64::try_from(time - START).unwrap_or(0);
        self.origin + Duration::from_millis(since)
    }
}
