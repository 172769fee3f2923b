//! What a change of its trackings does to a target.

use bus::topology::Priority;
use chrono::{DateTime, Utc};

use super::cadence::{Book, Plan, Seen};
use super::round::phase;

/// A target as it stands.
#[derive(Debug, Clone)]
pub struct Target {
    /// The listing's id.
    pub id: i64,
    /// The next or current due fetch.
    pub round: i64,
    /// What its trackings asked for so far; `None` while stopped.
    pub plan: Option<Plan>,
    /// What is known of it besides.
    pub seen: Seen,
    /// When it is due so far.
    pub next_due_at: Option<DateTime<Utc>>,
    /// How urgently.
    pub priority: Priority,
    /// Whether a worker has it.
    pub leased: bool,
    /// Whether it is fetched once for somebody who need not track it.
    pub once: bool,
    /// Whether it waits until the plans of those that track it admit it again.
    pub waits: bool,
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

/// Decides, `plan` being what the trackings now live ask for.
#[must_use]
pub fn change(target: &Target, plan: Option<&Plan>, now: DateTime<Utc>) -> Change {
    match (&target.plan, plan) {
        (None, None) => Change::Keep,
        // A lease ends with its report, which finds no plan and stops it then.
        // So does what a sync wants once.
        (Some(_), None) if target.leased || target.once => Change::Keep,
        (Some(_), None) => Change::Stop,
        (_, Some(_)) if target.leased => Change::Keep,
        // Fetched before, and due though nobody tracked it: a sync waits for it, and its report finds the plan.
        (None, Some(_)) if target.last_crawl_at.is_some() && target.next_due_at.is_some() => {
            Change::Keep
        }
        (None, Some(plan)) => target.last_crawl_at.map_or(Change::First, |last| {
            Change::Due(regular(target, last, plan, now))
        }),
        // What is urgent or waits for another try was placed on purpose.
        (Some(before), Some(after))
            if before == after || target.priority != Priority::Low || target.attempts > 0 =>
        {
            Change::Keep
        }
        (Some(before), Some(after)) => target
            .last_crawl_at
            .map_or(Change::Keep, |last| moved(target, last, before, after, now)),
    }
}

/// A plan that changes under way. What is due already stays so, and who asks for more makes nobody wait longer.
fn moved(
    target: &Target,
    last: DateTime<Utc>,
    before: &Plan,
    after: &Plan,
    now: DateTime<Utc>,
) -> Change {
    let due = regular(target, last, after, now);
    match target.next_due_at {
        Some(known) if known <= now => Change::Keep,
        Some(known) if known <= due && after.includes(before) => Change::Keep,
        _ => Change::Due(due),
    }
}

/// Where the target would stand had it always had this plan; spread, where that has passed.
fn regular(target: &Target, last: DateTime<Utc>, plan: &Plan, now: DateTime<Utc>) -> DateTime<Utc> {
    let phase = phase(target.id, target.round);
    plan.taken_up(last, phase, target.seen, &mut Book::at(now))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::schedule::Spec;

    use super::super::cadence::Cadence;
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    fn stopped() -> Target {
        Target {
            id: 1,
            round: 1,
            plan: None,
            seen: Seen::default(),
            next_due_at: None,
            priority: Priority::Low,
            leased: false,
            once: false,
            waits: false,
            attempts: 0,
            last_crawl_at: None,
        }
    }

    fn running() -> Target {
        Target {
            plan: Some(Plan::every(3_600)),
            last_crawl_at: Some(now() - TimeDelta::minutes(10)),
            next_due_at: Some(now() + TimeDelta::minutes(50)),
            ..stopped()
        }
    }

    fn to(target: &Target, seconds: u32) -> Change {
        change(target, Some(&Plan::every(seconds)), now())
    }

    #[test]
    fn the_first_tracking_of_a_new_target_is_urgent() {
        assert_eq!(to(&stopped(), 3_600), Change::First);
        assert_eq!(change(&stopped(), None, now()), Change::Keep);
    }

    #[test]
    fn the_last_one_gone_stops_it_unless_a_worker_has_it() {
        assert_eq!(change(&running(), None, now()), Change::Stop);
        let leased = Target {
            leased: true,
            ..running()
        };
        assert_eq!(change(&leased, None, now()), Change::Keep);
    }

    #[test]
    fn what_a_sync_waits_for_stays_due_whoever_comes_or_goes() {
        let wanted = Target {
            once: true,
            next_due_at: Some(now()),
            ..running()
        };
        assert_eq!(change(&wanted, None, now()), Change::Keep);
        let untracked = Target {
            plan: None,
            ..wanted
        };
        assert_eq!(to(&untracked, 604_800), Change::Keep);
    }

    #[test]
    fn a_shorter_interval_brings_it_forward_but_not_to_now() {
        let Change::Due(at) = to(&running(), 1_800) else {
            panic!("not moved");
        };
        assert!(at <= now() + TimeDelta::minutes(20) && at >= now() + TimeDelta::minutes(18));
        let Change::Due(at) = to(&running(), 300) else {
            panic!("not moved");
        };
        assert!(at > now() + TimeDelta::seconds(14) && at <= now() + TimeDelta::minutes(5));
    }

    #[test]
    fn coming_back_waits_for_the_regular_time_and_never_comes_at_once() {
        let back = Target {
            plan: None,
            next_due_at: None,
            ..running()
        };
        assert!(matches!(to(&back, 3_600), Change::Due(at) if at > now() + TimeDelta::minutes(46)));
        let long_gone = Target {
            last_crawl_at: Some(now() - TimeDelta::days(30)),
            ..back
        };
        let later = now() + TimeDelta::minutes(2);
        assert!(matches!(to(&long_gone, 3_600), Change::Due(at) if at > later));
    }

    #[test]
    fn who_asks_for_more_makes_nobody_wait_longer() {
        // Taken up a while ago, its time is not the regular one.
        let spread = Target {
            last_crawl_at: Some(now() - TimeDelta::days(3)),
            next_due_at: Some(now() + TimeDelta::seconds(30)),
            ..running()
        };
        let nightly = Cadence {
            spec: Some(Spec {
                cron: Some("0 2 * * *".to_owned()),
                time_zone: "UTC".to_owned(),
                windows: Vec::new(),
            }),
            ..Cadence::every(86_400)
        };
        let more = Plan::of([Cadence::every(3_600), nightly]);
        assert_eq!(change(&spread, more.as_ref(), now()), Change::Keep);
        let overdue = Target {
            next_due_at: Some(now() - TimeDelta::minutes(3)),
            ..spread
        };
        assert_eq!(to(&overdue, 86_400), Change::Keep, "due is due");
    }

    #[test]
    fn what_was_placed_on_purpose_stays() {
        let urgent = Target {
            priority: Priority::High,
            ..running()
        };
        assert_eq!(to(&urgent, 300), Change::Keep);
        let waiting = Target {
            attempts: 1,
            ..running()
        };
        assert_eq!(to(&waiting, 300), Change::Keep);
        assert_eq!(to(&running(), 3_600), Change::Keep);
    }
}
