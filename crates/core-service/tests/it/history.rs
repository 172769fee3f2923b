//! Lines of history: what held before, gaps, thinning that keeps what matters, several products, and the table.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode, header};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sea_orm::sqlx;
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0HISTORY1";

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn lines(stage: &Stage, path: &str) -> Value {
    let answer = stage.get(MINE, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_range_begins_with_what_held_and_gaps_are_null() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    stage
        .imported(vec![
            seen(ASIN, ago(100), 0).price(2000).rank(7).rated(450, 10),
            seen(ASIN, ago(90), 0).rank(7),
            seen(ASIN, ago(50), 0).rank(8),
            seen(ASIN, ago(40), 0).gone().rank(8),
            seen(ASIN, ago(30), 0).price(1500).rank(9),
        ])
        .await;
    let from = ago(60);
    let path = format!(
        "/products/{product}/history?metric=price,rank,rating,stock_quantity&from={}",
        iso(from)
    );
    let history = lines(&stage, &path).await;
    let metrics = &history["metrics"];
    let at = |minutes: i64| iso(ago(minutes));
    let same = |line: &Value, t: Value, v: Value| {
        // The clock may have gone on by a second since the looks were made: compare minutes.
        let minutes = |times: &Value| -> Vec<i64> {
            let times = times.as_array().expect("times").iter();
            times
                .map(|at| {
                    at.as_str()
                        .expect("text")
                        .parse::<DateTime<Utc>>()
                        .expect("a time")
                })
                .map(|at| (at.timestamp() + 30) / 60)
                .collect()
        };
        assert_eq!(minutes(&line["t"]), minutes(&t), "{line}");
        assert_eq!(line["v"], v, "{line}");
    };
    same(
        &metrics["price"],
        json!([iso(from), at(40), at(30)]),
        json!(["20.00", null, "15.00"]),
    );
    assert_eq!(metrics["price"]["currency"], "USD");
    same(
        &metrics["rank"],
        json!([iso(from), at(50), at(30)]),
        json!([7, 8, 9]),
    );
    same(&metrics["rating"], json!([iso(from)]), json!([4.5]));
    same(&metrics["stock_quantity"], json!([]), json!([]));
    assert_eq!(history["thinned"], false);

    // A range in which nothing moved shows what held.
    let path = format!(
        "/products/{product}/history?metric=price&from={}&to={}",
        iso(ago(80)),
        iso(ago(70))
    );
    let quiet = lines(&stage, &path).await;
    assert_eq!(quiet["metrics"]["price"]["v"], json!(["20.00"]));
    // Before the first look nothing held.
    let path = format!(
        "/products/{product}/history?metric=price&from={}&to={}",
        at(300),
        at(200)
    );
    assert_eq!(
        lines(&stage, &path).await["metrics"]["price"]["v"],
        json!([])
    );
}

#[tokio::test]
async fn what_held_may_have_been_seen_long_before() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let days = |days: i64| ago(days * 24 * 60);
    stage
        .imported(vec![
            seen(ASIN, days(400), 0).rank(6).rated(450, 10),
            seen(ASIN, days(200), 0).price(2000).rank(7),
            seen(ASIN, days(20), 0).rank(8),
        ])
        .await;
    let path = format!(
        "/products/{product}/history?metric=price,rank,rating&from={}",
        iso(days(10))
    );
    let metrics = &lines(&stage, &path).await["metrics"];
    assert_eq!(metrics["price"]["v"], json!(["20.00"]), "months before");
    assert_eq!(metrics["rank"]["v"], json!([8]), "days before");
    assert_eq!(metrics["rating"]["v"], json!([]), "more than a year before");
}

#[tokio::test]
async fn amounts_in_another_currency_are_gaps() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let mut euros = seen(ASIN, ago(50), 0).price(900);
    euros.values.as_mut().expect("values").currency = Some("EUR".into());
    stage
        .imported(vec![
            seen(ASIN, ago(60), 0).price(1000),
            euros,
            seen(ASIN, ago(40), 0).price(1100),
        ])
        .await;
    let history = lines(&stage, &format!("/products/{product}/history?metric=price")).await;
    let price = &history["metrics"]["price"];
    assert_eq!(price["v"], json!(["10.00", null, "11.00"]));
    let since = format!(
        "/products/{product}/history?metric=price&from={}",
        iso(ago(45))
    );
    assert_eq!(
        lines(&stage, &since).await["metrics"]["price"]["v"],
        json!([null, "11.00"]),
        "euros held, and the line is in dollars"
    );
}

