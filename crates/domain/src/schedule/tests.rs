use chrono::Timelike;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .expect("an instant")
        .to_utc()
}

fn phase(id: u64) -> Phase {
    Phase { id, round: 1 }
}

fn cron(expression: &str, zone: &str) -> Spec {
    Spec {
        cron: Some(expression.into()),
        time_zone: zone.into(),
        windows: Vec::new(),
    }
}

fn of(spec: &Spec) -> Result<Schedule, BadSchedule> {
    Schedule::of(spec, 3_600, 300, at("2026-11-22T00:00:00Z"))
}

#[test]
fn daily_at_two_is_two_in_the_tenants_own_time() {
    let schedule = of(&cron("0 2 * * *", "Asia/Shanghai")).expect("good");
    let due = schedule.next_after(at("2026-11-22T00:00:00Z"), phase(1));
    // 02:00 in Shanghai is 18:00 UTC of the day before.
    assert_eq!(due.date_naive().to_string(), "2026-11-22");
    assert_eq!(due.hour(), 18);
    assert!(due < at("2026-11-22T18:30:01Z"));
}

#[test]
fn what_is_due_together_starts_apart() {
    let schedule = of(&cron("0 2 * * *", "UTC")).expect("good");
    let now = at("2026-11-22T00:00:00Z");
    let starts: std::collections::BTreeSet<_> = (0..1_000)
        .map(|id| schedule.next_after(now, phase(id)))
        .collect();
    assert!(starts.len() > 990);
    let within = at("2026-11-22T02:00:00Z")..=at("2026-11-22T02:30:00Z");
    assert!(starts.iter().all(|start| within.contains(start)));
}

#[test]
fn what_was_missed_is_caught_up_once() {
    let schedule = of(&cron("*/10 * * * *", "UTC")).expect("good");
    // Ten days later the next one counts from now.
    let due = schedule.next_after(at("2026-12-02T00:01:00Z"), phase(1));
    assert!(due >= at("2026-12-02T00:10:00Z") && due < at("2026-12-02T00:11:00Z"));
}

#[test]
fn summer_time_neither_skips_nor_doubles_a_day() {
    let schedule = of(&cron("30 2 * * *", "Europe/Berlin")).expect("good");
    let mut now = at("2027-03-26T00:00:00Z");
    let mut days = Vec::new();
    for _ in 0..5 {
        now = schedule.next_after(now, phase(7));
        days.push(
            now.with_timezone(&chrono_tz::Europe::Berlin)
                .date_naive()
                .to_string(),
        );
    }
    // On the 28th there is no 02:30; the day still has its run.
    assert_eq!(
        days,
        [
            "2027-03-26",
            "2027-03-27",
            "2027-03-28",
            "2027-03-29",
            "2027-03-30"
        ]
    );
}

