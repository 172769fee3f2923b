//! Rules as people make, change, end and try them.

use axum::http::{Method, StatusCode};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{Answer, MINE, Stage, THEIRS};

const ASIN: &str = "B0RULES001";

fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

fn cheap() -> Value {
    json!({ "test": "level", "metric": "price", "at_or_below": usd("15.00") })
}

async fn patch(stage: &Stage, path: &str, body: Value) -> Answer {
    stage
        .call(MINE, Method::PATCH, path, Some(&body), &[])
        .await
}

/// How often a kind was told.
async fn told(stage: &Stage, kind: &str) -> usize {
    let answer = stage.get(MINE, &format!("/alerts?kind={kind}")).await.body;
    answer["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn what_is_true_when_a_rule_begins_to_apply_is_told_at_the_next_look() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let mut round = 0;
    let mut look = async || {
        round += 1;
        let seen = seen(ASIN, Utc::now(), round).price(1_400).rank(50);
        stage.crawled(vec![seen]).await;
    };
    let new = async |body: Value| {
        let made = stage.post(MINE, "/alert-rules", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        format!("/alert-rules/{}", made.body["id"].as_str().expect("an id"))
    };
    new(json!({ "condition": cheap(), "tag": "hot" })).await;
    look().await;
    assert_eq!(told(&stage, "target_price").await, 0, "it has no such tag");
    let id: Uuid = stage
        .one(&format!(
            "select id from catalog.tracking where listing_id = {product}"
        ))
        .await;
    let tracking = format!("/trackings/{id}");
    let set = async |body: Value| {
        let answer = patch(&stage, &tracking, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    };
    set(json!({ "tags": ["hot"] })).await;
    look().await;
    look().await;
    assert_eq!(told(&stage, "target_price").await, 1, "by its tag, once");
    set(json!({ "tags": ["hot", "other"] })).await;
    look().await;
    assert_eq!(
        told(&stage, "target_price").await,
        1,
        "nothing else applies"
    );

    // What is true when a pause ends.
    set(json!({ "status": "paused" })).await;
    new(json!({ "condition": { "test": "level", "metric": "rank", "at_or_below": 60 } })).await;
    look().await;
    assert_eq!(told(&stage, "rank").await, 0, "it is paused");
    set(json!({ "status": "active" })).await;
    look().await;
    assert_eq!(told(&stage, "rank").await, 1);

    // What a more specific rule kept quiet.
    let other = json!({ "test": "level", "metric": "price", "at_or_below": usd("1.00") });
    let own = new(json!({ "condition": other, "tracking_id": id })).await;
    look().await;
    let before = told(&stage, "target_price").await;
    let ended = stage.call(MINE, Method::DELETE, &own, None, &[]).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    look().await;
    look().await;
    assert_eq!(told(&stage, "target_price").await, before + 1);
}

#[tokio::test]
async fn a_changed_rule_tells_nobody_again_of_what_it_said_before() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let new = json!({ "condition": cheap() });
    let made = stage.post(MINE, "/alert-rules", &new).await.body;
    let path = format!("/alert-rules/{}", made["id"].as_str().expect("an id"));
    let looks = [(50, 1_600), (40, 1_400), (20, 1_450)];
    for (round, (minutes, price)) in (1..).zip(looks) {
        let look = seen(ASIN, ago(minutes), round).price(price);
        stage.crawled(vec![look]).await;
    }
    assert_eq!(
        stage.events("alert.raised").await.len(),
        2,
        "a move, and the limit"
    );
    let limit = json!({ "test": "level", "metric": "price", "at_or_below": usd("14.80") });
    let changed = patch(&stage, &path, json!({ "condition": limit })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    // A late look: all that it may concern is judged anew, by the rule as it is now.
    stage
        .crawled(vec![seen(ASIN, ago(45), 0).price(1_590)])
        .await;
    assert_eq!(stage.events("alert.raised").await.len(), 2);
    let standing: i64 = stage
        .one("select count(*) from catalog.alert where kind = 'target_price' and superseded_at is null")
        .await;
    assert_eq!(standing, 1, "the old version's gives way");
}

#[tokio::test]
async fn a_rule_is_made_changed_and_ended() {
    let stage = Stage::new().await;
    let new = json!({ "name": "Cheap", "condition": cheap(), "severity": "critical" });
    let made = stage.post(MINE, "/alert-rules", &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let id = made.body["id"].as_str().expect("an id").to_owned();
    let path = format!("/alert-rules/{id}");
    assert_eq!(made.body["kind"], "target_price");
    assert_eq!(made.body["condition"], cheap());
    assert_eq!(made.body["version"], 1);
    let shown = stage.get(MINE, &path).await;
    assert_eq!(shown.body, made.body);
    assert!(shown.etag.is_some());
    let listed = stage.get(MINE, "/alert-rules").await.body;
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(3),
        "with those every tenant starts with: {listed}"
    );
    assert_eq!(listed["items"][2]["percent"], 10.0);

    let renamed = patch(&stage, &path, json!({ "name": null })).await.body;
    assert_eq!(
        (&renamed["name"], &renamed["version"]),
        (&Value::Null, &json!(1))
    );
    let off = patch(&stage, &path, json!({ "enabled": false })).await.body;
    assert_eq!(off["version"], 1);
    let on = patch(&stage, &path, json!({ "enabled": true })).await.body;
    assert_eq!(on["version"], 2, "switched on it sees everything anew");
    let other = json!({ "test": "availability", "event": "restock" });
    let changed = patch(&stage, &path, json!({ "condition": other }))
        .await
        .body;
    assert_eq!(
        (&changed["kind"], &changed["version"], &changed["severity"]),
        (&json!("restock"), &json!(3), &json!("critical"))
    );
    let ended = stage.call(MINE, Method::DELETE, &path, None, &[]).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.get(MINE, &path).await.status, StatusCode::NOT_FOUND);
    let again = stage.call(MINE, Method::DELETE, &path, None, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_by_field() {
    let stage = Stage::new().await;
    let refused = async |path: &str, body: Value, field: &str| {
        let answer = stage.post(MINE, path, &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        let errors = answer.body["errors"].as_array().expect("errors");
        assert!(
            errors.iter().any(|error| error["field"] == field),
            "{field}: {}",
            answer.body
        );
    };
    let rules = "/alert-rules";
    refused(rules, json!({}), "condition").await;
    refused(
        rules,
        json!({ "condition": cheap(), "severity": "loud" }),
        "severity",
    )
    .await;
    refused(rules, json!({ "condition": cheap(), "name": " " }), "name").await;
    refused(
        rules,
        json!({ "condition": cheap(), "colour": "red" }),
        "colour",
    )
    .await;
    let unknown = "0199c3a0-0000-7000-8000-00000000dead";
    refused(
        rules,
        json!({ "condition": cheap(), "tracking_id": unknown }),
        "tracking_id",
    )
    .await;
    refused(
        rules,
        json!({ "condition": cheap(), "tracking_id": unknown, "tag": "toys" }),
        "tag",
    )
    .await;
    let nested = json!({ "any": [cheap(), { "test": "move", "metric": "rank", "percent": -1 }] });
    refused(
        rules,
        json!({ "condition": nested }),
        "condition.any[1].percent",
    )
    .await;
    let test = "/alert-rules/test";
    refused(
        test,
        json!({ "rule": { "condition": cheap() } }),
        "product_id",
    )
    .await;
    refused(test, json!({ "product_id": 1 }), "rule").await;
    let bad = json!({ "condition": { "test": "level", "metric": "price" } });
    refused(
        test,
        json!({ "rule": bad, "product_id": 1 }),
        "rule.condition.at_or_below",
    )
    .await;
    let good = json!({ "condition": cheap() });
    refused(
        test,
        json!({ "rule": good, "product_id": 1, "from": "2020-01-01T00:00:00Z" }),
        "from",
    )
    .await;
    let url = format!("https://www.amazon.com/dp/{ASIN}");
    let wrong = json!([{ "condition": cheap() }, { "condition": { "test": "smell" } }]);
    refused(
        "/trackings",
        json!({ "url": url, "rules": wrong }),
        "rules[1].condition.test",
    )
    .await;
}

#[tokio::test]
async fn own_rules_of_any_form_stay_what_they_are_until_they_change() {
    let stage = Stage::new().await;
    let url = format!("https://www.amazon.com/dp/{ASIN}");
    let rules =
        json!([{ "kind": "price", "percent": 50.0 }, { "condition": cheap(), "name": "Cheap" }]);
    let made = stage
        .post(MINE, "/trackings", &json!({ "url": url, "rules": rules }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let id = made.body["id"].as_str().expect("an id");
    assert_eq!(
        made.body["rules"][0],
        json!({ "kind": "price", "percent": 50.0 })
    );
    assert_eq!(made.body["rules"][1]["kind"], "target_price");
    assert_eq!(made.body["rules"][1]["condition"], cheap());
    let versions = async || {
        stage
            .one::<String>(
                "select string_agg(kind || ' ' || version, ', ' order by kind) from catalog.alert_rule
                 where tracking_id is not null and deleted_at is null",
            )
            .await
    };
    let path = format!("/trackings/{id}");
    let same = patch(&stage, &path, json!({ "rules": made.body["rules"] })).await;
    assert_eq!(same.body["rules"], made.body["rules"], "{}", same.body);
    assert_eq!(versions().await, "price 1, target_price 1");
    let moved = json!([{ "kind": "price", "percent": 40 }]);
    assert_eq!(
        patch(&stage, &path, json!({ "rules": moved })).await.status,
        200
    );
    assert_eq!(versions().await, "price 2");
}

#[tokio::test]
async fn rules_of_a_tag_are_for_its_trackings() {
    let stage = Stage::new().await;
    let track = async |asin: &str, tags: Value| {
        let url = format!("https://www.amazon.com/dp/{asin}");
        let body = json!({ "url": url, "tags": tags });
        stage.post(MINE, "/trackings", &body).await.body["product_id"].clone()
    };
    let tagged = track("B0TAGGED01", json!(["dear"])).await;
    track("B0TAGGED02", json!([])).await;
    let rule =
        json!({ "tag": "dear", "condition": { "test": "move", "metric": "price", "percent": 1 } });
    assert_eq!(stage.post(MINE, "/alert-rules", &rule).await.status, 201);
    for (minutes, round, price) in [(30, 1, 2000), (20, 2, 1900)] {
        let looks =
            ["B0TAGGED01", "B0TAGGED02"].map(|asin| seen(asin, ago(minutes), round).price(price));
        stage.crawled(looks.into()).await;
    }
    let alerts = stage.get(MINE, "/alerts").await.body;
    assert_eq!(
        alerts["items"].as_array().map(Vec::len),
        Some(1),
        "{alerts}"
    );
    assert_eq!(alerts["items"][0]["product_id"], tagged);
    let listed = stage.get(MINE, "/alert-rules?tag=dear").await.body;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_rule_is_tried_on_what_was_seen_and_fires_there_as_it_would_have() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let start = Utc::now() - TimeDelta::days(40);
    let looks = [2000, 2000, 1400, 1450, 1990, 1300, 2000].iter().zip(0..);
    let looks =
        looks.map(|(price, day)| seen(ASIN, start + TimeDelta::days(day * 5), 0).price(*price));
    stage.imported(looks.collect()).await;
    let tried = async |rule: Value, more: Value| {
        let mut body = json!({ "rule": { "condition": rule }, "product_id": product });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = stage.post(MINE, "/alert-rules/test", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let told = |body: &Value| -> Vec<(String, f64)> {
        let fired = body["fired"].as_array().expect("alerts");
        let fired = fired.iter().map(|alert| {
            let amount = alert["after"]["amount"].as_str().expect("an amount");
            (
                amount.to_owned(),
                alert["percent"].as_f64().expect("a number"),
            )
        });
        fired.collect()
    };
    let level = tried(cheap(), json!({})).await;
    assert_eq!(
        told(&level),
        [("14.00".to_owned(), -30.0), ("13.00".to_owned(), -34.67)]
            .map(|(amount, percent)| (amount, if percent < -34.0 { -34.67 } else { percent })),
        "{level}"
    );
    assert_eq!((&level["count"], &level["looks"]), (&json!(2), &json!(7)));
    assert_eq!(level["history"]["enough"], true);
    let moved = tried(
        json!({ "test": "move", "metric": "price", "percent": 10 }),
        json!({}),
    )
    .await;
    let stored = stage.get(MINE, "/alerts?kind=price").await.body;
    let mut alerts: Vec<_> = stored["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|alert| alert["occurred_at"].clone())
        .collect();
    alerts.reverse();
    let again: Vec<_> = moved["fired"]
        .as_array()
        .expect("alerts")
        .iter()
        .map(|alert| alert["occurred_at"].clone())
        .collect();
    assert_eq!(again, alerts, "as the default rule did");

    let lowest = json!({ "test": "extreme", "metric": "price", "extreme": "lowest", "days": 90, "min_days": 1 });
    let short = tried(lowest, json!({})).await;
    assert_eq!(short["count"], 2, "{short}");
    assert_eq!(short["history"]["enough"], false);
    assert!(
        short["history"]["note"]
            .as_str()
            .expect("a note")
            .contains("first look")
    );
    let from = start + TimeDelta::days(22);
    let part = tried(cheap(), json!({ "from": from.to_rfc3339() })).await;
    assert_eq!(told(&part).len(), 1);
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.alert where kind = 'target_price'")
            .await,
        0,
        "nothing was stored"
    );
    let unknown = stage
        .post(
            MINE,
            "/alert-rules/test",
            &json!({ "rule": { "condition": cheap() }, "product_id": 999_999 }),
        )
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_trial_shows_no_more_than_the_plan_and_says_what_is_missing() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    assert_eq!(stage.track(THEIRS, ASIN).await, product);
    let at = |days: i64| ago(0) - TimeDelta::days(days);
    let looks = [(200, 900), (150, 2000), (120, 1000), (60, 1400), (10, 700)];
    let looks = looks.map(|(days, price)| seen(ASIN, at(days), 0).price(price));
    stage.imported(looks.to_vec()).await;
    let body = |condition: Value, from: i64, to: i64| {
        json!({ "rule": { "condition": condition }, "product_id": product,
                "from": at(from).to_rfc3339(), "to": at(to).to_rfc3339() })
    };
    let moved = json!({ "test": "move", "metric": "price", "percent": 10 });
    let told = |answer: &Answer| -> Vec<(Value, Value)> {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let fired = answer.body["fired"].as_array().expect("alerts").iter();
        let fired = fired.map(|one| {
            (
                one["before"]["amount"].clone(),
                one["after"]["amount"].clone(),
            )
        });
        fired.collect()
    };
    let path = "/alert-rules/test";
    let mine = stage.post(MINE, path, &body(moved.clone(), 210, 0)).await;
    assert_eq!(told(&mine).len(), 4, "{}", mine.body);
    assert_eq!(mine.body["limited_to"], Value::Null);
    assert_eq!(mine.body["history"]["enough"], true);

    let theirs = stage.post(THEIRS, path, &body(moved.clone(), 210, 0)).await;
    let pairs = [("10.00", "14.00"), ("14.00", "7.00")];
    assert_eq!(
        told(&theirs),
        pairs.map(|(before, after)| (json!(before), json!(after))),
        "what held where the plan begins, and what came after"
    );
    let limit = &theirs.body["limited_to"];
    assert!(limit.is_string(), "{}", theirs.body);
    assert_eq!(&theirs.body["from"], limit);
    assert_eq!(&theirs.body["history"]["from"], limit);
    assert_eq!(theirs.body["history"]["enough"], false);
    let note = theirs.body["history"]["note"].as_str().expect("a note");
    assert!(note.starts_with("Your plan shows nothing before"), "{note}");
    let hidden = stage
        .post(THEIRS, path, &body(moved.clone(), 210, 100))
        .await;
    assert_eq!(hidden.status, 422, "{}", hidden.body);
    // Rules that look far back find no more there, and none breaks for it.
    for condition in [
        json!({ "test": "extreme", "metric": "price", "extreme": "lowest", "days": 180, "min_days": 1 }),
        json!({ "test": "move", "metric": "price", "percent": 10, "baseline": { "kind": "median", "days": 180, "min_days": 1 } }),
        cheap(),
    ] {
        let answer = stage.post(THEIRS, path, &body(condition, 80, 0)).await;
        let before_range = told(&answer).into_iter().map(|(before, _)| before);
        assert!(
            !before_range
                .clone()
                .any(|amount| amount == "9.00" || amount == "20.00")
        );
        assert!(answer.body["limited_to"].is_string());
    }

    // Where looks are gone, it is said.
    let gone = "with gone as (update catalog.history_kept set raw_from = now() - interval '100 days' returning 1)
                select count(*) from gone";
    assert_eq!(stage.one::<i64>(gone).await, 1);
    let part = stage.post(MINE, path, &body(moved.clone(), 210, 0)).await;
    assert_eq!(part.body["history"]["enough"], false, "{}", part.body);
    let note = part.body["history"]["note"].as_str().expect("a note");
    assert!(note.contains("no longer kept"), "{note}");
    let whole = stage.post(MINE, path, &body(moved, 90, 0)).await;
    assert_eq!(whole.body["history"]["enough"], true, "{}", whole.body);
}
