//! What happened to a scope since somebody was told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::{Manner, Rest};
use tokio::time::Instant;

use super::repeat::Failure;

/// How often it is told that requests were sent, when nothing else happened.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// What happened to a scope since somebody was told.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) last_error: Option<(String, DateTime<Utc>)>,
    pub(super) last_ok: Option<DateTime<Utc>>,
    pub(super) requests: u64,
    pub(super) troubles: u64,
    /// Worth telling at once.
    news: bool,
    told_at: Option<Instant>,
    seen: Option<Signs>,
}

/// What of the manners is worth telling when it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Signs {
    resting: bool,
    probing: bool,
    paused: bool,
    gap_percent: u32,
}

impl Signs {
    const USUAL: Self = Self {
        resting: false,
        probing: false,
        paused: false,
        gap_percent: 100,
    };

    fn of(manner: &Manner) -> Self {
        Self {
            resting: manner.resting.is_some(),
            probing: manner.resting == Some(Rest::Probing),
            paused: !manner.paused.is_zero(),
            gap_percent: manner.gap_percent,
        }
    }
}

impl Tally {
    /// A request is over.
    pub(super) fn ended(&mut self, failure: Option<&Failure>, now: DateTime<Utc>) {
        self.requests += 1;
        match failure {
            Some(failure) if failure.is_trouble() => {
                self.troubles += 1;
                self.last_error = Some((failure.outcome.reason(), now));
                self.news = true;
            }
            _ => self.last_ok = Some(now),
        }
    }

    /// The manners may have changed. True when the source began to be left alone.
    pub(super) fn look(&mut self, manner: &Manner) -> bool {
        let signs = Signs::of(manner);
        let before = self.seen.replace(signs).unwrap_or(Signs::USUAL);
        self.news |= signs != before;
        signs.resting && !before.resting
    }

    /// When to tell; `None` while there is nothing to.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if self.news {
            return Some(now);
        }
        (self.requests > 0).then(|| self.told_at.map_or(now, |told| told + TELL_EVERY))
    }

    /// Somebody is being told.
    pub(super) fn told(&mut self, now: Instant) {
        (self.requests, self.troubles, self.news) = (0, 0, false);
        self.told_at = Some(now);
    }
}
