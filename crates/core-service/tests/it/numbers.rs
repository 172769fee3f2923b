//! The numbers people decide by, over the API: they equal what a plain look at the same history says.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::catalog::v1::Observation;
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0NUMBERS1";

async fn statistics(stage: &Stage, product: i64) -> Value {
    let path = format!("/products/{product}/statistics");
    let answer = stage.get(MINE, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("text").parse().expect("a time")
}

#[tokio::test]
async fn before_and_after_the_first_look_little_is_said() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let none = statistics(&stage, product).await;
    assert_eq!(none["looks"], 0);
    assert_eq!(none["confidence"], "low");
    for absent in ["as_of", "since", "price", "rank"] {
        assert!(none[absent].is_null(), "{absent}: {none}");
    }
    assert_eq!(none["stock"]["forecast_missing"], "stock_unknown");

    stage.crawled(vec![seen(ASIN, ago(5), 1).price(1999)]).await;
    let one = statistics(&stage, product).await;
    let price = &one["price"];
    let money = json!({ "amount": "19.99", "currency": "USD" });
    assert_eq!(price["current"], money);
    assert_eq!(price["lowest"]["price"], money);
    assert_eq!(
        price["averages"][0],
        json!({ "days": 30, "price": null, "covered_days": 0.0 })
    );
    assert!(price["cheaper_than_percent"].is_null() && price["trend"].is_null());
    assert_eq!(price["trend_missing"], "too_few_days");
    assert_eq!(
        (&one["looks"], &one["confidence"]),
        (&json!(1), &json!("low"))
    );
}

/// A look a day for so many days, the newest last.
fn daily(days: i64, look: impl Fn(i64, Observation) -> Observation) -> Vec<Observation> {
    let start = ago(0) - TimeDelta::days(days);
    let looks = (0..=days).map(|day| look(day, seen(ASIN, start + TimeDelta::days(day), 0)));
    looks.collect()
}

#[tokio::test]
async fn they_equal_a_plain_look_at_the_same_history() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    // Two years: dear long ago, then 20, then 30 for the last 100 days; every tenth day of these nobody offers it. Today
    // it is 25.
    let looks = daily(730, |day, look| match day {
        0 => look.price(9_900).rank(3),
        730 => look.price(2_500).rank(50),
        day if day < 630 => look.price(2_000).rank(100),
        day if day % 10 == 5 => look.gone().rank(200),
        _ => look.price(3_000).rank(200),
    });
    for batch in looks.chunks(500) {
        stage.imported(batch.to_vec()).await;
    }
    let told = statistics(&stage, product).await;
    assert_eq!(
        (&told["looks"], &told["confidence"]),
        (&json!(366), &json!("normal"))
    );
    assert!(told["cut_at"].is_null());
    assert_eq!(
        time(&told["as_of"]) - time(&told["since"]),
        TimeDelta::days(730)
    );
    let price = &told["price"];
    assert_eq!(price["current"]["amount"], "25.00");
    assert_eq!(price["lowest"]["price"]["amount"], "20.00");
    assert_eq!(
        time(&price["lowest"]["at"]),
        time(&told["since"]) + TimeDelta::days(1)
    );
    assert_eq!(
        price["highest"]["price"]["amount"], "99.00",
        "two years ago is not forgotten"
    );
    assert_eq!(time(&price["highest"]["at"]), time(&told["since"]));
    let average = |days: usize| {
        let gone = (730 - days..730)
            .filter(|day| *day >= 630 && day % 10 == 5)
            .count();
        let dear = days.min(100) - gone;
        let cheap = days - days.min(100);
        let cents = (dear * 3_000 + cheap * 2_000) as f64 / (dear + cheap) as f64;
        (
            format!("{:.2}", cents.round() / 100.0),
            (dear + cheap) as f64,
        )
    };
    for (index, days) in [30, 90, 180, 365].into_iter().enumerate() {
        let (amount, covered) = average(days);
        let shown = &price["averages"][index];
        assert_eq!(shown["price"]["amount"], amount, "{days}: {shown}");
        assert_eq!(shown["covered_days"], covered, "{days}");
    }
    // 90 of 355 days with a price were dearer than today, 265 cheaper.
    assert_eq!(price["cheaper_than_percent"], 25.35);
    assert_eq!(price["dearer_than_percent"], 74.64);
    assert_eq!(
        price["volatility_percent"], 0.0,
        "what was asked did not move, only the offer"
    );
    let out: Vec<_> = told["stock"]["out_of_stock"]
        .as_array()
        .expect("windows")
        .iter()
        .map(|window| window["percent"].as_f64().expect("a number"))
        .collect();
    assert_eq!(out, [10.0, 10.0, 5.55, 2.73]);
    let restocks = &told["stock"]["restocks"];
    assert_eq!(restocks["count"], 10);
    assert_eq!(restocks["typical_gap_seconds"], 864_000);
    assert_eq!(restocks["typical_absence_seconds"], 86_400);
    let forecast = &told["stock"]["forecast"];
    assert_eq!(
        (&forecast["event"], &forecast["method"]),
        (&json!("stock_out"), &json!("past_times"))
    );
    // Back for four days now, and for nine each time before.
    assert_eq!(
        time(&forecast["expected_at"]) - time(&told["as_of"]),
        TimeDelta::days(5)
    );
    assert_eq!(
        (&forecast["samples"], &forecast["tested"]),
        (&json!(9), &json!(6))
    );
    assert_eq!(forecast["error_seconds"], 0);
    assert_eq!(told["rank"]["best"]["rank"], 3);
    assert_eq!(told["rank"]["current"], 50);
    assert_eq!(told["rank"]["averages"][0]["rank"], 200);
}