#[test]
fn what_cannot_be_kept_is_refused_with_the_reason() {
    assert!(matches!(
        of(&cron("every day", "UTC")),
        Err(BadSchedule::Cron(_))
    ));
    assert!(matches!(
        of(&cron("* * * * * *", "UTC")),
        Err(BadSchedule::Cron(_))
    ));
    assert!(matches!(
        of(&cron("0 0 30 2 *", "UTC")),
        Err(BadSchedule::Never(_))
    ));
    assert!(matches!(
        of(&cron("0 2 * * *", "Moon/Sea")),
        Err(BadSchedule::TimeZone(_))
    ));
    let too_often = of(&cron("0,2 * * * *", "UTC")).expect_err("refused");
    assert_eq!(
        too_often,
        BadSchedule::TooOften {
            found: 120,
            least: 300
        }
    );
    assert!(matches!(
        Schedule::every(200, 300),
        Err(BadSchedule::Interval { .. })
    ));
    assert!(Schedule::every(300, 300).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    let part = |spec: &str| {
        let spec: Spec = serde_json::from_str(spec).expect("a spec");
        of(&spec).expect_err("refused").part()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(
        part(r#"{"time_zone":"UTC","windows":[{"days":[],"from":"09:00","to":"10:00"}]}"#),
        named("windows[0].days")
    );
    assert_eq!(part(r#"{"time_zone":"Nowhere"}"#), named("time_zone"));
    for cron in ["0 0 30 2 *", "*/2 * * * *", "@daily", "0 2 * *"] {
        let spec = format!(r#"{{"cron":"{cron}","time_zone":"UTC"}}"#);
        assert_eq!(part(&spec), named("cron"), "{cron}");
    }
    let interval = Schedule::every(0, 300).expect_err("refused");
    assert_eq!(interval.part(), None);
}

#[test]
fn what_is_taken_up_again_does_not_come_at_once() {
    let now = at("2026-11-22T12:00:00Z");
    let hourly = Schedule::every(3_600, 300).expect("good");
    // Regular time is still to come.
    let due = hourly.taken_up(now - TimeDelta::minutes(10), now, phase(1));
    assert!(due > now + TimeDelta::minutes(46) && due <= now + TimeDelta::minutes(50));
    // A thousand that were paused for a week are spread over the hour.
    let week_ago = now - TimeDelta::days(7);
    let dues: Vec<_> = (0..1_000)
        .map(|id| hourly.taken_up(week_ago, now, phase(id)))
        .collect();
    let within = now + TimeDelta::minutes(3)..=now + TimeDelta::hours(1);
    assert!(dues.iter().all(|due| within.contains(due)));
    let half = now + TimeDelta::minutes(30);
    let early = dues.iter().filter(|due| **due < half).count();
    assert!((400..550).contains(&early), "{early}");
    // A missed night is missed.
    let nightly = of(&cron("0 2 * * *", "UTC")).expect("good");
    let due = nightly.taken_up(week_ago, now, phase(1));
    assert!(due >= at("2026-11-23T02:00:00Z") && due < at("2026-11-23T02:31:00Z"));
}

#[test]
fn how_often_it_comes_counts_nights_and_weekends() {
    let now = at("2026-11-22T00:00:00Z");
    let pace = |spec: &Spec| of(spec).expect("good").pace(now);
    assert_eq!(Schedule::every(900, 300).expect("good").pace(now), 900);
    assert_eq!(pace(&cron("0 2 * * *", "Asia/Shanghai")), 86_400);
    assert_eq!(pace(&cron("0 2 * * 1", "UTC")), 604_800);
    // Nine hours of five days: 45 of 168.
    let office = pace(&cron("0 9-17 * * 1-5", "UTC"));
    assert!((12_000..15_000).contains(&office), "{office}");
    // Hourly within 8.5 hours of five days: nine looks a day.
    assert_eq!(pace(&office_hours()), 604_800 / 45);
    let daily = Schedule::of(&office_hours(), 604_800, 300, now).expect("good");
    assert_eq!(daily.pace(now), 604_800);
}

#[test]
fn the_next_times_are_told_without_their_spread() {
    let now = at("2026-11-20T20:10:00Z");
    let nightly = of(&cron("0 2 * * *", "Asia/Shanghai")).expect("good");
    assert_eq!(
        nightly.upcoming(now, 2),
        [at("2026-11-21T18:00:00Z"), at("2026-11-22T18:00:00Z")]
    );
    // Friday afternoon in New York; the office closes at 17:30.
    let hourly = of(&office_hours()).expect("good");
    assert_eq!(
        hourly.upcoming(now, 4),
        [
            at("2026-11-20T21:10:00Z"),
            at("2026-11-20T22:10:00Z"),
            at("2026-11-23T14:00:00Z"),
            at("2026-11-23T15:00:00Z")
        ]
    );
}

fn office_hours() -> Spec {
    serde_json::from_str(
        r#"{"time_zone":"America/New_York",
            "windows":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"17:30"}]}"#,
    )
    .expect("a spec")
}

#[test]
fn outside_the_windows_it_waits_for_the_next_one() {
    let schedule = of(&office_hours()).expect("good");
    // Friday 17:00 in New York; an hour later the office is closed until Monday.
    let due = schedule.next_after(at("2026-11-20T22:00:00Z"), phase(3));
    assert!(
        due >= at("2026-11-23T14:00:00Z") && due < at("2026-11-23T14:10:00Z"),
        "{due}"
    );
    // Tuesday noon: within.
    let due = schedule.next_after(at("2026-11-24T17:00:00Z"), phase(3));
    assert!(due <= at("2026-11-24T18:00:00Z"));
}

#[test]
fn a_window_may_go_on_past_midnight() {
    let spec = serde_json::from_str(
        r#"{"time_zone":"UTC","windows":[{"days":["sat"],"from":"22:00","to":"02:00"}]}"#,
    )
    .expect("a spec");
    let schedule = of(&spec).expect("good");
    // Saturday 2026-11-21 23:50, an hour later it is Sunday and still the window.
    let due = schedule.next_after(at("2026-11-21T23:50:00Z"), phase(1));
    assert!(due < at("2026-11-22T01:00:00Z"));
    let due = schedule.next_after(at("2026-11-22T01:50:00Z"), phase(1));
    assert!(due >= at("2026-11-28T22:00:00Z"), "{due}");
}

proptest! {
    #[test]
    fn an_interval_ends_a_little_early_and_never_late(
        seconds in 300_u32..=LONGEST_SECONDS, id in any::<u64>(), round in any::<u64>(),
    ) {
        let schedule = Schedule::every(seconds, 300).expect("in range");
        let now = at("2026-11-22T00:00:00Z");
        let wait = schedule.next_after(now, Phase { id, round }) - now;
        prop_assert!(wait <= TimeDelta::seconds(seconds.into()));
        prop_assert!(wait >= TimeDelta::milliseconds(i64::from(seconds) * 950));
    }

    #[test]
    fn the_next_time_is_later_and_within_a_window(
        minutes in 0_i64..600_000, id in any::<u64>(),
    ) {
        let schedule = of(&office_hours()).expect("good");
        let now = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
        let due = schedule.next_after(now, phase(id));
        prop_assert!(due > now);
        let local = due.with_timezone(&chrono_tz::America::New_York);
        let minute = local.hour() * 60 + local.minute();
        prop_assert!((540..1_050).contains(&minute), "{}", local);
    }

    #[test]
    fn any_text_is_a_schedule_or_refused(expression in ".{0,40}", zone in ".{0,20}") {
        let _ = of(&cron(&expression, &zone));
    }
}
