//! When targets are due: calendars, adaptive intervals, low stock, and what many ask for together.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::crawl::v1::ItemOutcome;
use contracts::messages::v1::{Schedule, Window};

use super::work::{open, outcome, report};
use super::{Stage, TRACE, Tracking, is_now};
use crate::events::EventError;
use crate::reports::{self, Reported};
use crate::rules::outcome::Outcome;
use crate::storage::lease;

fn cron(expression: &str) -> Option<Schedule> {
    Some(Schedule {
        cron: Some(expression.to_owned()),
        time_zone: "Asia/Shanghai".to_owned(),
        windows: Vec::new(),
    })
}

fn nightly(stage: &Stage, listing: i64) -> Tracking {
    Tracking {
        interval_seconds: 86_400,
        schedule: cron("0 2 * * *"),
        ..Tracking::of(stage.tenant, listing)
    }
}

/// Fetches the one target that is due, as a worker that reports this of it.
async fn look(stage: &Stage, told: impl Fn(ItemOutcome) -> ItemOutcome) -> Option<DateTime<Utc>> {
    let (mut work, _) = stage.clients();
    let task = stage.dispatch_one().await;
    let opened = open(&mut work, task).await;
    let item = &opened.items[0];
    let reported = vec![told(outcome(item, "ok"))];
    assert_eq!(report(&mut work, task, reported).await, 1);
    stage.target(item.target_id).await.next_due_at
}

/// How long after 02:00 in Shanghai a time is.
fn after_two(at: DateTime<Utc>) -> TimeDelta {
    let of_day = (at.timestamp() - 18 * 3_600).rem_euclid(86_400);
    TimeDelta::seconds(of_day)
}

#[tokio::test]
async fn a_calendar_and_an_interval_are_one_target_due_at_the_earlier() {
    let stage = Stage::new().await;
    let mine = nightly(&stage, 1);
    stage.tell(&mine).await;
    assert!(is_now(stage.target(1).await.next_due_at), "never fetched");
    let due = look(&stage, |told| told).await.expect("due");
    assert!(
        due > Utc::now() && after_two(due) <= TimeDelta::minutes(30),
        "{due}"
    );

    let theirs = Tracking {
        interval_seconds: 600,
        ..Tracking::of(stage.other_tenant, 1)
    };
    stage.tell(&theirs).await;
    let target = stage.target(1).await;
    let wait = target.next_due_at.expect("due") - Utc::now();
    assert!(wait <= TimeDelta::seconds(600), "{wait}");
    assert_eq!(target.interval_seconds, Some(600));

    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..theirs
        })
        .await;
    let target = stage.target(1).await;
    assert_eq!(target.next_due_at, Some(due), "as before");
    assert_eq!(target.interval_seconds, Some(86_400));
}

#[tokio::test]
async fn neither_pausing_nor_editing_makes_what_was_looked_at_due_at_once() {
    let stage = Stage::new().await;
    let tracking = Tracking::of(stage.tenant, 1);
    stage.tell(&tracking).await;
    look(&stage, |told| told).await;
    stage
        .execute("update crawl.target set last_crawl_at = now() - interval '9 days'")
        .await;
    let change = |version: i64, interval_seconds: u32, live: bool| Tracking {
        version,
        interval_seconds,
        live,
        ..tracking.clone()
    };
    stage.tell(&change(2, 3_600, false)).await;
    assert_eq!(stage.target(1).await.next_due_at, None);
    stage.tell(&change(3, 3_600, true)).await;
    let due = stage.target(1).await.next_due_at.expect("due");
    let soon = Utc::now() + TimeDelta::minutes(2);
    assert!(
        due > soon && due <= Utc::now() + TimeDelta::hours(1),
        "{due}"
    );
    stage.tell(&change(4, 7_200, true)).await;
    let due = stage.target(1).await.next_due_at.expect("due");
    assert!(
        due > soon && due <= Utc::now() + TimeDelta::hours(2),
        "{due}"
    );
}

#[tokio::test]
async fn what_was_missed_while_down_is_caught_up_once() {
    let stage = Stage::new().await;
    stage.tell(&nightly(&stage, 1)).await;
    look(&stage, |told| told).await;
    // Three nights long nobody was there.
    stage
        .execute("update crawl.target set next_due_at = next_due_at - interval '4 days'")
        .await;
    let task = stage.dispatch_one().await;
    let (id, fence, round): (i64, i64, i64) =
        stage.one("select id, fence, round from crawl.target").await;
    let now = Utc::now() + TimeDelta::hours(1);
    let item = lease::Item {
        id,
        fence,
        round,
        marketplace: String::new(),
        external_id: String::new(),
        url: String::new(),
        openings: 0,
        strategy: None,
        memo: Vec::new(),
    };
    let ok = Reported {
        outcome: Outcome::Ok,
        reason: None,
        openings: 0,
        ..Reported::hopeless(&item)
    };
    let pool = &stage.state.pools.system;
    let applied = reports::apply(pool, task, vec![ok], 3, now, || 0.0).await;
    assert_eq!(applied.expect("applied").accepted, 1);
    let due = stage.target(1).await.next_due_at.expect("due");
    assert!(due > now && due <= now + TimeDelta::hours(25), "{due}");
    assert!(after_two(due) <= TimeDelta::minutes(30), "{due}");
}