/// A value a minute: a saw with a spike, a dip, and two gaps.
async fn saw(stage: &Stage, product: i64) -> Vec<(DateTime<Utc>, Option<i64>)> {
    let points: Vec<(DateTime<Utc>, Option<i64>)> = (0..6_000_i64)
        .map(|n| {
            let value = match n {
                1_234 => Some(90_000),
                4_321 => Some(3),
                2_000 | 5_000..5_003 => None,
                _ => Some(1_000 + n % 7),
            };
            (ago(6_000 - n), value)
        })
        .collect();
    let (times, prices): (Vec<_>, Vec<_>) = points.iter().copied().unzip();
    sqlx::query(
        r#"insert into catalog.history (listing_id, observed_at, "full", origin, offer, currency, price, rank, availability)
           select $1, at, true, 1, case when price is null then 2 else 1 end, 'USD', price, coalesce(price, 5), 'in_stock'
           from unnest($2::timestamptz[], $3::bigint[]) as p (at, price)"#,
    )
    .bind(product)
    .bind(&times)
    .bind(&prices)
    .execute(&stage.owner)
    .await
    .expect("stored");
    sqlx::query("update catalog.listing_state set observed_at = $2 where listing_id = $1")
        .bind(product)
        .bind(times.last())
        .execute(&stage.owner)
        .await
        .expect("stored");
    points
}

fn cents(line: &Value) -> Vec<(DateTime<Utc>, Option<i64>)> {
    let times = line["t"].as_array().expect("times").iter();
    let times = times.map(|at| at.as_str().expect("text").parse().expect("a time"));
    let values = line["v"].as_array().expect("values").iter();
    let values = values.map(|value| {
        let text = value.as_str()?;
        Some(text.replace('.', "").parse().expect("an amount"))
    });
    times.zip(values).collect()
}

#[tokio::test]
async fn thinning_keeps_extremes_ends_and_gaps_as_long_as_they_were() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let all = saw(&stage, product).await;
    let path =
        |points: u32| format!("/products/{product}/history?metric=price,rank&points={points}");

    let history = lines(&stage, &path(200)).await;
    assert_eq!(history["thinned"], true);
    let kept = cents(&history["metrics"]["price"]);
    assert!((100..=200).contains(&kept.len()), "{}", kept.len());
    assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    let real: BTreeMap<_, _> = all.iter().copied().collect();
    for (at, value) in &kept {
        assert_eq!(real.get(at), Some(value), "every point is a real one");
    }
    for index in [0, 1_234, 4_321, 5_999] {
        assert!(kept.contains(&all[index]), "{index}");
    }
    let gap = |from: usize| {
        let begins = kept.iter().position(|(at, _)| *at == all[from].0);
        let begins = begins.expect("the gap's beginning");
        assert_eq!(kept[begins].1, None);
        kept[begins + 1].0
    };
    assert_eq!(gap(2_000), all[2_001].0);
    assert_eq!(gap(5_000), all[5_003].0, "no longer than it was");
    let ranks = history["metrics"]["rank"]["v"].as_array().expect("ranks");
    assert!(ranks.len() <= 200 && ranks.contains(&json!(90_000)) && ranks.contains(&json!(3)));

    // With what held before the range there are no more points than wanted, either.
    for points in [10, 11, 13, 200] {
        let from = iso(all[10].0 - TimeDelta::seconds(1));
        for to in [all[25].0, all[19].0, all[5_000].0] {
            let some = format!("{}&from={from}&to={}", path(points), iso(to));
            let part = lines(&stage, &some).await;
            for metric in ["price", "rank"] {
                let points_of = part["metrics"][metric]["t"].as_array().map(Vec::len);
                assert!(
                    points_of <= Some(points as usize),
                    "{metric}: {points_of:?} of {points}"
                );
            }
        }
    }

    // Few enough to be told whole.
    let some = format!(
        "{}&from={}&to={}",
        path(1_000),
        iso(all[100].0),
        iso(all[900].0)
    );
    let whole = lines(&stage, &some).await;
    assert_eq!(whole["thinned"], false);
    assert_eq!(cents(&whole["metrics"]["price"]), all[100..=900]);
}

