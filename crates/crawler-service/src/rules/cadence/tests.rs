use chrono::{TimeDelta, Timelike};
use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    // A Sunday noon.
    DateTime::from_timestamp(1_795_348_800, 0).expect("a valid time")
}

fn phase(id: u64) -> Phase {
    Phase { id, round: 1 }
}

fn cron(expression: &str, zone: &str, every: u32) -> Cadence {
    Cadence {
        spec: Some(Spec {
            cron: Some(expression.to_owned()),
            time_zone: zone.to_owned(),
            windows: Vec::new(),
        }),
        ..Cadence::every(every)
    }
}

fn adaptive(every: u32) -> Cadence {
    Cadence {
        adaptive: Some(300),
        ..Cadence::every(every)
    }
}

fn plan(cadences: impl IntoIterator<Item = Cadence>) -> Plan {
    Plan::of(cadences).expect("a plan")
}

fn next(plan: &Plan, seen: Seen) -> TimeDelta {
    plan.next(phase(7), seen, &mut Book::at(now())) - now()
}

#[test]
fn each_cadence_stands_there_once() {
    let nightly = cron("0 2 * * *", "UTC", 86_400);
    let both = plan([
        nightly.clone(),
        Cadence::every(3_600),
        nightly.clone(),
        Cadence::every(600),
        Cadence {
            low_stock: Some(900),
            ..Cadence::every(7_200)
        },
    ]);
    let fixed = Cadence {
        low_stock: Some(900),
        ..Cadence::every(600)
    };
    assert_eq!(both.cadences(), Some([fixed, nightly].as_slice()));
    assert_eq!(
        plan([Cadence::every(600), Cadence::every(900)]),
        Plan::every(600)
    );
    assert_eq!(Plan::every(600).cadences(), None);
    assert_eq!(Plan::of([]), None);
}

#[test]
fn the_earliest_of_all_counts() {
    let nightly = plan([cron("0 14 * * *", "UTC", 86_400)]);
    let due = now() + next(&nightly, Seen::default());
    assert_eq!(due.hour(), 14);
    let with_hourly = plan([cron("0 14 * * *", "UTC", 86_400), Cadence::every(3_600)]);
    assert!(next(&with_hourly, Seen::default()) <= TimeDelta::hours(1));
    let with_weekly = plan([cron("0 14 * * *", "UTC", 86_400), Cadence::every(604_800)]);
    assert_eq!(now() + next(&with_weekly, Seen::default()), due);
}

#[test]
fn low_stock_is_looked_at_sooner_where_somebody_asks_for_it() {
    let haier = plan([Cadence {
        low_stock: Some(900),
        ..Cadence::every(3_600)
    }]);
    let low = Seen {
        low_stock: true,
        ..Seen::default()
    };
    assert!(next(&haier, low) <= TimeDelta::seconds(900));
    assert!(next(&haier, Seen::default()) > TimeDelta::seconds(3_400));
    assert!(next(&Plan::every(3_600), low) > TimeDelta::seconds(3_400));
}

#[test]
fn an_adaptive_interval_follows_the_changes_and_the_budget() {
    let busy = plan([adaptive(3_600)]);
    let mut own = None;
    for _ in 0..10 {
        own = busy.own_after(own, Some(true));
    }
    assert_eq!(own, Some(900));
    assert_eq!(busy.own_after(own, None), own, "nothing was learnt");
    let seen = Seen {
        own_interval: own,
        ..Seen::default()
    };
    assert!(next(&busy, seen) <= TimeDelta::seconds(900));
    let over_budget = Seen {
        stretch: 2_000,
        ..seen
    };
    let wait = next(&busy, over_budget).num_seconds();
    assert!((1_700..=1_800).contains(&wait), "{wait}");
    // Whoever asked for half as much gets half as much.
    let both = plan([adaptive(3_600), adaptive(7_200)]);
    assert_eq!(both.own_after(Some(900), Some(true)), Some(900));
    assert_eq!(both.interval(&adaptive(7_200), seen), 1_800);
    // A fixed interval and a calendar do not move.
    assert_eq!(Plan::every(600).own_after(None, Some(true)), None);
    let nightly = Cadence {
        adaptive: Some(300),
        ..cron("0 2 * * *", "UTC", 86_400)
    };
    assert_eq!(plan([nightly]).own_after(None, Some(true)), None);
}

#[test]
fn a_plan_that_asks_for_more_includes_the_one_before() {
    let nightly = cron("0 2 * * *", "UTC", 86_400);
    let before = plan([Cadence::every(3_600), nightly.clone()]);
    assert!(plan([Cadence::every(600), nightly.clone()]).includes(&before));
    assert!(!plan([Cadence::every(7_200), nightly]).includes(&before));
    assert!(!Plan::every(300).includes(&before));
}

#[test]
fn what_was_missed_is_caught_up_once() {
    // Due every ten minutes, and nobody was there for a day: one look, and the next counts from it.
    let plan = plan([cron("*/10 * * * *", "UTC", 600), Cadence::every(1_200)]);
    let back = now() + TimeDelta::days(1) + TimeDelta::seconds(61);
    let due = plan.next(phase(7), Seen::default(), &mut Book::at(back));
    assert!(due > back + TimeDelta::minutes(8) && due < back + TimeDelta::minutes(10));
}

#[test]
fn what_is_taken_up_together_is_spread_whatever_it_asks_for() {
    let week_ago = now() - TimeDelta::days(7);
    let mut book = Book::at(now());
    for plan in [
        Plan::every(3_600),
        plan([cron("0 2 * * *", "UTC", 86_400)]),
        plan([adaptive(3_600), cron("0 13 * * *", "UTC", 86_400)]),
    ] {
        let dues: std::collections::BTreeSet<_> = (0..500)
            .map(|id| plan.taken_up(week_ago, phase(id), Seen::default(), &mut book))
            .collect();
        assert!(dues.len() > 490, "{plan:?}");
        let first = dues.first().expect("dues");
        assert!(*first > now() + TimeDelta::minutes(2), "{plan:?} {first}");
    }
}

proptest! {
    #[test]
    fn any_plan_goes_on_later_than_now(
        every in 1_u32..700_000, own in prop::option::of(1_u32..700_000), id in any::<u64>(),
        low_stock in any::<bool>(), stretch in 1_000_u32..4_000, is_adaptive in any::<bool>(),
        last in -700_000_i64..1,
    ) {
        let cadence = Cadence {
            adaptive: is_adaptive.then_some(300),
            low_stock: Some(900),
            ..Cadence::every(every)
        };
        let plan = plan([cadence, cron("5 4 * * 1", "Asia/Shanghai", 604_800)]);
        let seen = Seen { own_interval: own, low_stock, stretch };
        let mut book = Book::at(now());
        prop_assert!(plan.next(phase(id), seen, &mut book) > now());
        let last = now() + TimeDelta::seconds(last);
        prop_assert!(plan.taken_up(last, phase(id), seen, &mut book) > now());
    }
}