#[tokio::test]
async fn an_adaptive_target_goes_by_its_changes_within_the_tenants_budget() {
    let stage = Stage::new().await;
    let tracking = Tracking {
        adaptive: true,
        ..Tracking::of(stage.tenant, 1)
    };
    stage.tell(&tracking).await;
    let changed = |told: ItemOutcome| ItemOutcome {
        changed: Some(true),
        ..told
    };
    let due = look(&stage, changed).await.expect("due");
    let wait = (due - Utc::now()).num_seconds();
    assert!((2_300..=2_520).contains(&wait), "{wait}");

    // It takes more than its share, so it waits longer.
    let upkeep = stage.upkeep();
    assert_eq!(upkeep.stretch().await.expect("kept"), 1);
    stage
        .execute("update crawl.target set next_due_at = now()")
        .await;
    let due = look(&stage, |told| told).await.expect("due");
    let wait = (due - Utc::now()).num_seconds();
    assert!((3_400..=3_600).contains(&wait), "{wait}");

    // One that sleeps gives back what it does not need.
    let sleeping = Tracking {
        adaptive: true,
        ..Tracking::of(stage.tenant, 2)
    };
    stage.tell(&sleeping).await;
    stage
        .execute("update crawl.target set own_interval = 14400, next_due_at = null where id = 2")
        .await;
    assert_eq!(upkeep.stretch().await.expect("kept"), 0);
    let theirs: i64 = stage
        .one::<(i64,)>("select count(*) from crawl.stretch")
        .await
        .0;
    assert_eq!(theirs, 0);

    let fixed = Tracking {
        version: 2,
        adaptive: false,
        ..tracking
    };
    stage.tell(&fixed).await;
    let own: (Option<i32>,) = stage
        .one("select own_interval from crawl.target where id = 1")
        .await;
    assert_eq!(own.0, None);
}

#[tokio::test]
async fn low_stock_is_looked_at_sooner() {
    let stage = Stage::new().await;
    let tracking = Tracking {
        low_stock_seconds: Some(900),
        ..Tracking::of(stage.tenant, 1)
    };
    stage.tell(&tracking).await;
    let low = |low_stock| move |told: ItemOutcome| ItemOutcome { low_stock, ..told };
    let due = look(&stage, low(Some(true))).await.expect("due");
    assert!(due <= Utc::now() + TimeDelta::seconds(900), "{due}");
    let again = || stage.execute("update crawl.target set next_due_at = now()");
    again().await;
    let due = look(&stage, low(None)).await.expect("due");
    assert!(
        due <= Utc::now() + TimeDelta::seconds(900),
        "still low: {due}"
    );
    again().await;
    let due = look(&stage, low(Some(false))).await.expect("due");
    assert!(due > Utc::now() + TimeDelta::seconds(3_300), "{due}");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_said() {
    let stage = Stage::new().await;
    let window = |day: &str, from: &str| {
        Some(Schedule {
            cron: None,
            time_zone: "UTC".to_owned(),
            windows: vec![Window {
                days: vec![day.to_owned()],
                from: from.to_owned(),
                to: "18:00".to_owned(),
            }],
        })
    };
    let moon = Schedule {
        time_zone: "Moon/Sea".to_owned(),
        ..cron("0 2 * * *").expect("one")
    };
    for bad in [
        cron("nonsense"),
        window("noday", "09:00"),
        window("mon", "9"),
        Some(moon),
    ] {
        let tracking = Tracking {
            schedule: bad,
            ..Tracking::of(stage.tenant, 1)
        };
        let refused = stage
            .trackings()
            .apply(&tracking.encoded(), Some(TRACE), Utc::now())
            .await;
        assert!(
            matches!(refused, Err(EventError::Unreadable(_))),
            "{refused:?}"
        );
    }
    let tracking = Tracking {
        schedule: window("mon", "09:00"),
        ..Tracking::of(stage.tenant, 1)
    };
    stage.tell(&tracking).await;
    // An hour of nine, one day of seven.
    assert_eq!(stage.target(1).await.interval_seconds, Some(604_800 / 9));
}