#[tokio::test]
async fn several_products_are_told_at_once_and_unknown_ones_named() {
    let stage = Stage::new().await;
    let first = stage.track(MINE, "B0HISTORY2").await;
    let second = stage.track(MINE, "B0HISTORY3").await;
    let waiting = stage.track(MINE, "B0HISTORY4").await;
    let theirs = stage.track(THEIRS, "B0HISTORY5").await;
    stage
        .imported(vec![
            seen("B0HISTORY2", ago(30), 0).price(2000),
            seen("B0HISTORY3", ago(20), 0).price(3000),
            seen("B0HISTORY5", ago(20), 0).price(4000),
        ])
        .await;
    let unknown = 999_999_999;
    let path = format!(
        "/products/history?ids={second},{first},{theirs},{waiting},{unknown},{first}&metric=price"
    );
    let answer = stage.get(MINE, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let items = answer.body["items"].as_array().expect("items");
    let told: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["product_id"].clone(),
                item["metrics"]["price"]["v"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (json!(second), json!(["30.00"])),
            (json!(first), json!(["20.00"])),
            (json!(waiting), json!([])),
        ]
    );
    assert_eq!(
        answer.body["not_found"],
        json!([theirs, unknown]),
        "another tenant's is like an unknown one"
    );
    let tag = answer.etag.expect("an ETag");
    let again = stage
        .call(MINE, Method::GET, &path, None, &[("if-none-match", &tag)])
        .await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_with_words() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let many: Vec<String> = (1..=21).map(|id| id.to_string()).collect();
    let many = many.join(",");
    let all = "price,list_price,buy_box_price,rank,rating,review_count,stock_quantity";
    let twenty = many.trim_end_matches(",21");
    for (path, field) in [
        (format!("/products/{product}/history?points=0"), "points"),
        (
            format!("/products/{product}/history?metric=price,"),
            "metric",
        ),
        (
            format!(
                "/products/{product}/history?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"
            ),
            "from",
        ),
        ("/products/history?metric=price".to_owned(), "ids"),
        ("/products/history?ids=1,x".to_owned(), "ids"),
        (format!("/products/history?ids={many}"), "ids"),
        (
            format!("/products/history?ids={twenty}&metric={all}&points=5000"),
            "points",
        ),
        (
            format!(
                "/products/{product}/history.csv?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"
            ),
            "from",
        ),
        (
            format!("/products/{product}/history.csv?points=10"),
            "points",
        ),
    ] {
        let answer = stage.get(MINE, &path).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {}",
            answer.body
        );
        assert_eq!(
            answer.body["errors"][0]["field"], field,
            "{path}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn the_table_has_every_look_and_streams_page_by_page() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let start = ago(200_000);
    let at = |n: i64| start + TimeDelta::minutes(n * 30);
    let looks = (0..4_500).map(|n| {
        let look = seen(ASIN, at(n), 0).rank(5);
        match n {
            10 => look.gone(),
            0..4_000 => look.price(1000),
            _ => look.price(1250),
        }
    });
    let mut looks: Vec<_> = looks.collect();
    let content = looks[4_499].content.get_or_insert_default();
    content.title = Some("=Lamp, blue".into());
    for batch in looks.chunks(1_000) {
        stage.imported(batch.to_vec()).await;
    }
    let response = stage
        .respond(
            MINE,
            Method::GET,
            &format!("/products/{product}/history.csv"),
            None,
            &[],
        )
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    let head = response.headers().clone();
    assert_eq!(
        head[header::CONTENT_TYPE],
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        head[header::CONTENT_DISPOSITION],
        format!("attachment; filename=\"amazon-{ASIN}-history.csv\"")
    );
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20)
        .await
        .expect("a body");
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 4_501, "a header and every look");
    assert!(rows[0].starts_with("external_id,observed_at,currency,price,"));
    let row = |n: i64, cells: &str| format!("{ASIN},{},{cells},\"'=Lamp, blue\"", iso(at(n)));
    assert_eq!(rows[1], row(0, "USD,10.00,,,,5,,,,true"));
    assert_eq!(rows[11], row(10, ",,,,,5,,,,false"));
    assert_eq!(
        rows[3_000],
        row(2_999, "USD,10.00,,,,5,,,,true"),
        "an unchanged look repeats what held"
    );
    assert_eq!(rows[4_500], row(4_499, "USD,12.50,,,,5,,,,true"));

    let path = format!(
        "/products/{product}/history.csv?from={}&to={}",
        iso(at(4_400)),
        iso(at(4_401))
    );
    let part = stage.respond(MINE, Method::GET, &path, None, &[]).await;
    let bytes = axum::body::to_bytes(part.into_body(), 1 << 20)
        .await
        .expect("a body");
    let text = String::from_utf8_lossy(&bytes);
    assert_eq!(
        text.lines().nth(1),
        Some(row(4_400, "USD,12.50,,,,5,,,,true").as_str())
    );
    assert_eq!(text.lines().count(), 3);
}

