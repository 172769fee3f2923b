//! Observations that arrive late, in any order, end in the same tables as in order.

use chrono::{TimeDelta, TimeZone, Utc};
use contracts::catalog::v1::Observation;
use contracts::catalog::v1::outcome::Status::{Changed, Duplicate};

use crate::observation::{Learnt, seen};
use crate::stage::{MINE, Stage};

const ASIN: &str = "B0LATE0001";

/// A past with moves, gaps, looks that learnt nothing, and the end of a month.
fn past() -> Vec<Observation> {
    let start = Utc
        .with_ymd_and_hms(2026, 1, 31, 20, 0, 0)
        .single()
        .expect("a date");
    let at = |hour| start + TimeDelta::hours(hour);
    vec![
        seen(ASIN, at(0), 0).price(2000).rank(100),
        seen(ASIN, at(1), 0).price(2000).rank(100),
        seen(ASIN, at(2), 0).price(1500).rank(100).rated(450, 10),
        seen(ASIN, at(3), 0),
        seen(ASIN, at(4), 0).gone().rank(200),
        seen(ASIN, at(5), 0).gone().rank(200),
        seen(ASIN, at(6), 0).price(1500).rank(100),
        seen(ASIN, at(7), 0).price(3000).rated(460, 12),
        seen(ASIN, at(8), 0).price(3000),
        seen(ASIN, at(9), 0).price(2000).rank(300),
    ]
}

/// What a past ends in, whatever order it came in; ids and clocks of the receiver left out.
async fn result(stage: &Stage) -> Vec<String> {
    let mut all = stage.dump("catalog.history").await;
    for sql in [
        "select string_agg(concat_ws(' ', observed_at, changed_at, price, known_price, known_rank, known_rating_hundredths, known_review_count, price_change_bp,
                price_changed_at, rank_change_bp, rank_changed_at), ',') from catalog.listing_state",
        "select string_agg(concat_ws(' ', kind, severity, before, after, change_bp, occurred_at), ','
                order by occurred_at, kind) from catalog.alert where superseded_at is null",
    ] {
        all.push(stage.one::<String>(sql).await);
    }
    all
}

#[tokio::test]
async fn any_order_ends_in_the_same_tables() {
    let once = Stage::new().await;
    once.track(MINE, ASIN).await;
    once.imported(past()).await;
    let expected = result(&once).await;
    assert_eq!(expected.len(), 12);

    // Orders with late single rows, late halves and repetitions.
    for order in [
        vec![vec![9], vec![0, 1, 2, 3, 4, 5, 6, 7, 8]],
        vec![vec![1, 3, 5, 7, 9], vec![0, 2, 4, 6, 8]],
        vec![
            vec![9],
            vec![8],
            vec![7],
            vec![6],
            vec![5],
            vec![4],
            vec![3],
            vec![2],
            vec![1],
            vec![0],
        ],
        vec![
            vec![5, 2, 8],
            vec![2, 0, 9],
            vec![1, 7],
            vec![6, 6, 4],
            vec![3],
        ],
    ] {
        let stage = Stage::new().await;
        stage.track(MINE, ASIN).await;
        for chunk in &order {
            let observations = past();
            stage
                .imported(
                    chunk
                        .iter()
                        .map(|index| observations[*index].clone())
                        .collect(),
                )
                .await;
        }
        assert_eq!(result(&stage).await, expected, "{order:?}");
    }
}

#[tokio::test]
async fn a_late_observation_supersedes_and_adds_alerts_and_old_news_tells_nobody() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let start = Utc
        .with_ymd_and_hms(2026, 1, 10, 0, 0, 0)
        .single()
        .expect("a date");
    let at = |hour| start + TimeDelta::hours(hour);
    stage
        .imported(vec![
            seen(ASIN, at(0), 0).price(1000),
            seen(ASIN, at(10), 0).price(1200),
        ])
        .await;
    let alerts = stage
        .get(MINE, &format!("/alerts?product_id={product}"))
        .await
        .body;
    assert_eq!(alerts["items"][0]["percent"], 20.0);
    assert_eq!(alerts["items"][0]["superseded"], false);

    // In truth the price had risen in two small steps, and fallen in between.
    let late = vec![
        seen(ASIN, at(4), 0).price(700),
        seen(ASIN, at(8), 0).price(1150),
    ];
    assert_eq!(
        stage
            .imported(late.clone())
            .await
            .iter()
            .map(|o| o.0)
            .collect::<Vec<_>>(),
        [Changed, Changed]
    );
    let alerts = stage
        .get(MINE, &format!("/alerts?product_id={product}"))
        .await
        .body;
    let told: Vec<_> = alerts["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|alert| {
            (
                alert["percent"].as_f64().expect("a number"),
                alert["superseded"] == true,
            )
        })
        .collect();
    assert_eq!(told, [(20.0, true), (64.28, false), (-30.0, false)]);
    assert!(
        stage.events("alert.raised").await.is_empty(),
        "an import of the past tells nobody"
    );
    assert!(stage.changes().await.is_empty());
    let again = stage.imported(late).await;
    assert!(again.iter().all(|(outcome, _)| *outcome == Duplicate));
}
