//! What one reported outcome does to its target: the retry ladder.

use chrono::{DateTime, TimeDelta, Utc};
use domain::schedule::Phase;

use super::cadence::{Book, Plan, Seen};
use super::due::{retry_wait, second_look};
use super::outcome::Outcome;

/// Tries of one due fetch before it counts as failed.
pub const MAX_TRIES: i16 = 3;

/// A leased target as it stands.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The listing's id.
    pub id: i64,
    /// The due fetch under way.
    pub round: i64,
    /// Tries that failed in this round.
    pub attempts: i16,
    /// Rounds that failed in a row.
    pub failures: i32,
    /// What its live trackings ask for; `None` when none is live any more.
    pub plan: Option<Plan>,
    /// What is known of it besides.
    pub seen: Seen,
}

/// What a worker says about it.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// What became of the fetch.
    pub outcome: Outcome,
    /// Whether another try can help.
    pub retryable: bool,
    /// What the source asked for.
    pub retry_after_seconds: Option<u32>,
    /// Whether it differs from the look before; `None`: not known.
    pub changed: Option<bool>,
    /// Whether stock is low; `None`: not known.
    pub low_stock: Option<bool>,
}

/// How the target goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Whether the round ended; otherwise it is tried again.
    pub ended: bool,
    /// Tries made in the round that this outcome belongs to.
    pub tries: i16,
    /// The round to fetch next.
    pub round: i64,
    /// Failed tries in that round.
    pub attempts: i16,
    /// Rounds failed in a row.
    pub failures: i32,
    /// When it is due; `None`: stopped.
    pub due_at: Option<DateTime<Utc>>,
    /// The interval that an adaptive tracking has come to, in seconds.
    pub own_interval: Option<u32>,
    /// Whether stock is low.
    pub low_stock: bool,
}

/// Decides, at the book's now. `luck` in 0..1 spreads retries.
#[must_use]
pub fn after(target: &Leased, told: Told, book: &mut Book, luck: f64) -> Next {
    let tries = target.attempts.saturating_add(1);
    let worth_it = match told.outcome {
        Outcome::Ok | Outcome::NotFound => false,
        Outcome::Suspicious => true,
        _ => told.retryable,
    };
    let again = worth_it && tries < MAX_TRIES && target.plan.is_some();
    if again {
        return Next {
            ended: false,
            tries,
            round: target.round,
            attempts: tries,
            failures: target.failures,
            due_at: Some(book.now() + wait(tries, told, luck)),
            own_interval: target.seen.own_interval,
            low_stock: target.seen.low_stock,
        };
    }
    let round = target.round + 1;
    let seen = learnt(target, told);
    Next {
        ended: true,
        tries,
        round,
        attempts: 0,
        failures: if told.outcome == Outcome::Ok {
            0
        } else {
            target.failures.saturating_add(1)
        },
        due_at: target
            .plan
            .as_ref()
            .map(|plan| plan.next(phase(target.id, round), seen, book)),
        own_interval: seen.own_interval,
        low_stock: seen.low_stock,
    }
}

/// What is known of the target after its round.
fn learnt(target: &Leased, told: Told) -> Seen {
    // Of a look that failed nothing was learnt.
    if told.outcome != Outcome::Ok {
        return target.seen;
    }
    let own = target.seen.own_interval;
    let plan = target.plan.as_ref();
    Seen {
        own_interval: plan.and_then(|plan| plan.own_after(own, told.changed)),
        low_stock: told.low_stock.unwrap_or(target.seen.low_stock),
        ..target.seen
    }
}

/// What spreads a target's rounds.
pub(super) const fn phase(target_id: i64, round: i64) -> Phase {
    Phase {
        id: target_id.cast_unsigned(),
        round: round.cast_unsigned(),
    }
}

