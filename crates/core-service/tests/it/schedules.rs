//! When trackings are looked at: what may be asked, what is kept, and what crawler is told.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stage::{MINE, Stage, THEIRS};

const URL: &str = "https://www.amazon.com/dp/B0MINE0001";

fn at(body: Value) -> Value {
    let mut body = body;
    body["url"] = URL.into();
    body
}

/// The fields that are refused, with their messages.
fn errors(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().map(Vec::as_slice);
    errors
        .unwrap_or_default()
        .iter()
        .filter_map(|error| Some((error["field"].as_str()?, error["message"].as_str()?)))
        .collect()
}

#[tokio::test]
async fn a_source_has_its_own_times_in_the_tenants_zone_and_within_its_plan() {
    let stage = Stage::new().await;
    let mine = stage.post(MINE, "/trackings", &at(json!({}))).await;
    assert_eq!(mine.status, StatusCode::CREATED, "{}", mine.body);
    assert_eq!(
        mine.body["schedule"],
        json!({ "cron": "0 2 * * *", "time_zone": "Asia/Shanghai", "windows": [] })
    );
    assert_eq!(mine.body["interval_seconds"], 86_400);
    let told = stage.tracking_changed("tracking.created").await;
    let schedule = told.schedule.expect("a schedule");
    assert_eq!(
        (schedule.cron.as_deref(), schedule.time_zone.as_str()),
        (Some("0 2 * * *"), "Asia/Shanghai")
    );
    assert_eq!((told.interval_seconds, told.least_seconds), (86_400, 300));

    // PopMart is looked at every five minutes, where the plan allows it.
    let labubu = json!({ "url": "https://www.popmart.com/us/products/1372/labubu" });
    let mine = stage.post(MINE, "/trackings", &labubu).await;
    assert_eq!(mine.body["interval_seconds"], 300);
    assert_eq!(mine.body["schedule"], Value::Null);
    let theirs = stage.post(THEIRS, "/trackings", &labubu).await;
    assert_eq!(theirs.body["interval_seconds"], 3_600, "{}", theirs.body);
    let theirs = stage.post(THEIRS, "/trackings", &at(json!({}))).await;
    assert_eq!(theirs.body["schedule"]["time_zone"], "UTC");

    let haier = json!({ "source": "haier", "marketplace": "CN", "external_id": "GA0SZC00U" });
    let mine = stage.post(MINE, "/trackings", &haier).await;
    assert_eq!(mine.body["interval_seconds"], 3_600);
    assert_eq!(mine.body["low_stock_interval_seconds"], 900);
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!(told.low_stock_seconds, Some(900));
}

#[tokio::test]
async fn bad_times_are_refused_by_their_field_and_the_plans_limit_by_name() {
    let stage = Stage::new().await;
    let window = |days: Value| json!([{ "days": days, "from": "09:00", "to": "18:00" }]);
    let cases = [
        (json!({ "interval_seconds": 0 }), "interval_seconds"),
        (
            json!({ "schedule": { "cron": "0 0 30 2 *" } }),
            "schedule.cron",
        ),
        (
            json!({ "schedule": { "cron": "0 2 * * *", "time_zone": "Moon/Sea" } }),
            "schedule.time_zone",
        ),
        (
            json!({ "schedule": { "cron": "*/10 * * * *" } }),
            "schedule.cron",
        ),
        (
            json!({ "schedule": { "windows": window(json!([])) } }),
            "schedule.windows[0].days",
        ),
        (
            json!({ "schedule": { "windows": window(json!(["noday"])) } }),
            "schedule.windows[0].days[0]",
        ),
        (
            json!({ "schedule": { "cron": "0 2 * * *" }, "adaptive": true }),
            "adaptive",
        ),
    ];
    for (body, field) in cases {
        for path in ["/trackings", "/trackings/schedule-preview"] {
            let body = if path == "/trackings" {
                at(body.clone())
            } else {
                body.clone()
            };
            let answer = stage.post(THEIRS, path, &body).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            let errors = errors(&answer.body);
            assert_eq!(errors.len(), 1, "{body} {errors:?}");
            assert_eq!(errors[0].0, field, "{body} {errors:?}");
        }
    }
    let answer = stage
        .post(
            THEIRS,
            "/trackings",
            &at(json!({ "interval_seconds": 900 })),
        )
        .await;
    let errors = errors(&answer.body);
    assert_eq!(errors[0].0, "interval_seconds");
    for word in ["free", "3600", "min_interval_seconds"] {
        assert!(errors[0].1.contains(word), "{errors:?}");
    }
    let none: i64 = stage.one("select count(*) from catalog.tracking").await;
    assert_eq!(none, 0);
}

