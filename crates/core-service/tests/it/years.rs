//! Eight years of a real price: whatever way they come in, the same comes out, and it is what the file says.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{Content, Observation, Values};
use serde_json::Value;

use crate::stage::{MINE, Stage};

/// See `fixtures/README.md`.
const WEEKS: &str = include_str!("../fixtures/crude_oil_weekly.csv");
const PAGE: &str = "https://www.eia.gov/dnav/pet/hist/RWTCD.htm";

/// The file's rows: when, and cents.
fn weeks() -> Vec<(DateTime<Utc>, i64)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let at = cells[1].parse().expect("a time");
        (at, cells[3].replace('.', "").parse().expect("cents"))
    };
    WEEKS.lines().skip(1).map(row).collect()
}

fn observations(product: &Value) -> Vec<Observation> {
    let text = |key: &str| product[key].as_str().expect("text").to_owned();
    let observation = |(at, cents): (DateTime<Utc>, i64)| Observation {
        source: text("source"),
        marketplace: text("marketplace"),
        external_id: text("external_id"),
        observed_at_us: at.timestamp_micros(),
        values: Some(Values {
            offer: Offer::Offered.into(),
            currency: Some("USD".into()),
            price_minor: Some(cents),
            ..Values::default()
        }),
        content: Some(Content {
            title: Some("West Texas Intermediate crude oil (barrel)".into()),
            ..Content::default()
        }),
        ..Observation::default()
    };
    weeks().into_iter().map(observation).collect()
}

/// What a tenant sees afterwards, ids and the receiver's clock left out.
async fn result(stage: &Stage, product: i64) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["", "/history?metric=price&points=5000", "/statistics"] {
        let answer = stage.get(MINE, &format!("/products/{product}{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let mut body = answer.body;
        // The version counts how often it changed, which is a matter of how it came in.
        for own in ["id", "product_id", "tracking_id", "version"] {
            body[own].take();
        }
        seen.push(body);
    }
    seen.push(standing_alerts(stage).await.into());
    seen
}

async fn standing_alerts(stage: &Stage) -> String {
    stage
        .one(
            "select coalesce(string_agg(concat_ws(' ', occurred_at, kind, severity, before, after), ','
                    order by occurred_at, kind), '')
             from catalog.alert where superseded_at is null",
        )
        .await
}

/// Tracks the page, brings the observations in this way, and says what comes out.
async fn imported(bring: impl AsyncFn(&Stage, Vec<Observation>)) -> Vec<Value> {
    let stage = Stage::new().await;
    let tracking = stage
        .post(MINE, "/trackings", &serde_json::json!({ "url": PAGE }))
        .await;
    let product = tracking.body["product_id"].as_i64().expect("an id");
    let shown = stage.get(MINE, &format!("/products/{product}")).await.body;
    bring(&stage, observations(&shown)).await;
    assert!(
        stage.events("alert.raised").await.is_empty(),
        "nobody is told of the past"
    );
    result(&stage, product).await
}

/// A fixed shuffle: each time the same.
fn shuffled(mut all: Vec<Observation>) -> Vec<Observation> {
    let mut state = 20_180_105_u64;
    for last in (1..all.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(state >> 33).expect("small") % (last + 1);
        all.swap(last, place);
    }
    all
}

#[tokio::test]
async fn twice_in_halves_and_in_random_order_is_as_once_in_order() {
    let once = imported(async |stage, all| drop(stage.imported(all).await)).await;
    let alerts = once.last().and_then(Value::as_str).expect("alerts");
    assert!(
        alerts.contains("2020-04-24"),
        "the collapse is an alert: {alerts}"
    );
    let ways = [
        imported(async |stage, all| {
            stage.imported(all.clone()).await;
            stage.imported(all).await;
        })
        .await,
        imported(async |stage, all| {
            let (older, newer) = all.split_at(all.len() / 2);
            stage.imported(newer.to_vec()).await;
            stage.imported(older.to_vec()).await;
        })
        .await,
        imported(async |stage, all| {
            for batch in shuffled(all).chunks(25) {
                stage.imported(batch.to_vec()).await;
            }
        })
        .await,
    ];
    for (way, result) in ["twice", "newer half first", "random order"]
        .iter()
        .zip(&ways)
    {
        for (part, (told, expected)) in result.iter().zip(&once).enumerate() {
            assert_eq!(told, expected, "{way}: part {part}");
        }
    }
}

#[tokio::test]
async fn the_statistics_are_a_plain_computation_over_the_file() {
    let told = imported(async |stage, all| drop(stage.imported(all).await)).await;
    let (history, statistics) = (&told[1], &told[2]);
    let weeks = weeks();
    let (newest, current) = *weeks.last().expect("weeks");

    // Every change of the price and nothing else stands in the line.
    let mut changes = weeks.clone();
    changes.dedup_by_key(|(_, cents)| *cents);
    let line = &history["metrics"]["price"];
    let times: Vec<DateTime<Utc>> = line["t"]
        .as_array()
        .expect("times")
        .iter()
        .map(|at| at.as_str().expect("text").parse().expect("a time"))
        .collect();
    assert_eq!(times, changes.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    let dollars = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let values: Vec<&str> = line["v"]
        .as_array()
        .expect("values")
        .iter()
        .map(|value| value.as_str().expect("text"))
        .collect();
    let expected: Vec<String> = changes.iter().map(|(_, cents)| dollars(*cents)).collect();
    assert_eq!(values, expected);

    let price = &statistics["price"];
    assert_eq!(price["current"]["amount"], dollars(current), "{statistics}");
    let first_at = |extreme: i64| weeks.iter().find(|(_, cents)| *cents == extreme);
    for (name, extreme) in [
        ("lowest", weeks.iter().map(|(_, cents)| *cents).min()),
        ("highest", weeks.iter().map(|(_, cents)| *cents).max()),
    ] {
        let (at, cents) = first_at(extreme.expect("weeks")).expect("there");
        assert_eq!(price[name]["price"]["amount"], dollars(*cents), "{name}");
        let told: DateTime<Utc> = price[name]["at"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a time");
        assert_eq!(told, *at, "{name}");
    }
    for (place, days) in [30, 90, 180, 365].into_iter().enumerate() {
        let begin = newest - TimeDelta::days(days);
        // Each price holds until the next one is seen.
        let held: i64 = weeks
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0.max(begin)).num_seconds().max(0) * pair[0].1)
            .sum();
        let average = held as f64 / TimeDelta::days(days).num_seconds() as f64;
        let told = &price["averages"][place];
        assert_eq!(told["days"], days);
        assert_eq!(told["covered_days"], days as f64);
        let told: f64 = told["price"]["amount"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a number");
        assert_eq!((told * 100.0).round(), average.round(), "{days} days");
    }
}
