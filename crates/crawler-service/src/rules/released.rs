//! When a target is due that a crawl wanted earlier and wants no more.

use chrono::{DateTime, Utc};

use super::cadence::{Book, Plan, Seen};
use super::round::phase;

/// Urgency of what is fetched for the first time, and of what comes by the clock.
const FIRST: i16 = 1;
const BY_THE_CLOCK: i16 = 3;

/// A target that a stopped crawl waited for and that nobody has in hand.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The listing's id.
    pub id: i64,
    /// The due fetch.
    pub round: i64,
    /// What its live trackings ask for; `None` when none is live.
    pub plan: Option<Plan>,
    /// What is known of it besides.
    pub seen: Seen,
    /// When it is due as things stand.
    pub next_due_at: Option<DateTime<Utc>>,
    /// The end of its last round.
    pub last_crawl_at: Option<DateTime<Utc>>,
    /// The tables' number of the most urgent other crawl that waits for it.
    pub wanted: Option<i16>,
}

/// When and how urgently it is due without the crawl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// `None`: stopped.
    pub due_at: Option<DateTime<Utc>>,
    /// The tables' number.
    pub priority: i16,
}

/// Decides. Whoever else waits for it gets it as urgently as they ask; otherwise its own time counts, which a crawl only
/// ever brings forward: so the later of the two, and a try that has to wait goes on waiting.
#[must_use]
pub fn own(target: &Waiting, now: DateTime<Utc>) -> Own {
    let first = target.last_crawl_at.is_none();
    if let Some(wanted) = target.wanted {
        return Own {
            due_at: target.next_due_at,
            priority: if first { FIRST } else { wanted },
        };
    }
    let regular = target
        .plan
        .as_ref()
        .zip(target.last_crawl_at)
        .map(|(plan, last)| {
            let phase = phase(target.id, target.round);
            plan.next(phase, target.seen, &mut Book::at(last))
        })
        .filter(|at| *at > now);
    Own {
        // What only the crawl wanted is not fetched at all.
        due_at: target.plan.as_ref().and(target.next_due_at.max(regular)),
        priority: if first { FIRST } else { BY_THE_CLOCK },
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::rules::due::next_due;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    fn hastened() -> Waiting {
        Waiting {
            id: 7,
            round: 4,
            plan: Some(Plan::every(3600)),
            seen: Seen::default(),
            next_due_at: Some(now() - TimeDelta::seconds(5)),
            last_crawl_at: Some(now() - TimeDelta::minutes(20)),
            wanted: None,
        }
    }

    #[test]
    fn its_own_time_comes_back() {
        let own = own(&hastened(), now());
        let last = hastened().last_crawl_at.expect("crawled");
        let regular = next_due(last, 3600, phase(7, 4));
        assert_eq!(own.due_at, Some(regular));
        assert_eq!(own.priority, BY_THE_CLOCK);
    }

    #[test]
    fn what_is_due_anyway_stays_due_and_a_waiting_try_waits() {
        let overdue = Waiting {
            last_crawl_at: Some(now() - TimeDelta::hours(3)),
            ..hastened()
        };
        assert_eq!(own(&overdue, now()).due_at, overdue.next_due_at);
        let trying_again = Waiting {
            next_due_at: Some(now() + TimeDelta::seconds(30)),
            ..overdue
        };
        assert_eq!(own(&trying_again, now()).due_at, trying_again.next_due_at);
    }

    #[test]
    fn another_crawl_keeps_it_as_urgent_as_it_asks() {
        let shared = Waiting {
            wanted: Some(2),
            ..hastened()
        };
        let kept = Own {
            due_at: shared.next_due_at,
            priority: 2,
        };
        assert_eq!(own(&shared, now()), kept);
    }

    #[test]
    fn the_first_fetch_is_urgent_by_itself_and_what_nobody_tracks_stays_stopped() {
        let first = Waiting {
            last_crawl_at: None,
            ..hastened()
        };
        let own_of = |target: &Waiting| own(target, now());
        assert_eq!(own_of(&first).priority, FIRST);
        assert_eq!(own_of(&first).due_at, first.next_due_at);
        let stopped = Waiting {
            plan: None,
            ..hastened()
        };
        assert_eq!(own_of(&stopped).due_at, None);
    }
}