#[tokio::test]
async fn order_and_repetition_of_arrival_change_no_number() {
    let looks = || {
        daily(120, |day, look| match day % 7 {
            3 => look.gone(),
            n => look
                .price(2_000 + day * 10 + n)
                .rank(100 + i32::try_from(day).expect("small")),
        })
    };
    let mut told = Vec::new();
    let start = looks();
    for order in 0..3 {
        let stage = Stage::new().await;
        let product = stage.track(MINE, ASIN).await;
        let mut arriving = start.clone();
        match order {
            0 => {}
            1 => arriving.reverse(),
            _ => {
                arriving.sort_by_key(|look| {
                    look.observed_at_us
                        .wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed())
                });
                arriving.extend(start.iter().take(60).cloned());
            }
        }
        for batch in arriving.chunks(17) {
            stage.imported(batch.to_vec()).await;
        }
        let mut numbers = statistics(&stage, product).await;
        numbers["product_id"] = Value::Null;
        told.push(numbers);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert_eq!(told[0]["price"]["trend"]["direction"], "rising");
}

#[tokio::test]
async fn they_are_sent_once_to_whom_they_belong_and_by_a_real_clock() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    stage.crawled(vec![seen(ASIN, ago(5), 1).price(1999)]).await;
    let path = format!("/products/{product}/statistics?time_zone=Asia/Shanghai");
    let first = stage.get(MINE, &path).await;
    let tag = first.etag.expect("an ETag");
    let again = stage
        .call(MINE, Method::GET, &path, None, &[("if-none-match", &tag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(stage.get(THEIRS, &path).await.status, StatusCode::NOT_FOUND);
    let wrong = format!("/products/{product}/statistics?time_zone=Shanghai");
    let answer = stage.get(MINE, &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["errors"][0]["field"], "time_zone");
}

#[tokio::test]
async fn what_held_before_the_window_is_known_of_each_figure_by_the_look_that_learnt_it() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let at = |days: i64| ago(0) - TimeDelta::days(days);
    let with_stock = |mut look: Observation, left: i32| {
        look.values.get_or_insert_default().stock_quantity = Some(left);
        look
    };
    // Each look learnt something else; within the last 365 days only the price was told.
    stage
        .imported(vec![
            with_stock(seen(ASIN, at(390), 0).gone().rank(9), 3),
            seen(ASIN, at(385), 0).rank(7),
            seen(ASIN, at(380), 0).price(1200),
            seen(ASIN, at(375), 0),
            seen(ASIN, at(1), 0).price(1100),
        ])
        .await;
    let told = statistics(&stage, product).await;
    assert_eq!(told["rank"]["current"], 7, "{told}");
    assert_eq!(told["rank"]["averages"][0]["rank"], 7);
    assert_eq!(told["price"]["averages"][0]["price"]["amount"], "12.00");
    assert_eq!(told["stock"]["out_of_stock"][3]["percent"], 0.0);
    assert_eq!(told["stock"]["out_of_stock"][3]["covered_days"], 365.0);
    assert_eq!(told["rank"]["best"]["rank"], 7);
    assert_eq!(told["rank"]["worst"]["rank"], 9);
}
