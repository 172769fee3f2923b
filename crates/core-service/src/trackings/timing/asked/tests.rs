use serde_json::{Value, json};

use super::*;

const DAILY: Cadence = Cadence::Daily { hour: 2 };
const STOCK: Cadence = Cadence::Every {
    seconds: 3_600,
    low_stock_seconds: Some(900),
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
}

fn limits(least_seconds: u32) -> Limits {
    Limits {
        plan: "pro".to_owned(),
        least_seconds,
        time_zone: "Asia/Shanghai".to_owned(),
        retention_days: 90,
        tracked_products: 2_000,
    }
}

fn schedule(json: Value) -> Schedule {
    serde_json::from_value(json).expect("a schedule")
}

/// The field that is refused.
fn refused(result: ApiResult<Timing>) -> String {
    let error = result.expect_err("refused");
    let fields: Vec<&str> = error
        .errors()
        .iter()
        .map(|error| error.field.as_str())
        .collect();
    fields.join(" ")
}

fn asked(interval_seconds: Option<i64>, schedule: Option<&Schedule>) -> Asked<'_> {
    Asked {
        interval_seconds,
        schedule,
        adaptive: false,
    }
}

#[test]
fn who_asks_for_nothing_gets_what_the_source_is_looked_at_usually() {
    let daily = Asked::default().checked(DAILY, &limits(300), now());
    let daily = daily.expect("good");
    let spec = daily.schedule.expect("a schedule");
    assert_eq!(
        (spec.cron.as_deref(), spec.time_zone.as_str()),
        (Some("0 2 * * *"), "Asia/Shanghai")
    );
    assert_eq!(daily.interval_seconds, 86_400);

    let hourly = Asked::default().checked(STOCK, &limits(300), now());
    let hourly = hourly.expect("good");
    assert_eq!(
        (hourly.interval_seconds, hourly.low_stock_seconds),
        (3_600, Some(900))
    );
    // The plan's floor holds for defaults, too.
    let free = Asked::default().checked(STOCK, &limits(7_200), now());
    let free = free.expect("good");
    assert_eq!(
        (free.interval_seconds, free.low_stock_seconds),
        (7_200, None)
    );
    let adaptive = Asked {
        adaptive: true,
        ..Asked::default()
    };
    let adaptive = adaptive.checked(DAILY, &limits(300), now()).expect("good");
    assert_eq!(
        (adaptive.interval_seconds, adaptive.schedule),
        (86_400, None)
    );
}

#[test]
fn what_cannot_be_kept_is_refused_by_its_field() {
    let plan = limits(900);
    let check = |interval, schedule: Option<Value>| {
        let schedule = schedule.map(super::tests::schedule);
        refused(asked(interval, schedule.as_ref()).checked(DAILY, &plan, now()))
    };
    for interval in [0, -5, 1, 299, 300, 899, 604_801, i64::MAX] {
        assert_eq!(
            check(Some(interval), None),
            "interval_seconds",
            "{interval}"
        );
    }
    let cron = |cron: &str| Some(json!({ "cron": cron }));
    for bad in [
        "0 0 30 2 *",
        "*/5 * * * *",
        "tomorrow",
        "@daily",
        "* * * * * *",
    ] {
        assert_eq!(check(None, cron(bad)), "schedule.cron", "{bad}");
    }
    assert_eq!(check(Some(3_600), cron("0 2 * * *")), "interval_seconds");
    assert_eq!(check(None, Some(json!({}))), "schedule");
    let zone = json!({ "cron": "0 2 * * *", "time_zone": "Moon/Sea" });
    assert_eq!(check(None, Some(zone)), "schedule.time_zone");
    let windows = |days: Value, from: &str| {
        Some(json!({ "windows": [{ "days": days, "from": from, "to": "18:00" }] }))
    };
    assert_eq!(
        check(None, windows(json!([]), "09:00")),
        "schedule.windows[0].days"
    );
    assert_eq!(
        check(Some(3_600), windows(json!(["mon"]), "25:00")),
        "schedule.windows[0].from"
    );
    let adaptive = Asked {
        adaptive: true,
        schedule: Some(&schedule(json!({ "cron": "0 2 * * *" }))),
        ..Asked::default()
    };
    assert_eq!(refused(adaptive.checked(DAILY, &plan, now())), "adaptive");
}

#[test]
fn the_plans_limit_is_told_by_name() {
    let error = asked(Some(600), None)
        .checked(DAILY, &limits(900), now())
        .expect_err("refused");
    let message = &error.errors()[0].message;
    assert!(
        message.contains("pro")
            && message.contains("900")
            && message.contains("min_interval_seconds"),
        "{message}"
    );
}

#[test]
fn a_change_takes_the_place_of_what_it_names_and_leaves_the_rest() {
    let plan = limits(300);
    let office = schedule(json!({
        "windows": [{ "days": ["mon"], "from": "09:00", "to": "18:00" }]
    }));
    let nightly = schedule(json!({ "cron": "30 3 * * *", "time_zone": "UTC" }));
    let keep = |asked: Asked<'_>| asked.checked(DAILY, &plan, now()).expect("good");
    let change = |known: &Timing, change: Change<'_>| {
        change.applied(known, DAILY, &plan, now()).expect("good")
    };
    let windowed = keep(asked(Some(600), Some(&office)));
    let by_cron = keep(asked(None, Some(&nightly)));

    let interval = |seconds| Change {
        interval_seconds: Some(seconds),
        ..Change::default()
    };
    let slower = change(&windowed, interval(Some(1_200)));
    assert_eq!(slower.interval_seconds, 1_200);
    assert_eq!(slower.schedule, windowed.schedule, "windows stay");
    let plain = change(&by_cron, interval(Some(1_200)));
    assert_eq!((plain.interval_seconds, plain.schedule), (1_200, None));

    let schedule = |schedule| Change {
        schedule: Some(schedule),
        ..Change::default()
    };
    let open = change(&windowed, schedule(None));
    assert_eq!((open.interval_seconds, open.schedule), (600, None));
    let moved = change(&windowed, schedule(Some(&nightly)));
    assert_eq!(moved.schedule, by_cron.schedule);
    assert_eq!(moved.interval_seconds, 86_400);

    let default = Asked::default().checked(DAILY, &plan, now()).expect("good");
    assert_eq!(change(&windowed, interval(None)), default);
    assert_eq!(change(&by_cron, schedule(None)), default);

    let adaptive = Change {
        adaptive: Some(true),
        ..Change::default()
    };
    let windowed_too = change(&windowed, adaptive);
    assert!(windowed_too.adaptive && windowed_too.schedule == windowed.schedule);
    assert_eq!(
        refused(adaptive.applied(&by_cron, DAILY, &plan, now())),
        "adaptive"
    );
    let at_night = change(&windowed_too, schedule(Some(&nightly)));
    assert!(!at_night.adaptive, "a cron expression ends it");
}