#[tokio::test]
async fn a_plan_ends_what_is_shown_and_says_so() {
    let stage = Stage::new().await;
    let days = |days: i64| ago(days * 24 * 60);
    let looks = vec![
        seen(ASIN, days(200), 0).price(900).rank(3),
        seen(ASIN, days(120), 0).price(2_000).rank(70),
        seen(ASIN, days(10), 0).price(1_500).rank(50),
    ];
    // The same listing for both: one sees ten years, the other 90 days.
    let product = stage.track(MINE, ASIN).await;
    assert_eq!(stage.track(THEIRS, ASIN).await, product);
    stage.imported(looks).await;
    let limit = days(90)
        .date_naive()
        .and_time(chrono::NaiveTime::MIN)
        .and_utc();
    let path = format!("/products/{product}/history?metric=price");

    let whole = lines(&stage, &path).await;
    assert_eq!(
        whole["metrics"]["price"]["v"],
        json!(["9.00", "20.00", "15.00"])
    );
    assert!(whole["limited_to"].is_null(), "{whole}");
    for asked in [path.clone(), format!("{path}&from={}", iso(days(150)))] {
        let answer = stage.get(THEIRS, &asked).await;
        let part = answer.body;
        assert_eq!(part["limited_to"], iso(limit), "{part}");
        assert_eq!(part["from"], iso(limit));
        // What held when it begins, and what came after.
        assert_eq!(part["metrics"]["price"]["v"], json!(["20.00", "15.00"]));
        assert_eq!(part["metrics"]["price"]["t"][0], iso(limit));
        let again = stage.get(THEIRS, &asked).await;
        assert_eq!(again.etag, answer.etag, "the same until tomorrow");
    }
    let before = format!("{path}&from={}&to={}", iso(days(210)), iso(days(100)));
    let nothing = stage.get(THEIRS, &before).await.body;
    assert_eq!(nothing["metrics"]["price"]["v"], json!([]));
    assert_eq!(nothing["limited_to"], iso(limit));
    let recent = format!("{path}&from={}", iso(days(20)));
    let recent = stage.get(THEIRS, &recent).await.body;
    assert!(recent["limited_to"].is_null(), "{recent}");

    let numbers = format!("/products/{product}/statistics");
    let ours = lines(&stage, &numbers).await;
    assert_eq!(ours["price"]["lowest"]["price"]["amount"], "9.00");
    assert!(ours["limited_to"].is_null());
    let theirs = stage.get(THEIRS, &numbers).await.body;
    assert_eq!(theirs["limited_to"], iso(limit), "{theirs}");
    assert_eq!(theirs["since"], iso(limit));
    assert_eq!(theirs["price"]["lowest"]["price"]["amount"], "15.00");
    let highest = &theirs["price"]["highest"];
    assert_eq!(
        (&highest["price"]["amount"], &highest["at"]),
        (&json!("20.00"), &json!(iso(limit))),
        "what held then was seen then"
    );
    assert_eq!(theirs["looks"], 1);

    let table = format!("/products/{product}/history.csv");
    let table = stage.respond(THEIRS, Method::GET, &table, None, &[]).await;
    assert!(table.headers().contains_key("bellwether-limited-to"));
    let bytes = axum::body::to_bytes(table.into_body(), 1 << 20)
        .await
        .expect("a body");
    assert_eq!(
        String::from_utf8_lossy(&bytes).lines().count(),
        2,
        "a header and a look"
    );
}

#[tokio::test]
async fn a_history_without_looks_stands_where_watching_began() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let path = format!("/products/{product}/history");
    let first = stage.get(MINE, &path).await;
    let from: DateTime<Utc> = first.body["from"]
        .as_str()
        .expect("text")
        .parse()
        .expect("a time");
    assert!((Utc::now() - from).num_minutes() < 5, "{}", first.body);
    assert_eq!(first.body["from"], first.body["to"]);
    assert_eq!(stage.get(MINE, &path).await.etag, first.etag);
}
