//! What a change of its trackings does to a target.

use bus::topology::Priority;
use chrono::{DateTime, Utc};

use super::due::next_due;

/// A target as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The listing's id.
    pub id: i64,
    /// The next or current due fetch.
    pub round: i64,
    /// The shortest interval so far; `None` while stopped.
    pub interval_seconds: Option<i32>,
    /// How urgently.
    pub priority: Priority,
    /// Whether a worker has it.
    pub leased: bool,
    /// Failed tries of the round.
    pub attempts: i16,
    /// The end of its last round.
    pub last_crawl_at: Option<DateTime<Utc>>,
}

/// What becomes of the due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is the worker's now: its report finds the new interval.
    Keep,
    /// Never fetched, and somebody waits for it.
    First,
    /// Due at another time, with low priority.
    Due(DateTime<Utc>),
    /// Nobody tracks it any more; whoever waited for its round waits in vain.
    Stop,
}

/// Decides, `shortest` being the shortest interval of the trackings now live.
#[must_use]
pub fn change(target: Target, shortest: Option<i32>, now: DateTime<Utc>) -> Change {
    match (target.interval_seconds, shortest) {
        (None, None) => Change::Keep,
        // A lease ends with its report, which finds no interval and stops it then.
        (Some(_), None) if target.leased => Change::Keep,
        (Some(_), None) => Change::Stop,
        (_, Some(_)) if target.leased => Change::Keep,
        (None, Some(interval)) => target
            .last_crawl_at
            .map_or(Change::First, |last| regular(target, last, interval, now)),
        // What is urgent or waits for another try was placed on purpose.
        (Some(before), Some(after))
            if before == after || target.priority != Priority::Low || target.attempts > 0 =>
        {
            Change::Keep
        }
        (Some(_), Some(interval)) => target
            .last_crawl_at
            .map_or(Change::Keep, |last| regular(target, last, interval, now)),
    }
}

/// Where the target would stand had it always had this interval.
fn regular(target: Target, last: DateTime<Utc>, interval: i32, now: DateTime<Utc>) -> Change {
    Change::Due(next_due(last, interval, target.id, target.round).max(now))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    fn stopped() -> Target {
        Target {
            id: 1,
            round: 1,
            interval_seconds: None,
            priority: Priority::Low,
            leased: false,
            attempts: 0,
            last_crawl_at: None,
        }
    }

    fn running() -> Target {
        Target {
            interval_seconds: Some(3600),
            last_crawl_at: Some(now() - TimeDelta::minutes(10)),
            ..stopped()
        }
    }

    #[test]
    fn the_first_tracking_of_a_new_target_is_urgent() {
        assert_eq!(change(stopped(), Some(3600), now()), Change::First);
        assert_eq!(change(stopped(), None, now()), Change::Keep);
    }

    #[test]
    fn the_last_one_gone_stops_it_unless_a_worker_has_it() {
        assert_eq!(change(running(), None, now()), Change::Stop);
        let leased = Target {
            leased: true,
            ..running()
        };
        assert_eq!(change(leased, None, now()), Change::Keep);
    }

    #[test]
    fn a_shorter_interval_brings_it_forward_but_never_into_the_past() {
        let Change::Due(at) = change(running(), Some(1800), now()) else {
            panic!("not moved");
        };
        assert!(at <= now() + TimeDelta::minutes(20) && at >= now() + TimeDelta::minutes(18));
        assert_eq!(change(running(), Some(300), now()), Change::Due(now()));
    }

    #[test]
    fn coming_back_waits_for_the_regular_time() {
        let back = Target {
            interval_seconds: None,
            ..running()
        };
        assert!(matches!(change(back, Some(3600), now()), Change::Due(at) if at > now()));
    }

    #[test]
    fn what_was_placed_on_purpose_stays() {
        let urgent = Target {
            priority: Priority::High,
            ..running()
        };
        assert_eq!(change(urgent, Some(300), now()), Change::Keep);
        let waiting = Target {
            attempts: 1,
            ..running()
        };
        assert_eq!(change(waiting, Some(300), now()), Change::Keep);
        assert_eq!(change(running(), Some(3600), now()), Change::Keep);
    }
}
