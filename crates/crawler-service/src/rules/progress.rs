//! How a crawl stands, in numbers and words.

use chrono::{DateTime, Utc};

/// A crawl's counts and times.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Targets.
    pub total: u32,
    /// Targets fetched.
    pub succeeded: u32,
    /// Targets that ended otherwise.
    pub failed: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its last target ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The status of a crawl once every target has ended; `None` before.
#[must_use]
pub const fn ended_as(total: u32, succeeded: u32, failed: u32) -> Option<&'static str> {
    if succeeded + failed < total {
        return None;
    }
    Some(match (succeeded, failed) {
        (_, 0) => "completed",
        (0, _) => "failed",
        _ => "partial",
    })
}

impl Counts {
    /// Targets that ended.
    #[must_use]
    pub const fn done(self) -> u32 {
        self.succeeded + self.failed
    }

    /// Ended targets of a hundred, rounded down: 100 only when all have.
    #[must_use]
    pub fn percentage(self) -> u32 {
        (u64::from(self.done()) * 100)
            .checked_div(u64::from(self.total))
            .map_or(100, |percent| u32::try_from(percent).unwrap_or(100))
    }

    /// Targets a second since the start; `None` before the first has ended.
    #[must_use]
    pub fn rate(self, now: DateTime<Utc>) -> Option<f64> {
        if self.done() == 0 {
            return None;
        }
        let elapsed = self.finished_at.unwrap_or(now) - self.started_at;
        // A crawl faster than that would show an absurd rate.
        let seconds = elapsed.as_seconds_f64().max(0.1);
        Some((f64::from(self.done()) / seconds * 100.0).round() / 100.0)
    }

    /// Seconds until the last target, should it go on like this; `None` when unknown or over.
    #[must_use]
    pub fn eta_seconds(self, now: DateTime<Utc>) -> Option<u64> {
        if self.finished_at.is_some() || self.done() == 0 {
            return None;
        }
        let elapsed = (now - self.started_at).as_seconds_f64().max(0.1);
        let left = f64::from(self.total.saturating_sub(self.done()));
        Some((left * elapsed / f64::from(self.done())).ceil() as u64)
    }

    /// One line for people.
    #[must_use]
    pub fn message(self) -> String {
        let (done, total, failed) = (self.done(), self.total, self.failed);
        let trouble = if failed > 0 {
            format!(", {failed} failed")
        } else {
            String::new()
        };
        match ended_as(total, self.succeeded, failed) {
            Some(_) if failed == 0 => format!("All {total} fetched"),
            Some(_) => format!("{} of {total} fetched{trouble}", self.succeeded),
            None if done == 0 => format!("Fetching {total}"),
            None => format!("{done} of {total} done{trouble}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn counts(total: u32, succeeded: u32, failed: u32) -> Counts {
        Counts {
            total,
            succeeded,
            failed,
            started_at: DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time"),
            finished_at: None,
        }
    }

    #[test]
    fn status_tells_how_it_ended() {
        assert_eq!(ended_as(3, 1, 1), None);
        assert_eq!(ended_as(3, 3, 0), Some("completed"));
        assert_eq!(ended_as(3, 2, 1), Some("partial"));
        assert_eq!(ended_as(3, 0, 3), Some("failed"));
    }

    #[test]
    fn numbers_of_a_crawl_under_way() {
        let crawl = counts(40, 9, 1);
        let now = crawl.started_at + TimeDelta::seconds(5);
        assert_eq!(crawl.percentage(), 25);
        assert_eq!(crawl.rate(now), Some(2.0));
        assert_eq!(crawl.eta_seconds(now), Some(15));
        assert_eq!(crawl.message(), "10 of 40 done, 1 failed");
    }

    #[test]
    fn nothing_is_known_before_the_first_and_nothing_is_left_after_the_last() {
        let crawl = counts(40, 0, 0);
        assert_eq!(
            (
                crawl.rate(crawl.started_at),
                crawl.eta_seconds(crawl.started_at)
            ),
            (None, None)
        );
        assert_eq!(counts(300, 299, 0).percentage(), 99);
        let over = Counts {
            finished_at: Some(crawl.started_at),
            ..counts(2, 2, 0)
        };
        assert_eq!(over.eta_seconds(crawl.started_at), None);
        assert_eq!(over.message(), "All 2 fetched");
    }
}