#[tokio::test]
async fn a_schedule_is_kept_shown_changed_and_told() {
    let stage = Stage::new().await;
    let office = json!({
        "interval_seconds": 1800, "adaptive": true,
        "schedule": { "windows": [{ "days": ["mon", "fri"], "from": "09:00", "to": "18:30" }] },
    });
    let made = stage.post(MINE, "/trackings", &at(office)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let path = format!("/trackings/{}", made.body["id"].as_str().expect("an id"));
    let shown = stage.get(MINE, &path).await.body;
    assert_eq!(shown["interval_seconds"], 1_800);
    assert_eq!(shown["adaptive"], true);
    assert_eq!(
        shown["schedule"],
        json!({ "cron": null, "time_zone": "Asia/Shanghai",
                "windows": [{ "days": ["mon", "fri"], "from": "09:00", "to": "18:30" }] })
    );
    let told = stage.tracking_changed("tracking.created").await;
    assert!(told.adaptive);
    let window = &told.schedule.expect("a schedule").windows[0];
    assert_eq!(
        (
            window.days.join(" "),
            window.from.as_str(),
            window.to.as_str()
        ),
        ("mon fri".to_owned(), "09:00", "18:30")
    );

    let patch = async |body: Value| {
        stage
            .call(MINE, Method::PATCH, &path, Some(&body), &[])
            .await
    };
    let tagged = patch(json!({ "tags": ["a"] })).await;
    assert_eq!(tagged.body["schedule"], shown["schedule"], "untouched");
    let weekly = patch(json!({ "schedule": { "cron": "0  9 * * 1", "time_zone": "UTC" } })).await;
    assert_eq!(weekly.status, StatusCode::OK, "{}", weekly.body);
    assert_eq!(weekly.body["schedule"]["cron"], "0 9 * * 1");
    assert_eq!(weekly.body["interval_seconds"], 604_800);
    assert_eq!(weekly.body["adaptive"], false);
    let told = stage.tracking_changed("tracking.updated").await;
    assert_eq!(
        told.schedule.and_then(|schedule| schedule.cron).as_deref(),
        Some("0 9 * * 1")
    );
    let monthly = patch(json!({ "schedule": { "cron": "0 9 1 * *" } })).await;
    let seconds = monthly.body["interval_seconds"].as_i64().expect("seconds");
    assert!(seconds > 28 * 86_400, "{seconds}");

    let plain = patch(json!({ "interval_seconds": 900 })).await;
    assert_eq!(
        (&plain.body["schedule"], &plain.body["interval_seconds"]),
        (&Value::Null, &json!(900))
    );
    let default = patch(json!({ "interval_seconds": null })).await;
    assert_eq!(default.body["schedule"]["cron"], "0 2 * * *");
    let refused = patch(json!({ "interval_seconds": 60 })).await;
    assert_eq!(errors(&refused.body)[0].0, "interval_seconds");
}

#[tokio::test]
async fn a_preview_shows_the_next_times_and_changes_nothing() {
    let stage = Stage::new().await;
    let daily = json!({ "schedule": { "cron": "30 8 * * *", "time_zone": "UTC" } });
    let answer = stage
        .post(MINE, "/trackings/schedule-preview", &daily)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let times = answer.body["next_times"].as_array().expect("times");
    assert_eq!(times.len(), 3);
    for time in times {
        let text = time.as_str().expect("a time");
        assert!(text.contains("T08:30:00"), "{text}");
    }
    let default = stage
        .post(
            MINE,
            "/trackings/schedule-preview",
            &json!({ "source": "popmart" }),
        )
        .await;
    assert_eq!(default.body["interval_seconds"], 300);
    let nothing = stage
        .post(MINE, "/trackings/schedule-preview", &json!({}))
        .await;
    assert_eq!(errors(&nothing.body)[0].0, "source");
    let none: i64 = stage.one("select count(*) from catalog.tracking").await;
    assert_eq!(none, 0);
}
