//! How a crawl stands, in numbers.

use chrono::{DateTime, Utc};

use super::outcome::Outcome;

/// The word for a crawl that was stopped, and for the end of a target that it did not wait for.
pub const CANCELLED: &str = "cancelled";

/// Targets that must have ended before anything is said about the rest.
const ENOUGH: u32 = 3;

/// How targets of a crawl ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Fetched.
    pub succeeded: u32,
    /// Ended otherwise.
    pub failed: u32,
    /// Not fetched, because the crawl was stopped before.
    pub cancelled: u32,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, outcome: &str) {
        if outcome == Outcome::Ok.as_str() {
            self.succeeded += 1;
        } else if outcome == CANCELLED {
            self.cancelled += 1;
        } else {
            self.failed += 1;
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            succeeded: self.succeeded + other.succeeded,
            failed: self.failed + other.failed,
            cancelled: self.cancelled + other.cancelled,
        }
    }

    /// Those that ended.
    #[must_use]
    pub const fn done(self) -> u32 {
        self.succeeded + self.failed + self.cancelled
    }

    /// Those that were tried.
    #[must_use]
    pub const fn tried(self) -> u32 {
        self.succeeded + self.failed
    }
}

/// A crawl's counts and times.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Targets.
    pub total: u32,
    /// How they ended so far.
    pub tally: Tally,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// When somebody began with it; `None`: all of it waits.
    pub begun_at: Option<DateTime<Utc>>,
    /// When its last target ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The status of a crawl once every target has ended; `None` before. `stopped`: somebody stopped it.
#[must_use]
pub const fn ended_as(total: u32, tally: Tally, stopped: bool) -> Option<&'static str> {
    if tally.done() < total {
        return None;
    }
    Some(match (tally.succeeded, tally.failed) {
        _ if stopped => CANCELLED,
        (_, 0) => "completed",
        (0, _) => "failed",
        _ => "partial",
    })
}

impl Counts {
    /// The word for people of a stored status: a crawl that nobody has begun with is `idle`.
    #[must_use]
    pub fn status<'a>(&self, stored: &'a str) -> &'a str {
        if stored == "running" && self.begun_at.is_none() {
            return "idle";
        }
        stored
    }

    /// Ended targets of a hundred, rounded down: 100 only when all have.
    #[must_use]
    pub fn percentage(self) -> u32 {
        (u64::from(self.tally.done()) * 100)
            .checked_div(u64::from(self.total))
            .map_or(100, |percent| u32::try_from(percent).unwrap_or(100))
    }

    /// Targets a minute since somebody began with it; `None` before the first has ended.
    #[must_use]
    pub fn rate(self, now: DateTime<Utc>) -> Option<f64> {
        let seconds = self.seconds(now)?;
        let rate = f64::from(self.tally.tried()) / seconds * 60.0;
        (self.tally.tried() > 0).then(|| (rate * 10.0).round() / 10.0)
    }

    /// Seconds until the last target, should it go on as it went; `None` when it is over, or too little has ended to
    /// tell. Never before `held_until`, when a source that it needs is asked again.
    #[must_use]
    pub fn eta_seconds(self, now: DateTime<Utc>, held_until: Option<DateTime<Utc>>) -> Option<u64> {
        if self.finished_at.is_some() || self.tally.tried() < ENOUGH {
            return None;
        }
        let seconds = self.seconds(now)?;
        let left = f64::from(self.total.saturating_sub(self.tally.done()));
        let eta = (left * seconds / f64::from(self.tally.tried())).ceil() as u64;
        let held = held_until.map_or(0, |until| (until - now).num_seconds().max(0).unsigned_abs());
        Some(eta.max(held))
    }

    /// How long it was worked on; never so little that rates become absurd.
    fn seconds(self, now: DateTime<Utc>) -> Option<f64> {
        let elapsed = self.finished_at.unwrap_or(now) - self.begun_at?;
        Some(elapsed.as_seconds_f64().max(0.1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn tally(succeeded: u32, failed: u32, cancelled: u32) -> Tally {
        Tally {
            succeeded,
            failed,
            cancelled,
        }
    }

    fn counts(total: u32, tally: Tally) -> Counts {
        let started_at = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        Counts {
            total,
            tally,
            started_at,
            begun_at: Some(started_at + TimeDelta::seconds(60)),
            finished_at: None,
        }
    }

    #[test]
    fn status_tells_how_it_ended() {
        assert_eq!(ended_as(3, tally(1, 1, 0), false), None);
        assert_eq!(ended_as(3, tally(3, 0, 0), false), Some("completed"));
        assert_eq!(ended_as(3, tally(2, 1, 0), false), Some("partial"));
        assert_eq!(ended_as(3, tally(0, 3, 0), false), Some("failed"));
        assert_eq!(ended_as(3, tally(1, 0, 1), true), None);
        assert_eq!(ended_as(3, tally(3, 0, 0), true), Some("cancelled"));
    }

    #[test]
    fn a_crawl_is_idle_until_somebody_begins() {
        let running = counts(3, Tally::default());
        assert_eq!(running.status("running"), "running");
        let waiting = Counts {
            begun_at: None,
            ..running
        };
        assert_eq!(waiting.status("running"), "idle");
        assert_eq!(waiting.status("cancelled"), "cancelled");
        assert_eq!(waiting.rate(waiting.started_at), None);
    }

    #[test]
    fn numbers_of_a_crawl_under_way() {
        let crawl = counts(40, tally(9, 1, 0));
        // The minute that it waited says nothing about its speed.
        let now = crawl.started_at + TimeDelta::seconds(65);
        assert_eq!(crawl.percentage(), 25);
        assert_eq!(crawl.rate(now), Some(120.0));
        assert_eq!(crawl.eta_seconds(now, None), Some(15));
        let held = Some(now + TimeDelta::minutes(5));
        assert_eq!(crawl.eta_seconds(now, held), Some(300));
        assert_eq!(crawl.eta_seconds(now, Some(crawl.started_at)), Some(15));
    }

    #[test]
    fn little_is_known_at_first_and_nothing_is_left_after_the_last() {
        let crawl = counts(40, tally(2, 0, 0));
        let now = crawl.started_at + TimeDelta::seconds(90);
        assert_eq!(crawl.eta_seconds(now, None), None, "two say too little");
        assert_eq!(counts(300, tally(299, 0, 0)).percentage(), 99);
        let over = Counts {
            finished_at: Some(now),
            ..counts(4, tally(4, 0, 0))
        };
        assert_eq!(over.eta_seconds(now, None), None);
        assert_eq!(over.rate(now + TimeDelta::days(1)), over.rate(now));
    }

    #[test]
    fn outcomes_are_counted_by_what_they_mean() {
        let mut counted = Tally::default();
        for outcome in ["ok", "cancelled", "not_found", "untracked", "ok"] {
            counted.count(outcome);
        }
        assert_eq!(counted, tally(2, 2, 1));
        assert_eq!((counted.done(), counted.tried()), (5, 4));
    }
}