/// The wait before the next try. Nothing is wrong with a source that told something unlikely, so the look that settles
/// it comes soon.
fn wait(tries: i16, told: Told, luck: f64) -> TimeDelta {
    match (told.outcome, told.retry_after_seconds) {
        (Outcome::Suspicious, None) => second_look(luck),
        (_, asked_for) => retry_wait(tries, asked_for, luck),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cadence::Cadence;
    use super::*;

    fn target() -> Leased {
        Leased {
            id: 7,
            round: 4,
            attempts: 0,
            failures: 2,
            plan: Some(Plan::every(600)),
            seen: Seen::default(),
        }
    }

    fn after(target: &Leased, told: Told, now: DateTime<Utc>, luck: f64) -> Next {
        super::after(target, told, &mut Book::at(now), luck)
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    fn told(outcome: Outcome, retryable: bool) -> Told {
        Told {
            outcome,
            retryable,
            retry_after_seconds: None,
            changed: None,
            low_stock: None,
        }
    }

    #[test]
    fn success_ends_the_round_and_forgets_failures() {
        let next = after(&target(), told(Outcome::Ok, false), now(), 0.0);
        assert_eq!(
            (next.ended, next.round, next.attempts, next.failures),
            (true, 5, 0, 0)
        );
        let wait = next.due_at.expect("goes on") - now();
        assert!((570..=600).contains(&wait.num_seconds()), "{wait}");
    }

    #[test]
    fn three_tries_then_the_round_failed() {
        let mut target = target();
        for tries in 1..MAX_TRIES {
            let next = after(&target, told(Outcome::Network, true), now(), 0.0);
            assert_eq!((next.ended, next.round, next.attempts), (false, 4, tries));
            assert_eq!(next.failures, 2, "counted by round, not by try");
            target.attempts = next.attempts;
        }
        let next = after(&target, told(Outcome::Network, true), now(), 0.0);
        assert_eq!(
            (next.ended, next.round, next.attempts, next.failures),
            (true, 5, 0, 3)
        );
        assert_eq!(next.tries, 3);
    }

    #[test]
    fn what_cannot_help_is_not_tried() {
        assert!(after(&target(), told(Outcome::NotFound, true), now(), 0.0).ended);
        assert!(after(&target(), told(Outcome::Malformed, false), now(), 0.0).ended);
        let stopped = Leased {
            plan: None,
            ..target()
        };
        let next = after(&stopped, told(Outcome::Network, true), now(), 0.0);
        assert_eq!((next.ended, next.due_at), (true, None));
    }

    #[test]
    fn what_is_suspicious_is_looked_at_again_soon_whatever_was_told() {
        let mut target = target();
        for _ in 1..MAX_TRIES {
            let next = after(&target, told(Outcome::Suspicious, false), now(), 1.0);
            assert!(!next.ended);
            let wait = next.due_at.expect("goes on") - now();
            assert!(wait.num_seconds() < 10, "{wait}");
            target.attempts = next.attempts;
        }
        let next = after(&target, told(Outcome::Suspicious, true), now(), 0.0);
        assert_eq!((next.ended, next.failures), (true, 3));
    }

    #[test]
    fn a_good_look_teaches_and_a_failed_one_does_not() {
        let target = Leased {
            plan: Plan::of([Cadence {
                adaptive: Some(300),
                low_stock: Some(900),
                ..Cadence::every(3_600)
            }]),
            ..target()
        };
        let looked = |outcome| Told {
            changed: Some(true),
            low_stock: Some(true),
            ..told(outcome, false)
        };
        let next = after(&target, looked(Outcome::Ok), now(), 0.0);
        assert_eq!((next.own_interval, next.low_stock), (Some(2_520), true));
        let wait = next.due_at.expect("goes on") - now();
        assert!(wait.num_seconds() <= 900, "{wait}");
        let failed = after(&target, looked(Outcome::Blocked), now(), 0.0);
        assert_eq!((failed.own_interval, failed.low_stock), (None, false));
    }

    #[test]
    fn retry_after_counts() {
        let limited = Told {
            outcome: Outcome::RateLimited,
            retryable: true,
            retry_after_seconds: Some(90),
            ..told(Outcome::RateLimited, true)
        };
        let next = after(&target(), limited, now(), 0.0);
        assert_eq!((next.due_at.expect("goes on") - now()).num_seconds(), 90);
    }
}
