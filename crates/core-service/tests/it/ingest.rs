//! Observations in order, again, and broken ones.

use contracts::catalog::v1::Origin;
use contracts::catalog::v1::outcome::Status::{Changed, Duplicate, Refused, Unchanged};
use tonic::Code;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage};

const ASIN: &str = "B0CORE0001";

#[tokio::test]
async fn observations_in_order_become_state_and_history() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let outcomes = stage
        .crawled(vec![
            seen(ASIN, ago(30), 1)
                .price(2000)
                .rank(100)
                .titled("Headphones"),
        ])
        .await;
    assert_eq!(outcomes[0].0, Changed);
    assert_eq!(
        stage
            .crawled(vec![seen(ASIN, ago(20), 2).price(2000).rank(100)])
            .await[0]
            .0,
        Unchanged
    );
    assert_eq!(
        stage
            .crawled(vec![seen(ASIN, ago(10), 3).price(1900).rank(110)])
            .await[0]
            .0,
        Changed
    );

    let shown = stage.get(MINE, &format!("/products/{product}")).await.body;
    assert_eq!(shown["title"], "Headphones");
    assert_eq!(shown["image_url"], "https://images.example/1.jpg");
    assert_eq!(
        shown["price"],
        serde_json::json!({ "amount": "19.00", "currency": "USD" })
    );
    assert_eq!(shown["rank"], 110);
    assert_eq!(shown["rank_category"], "Electronics");
    assert_eq!(
        shown["delta"],
        serde_json::json!({ "price_percent": -5.0, "rank_percent": 10.0 })
    );
    assert_eq!(shown["version"], 3);
    assert_eq!(shown["rating"], serde_json::Value::Null);
    let fulls: Vec<bool> =
        sea_orm::sqlx::query_scalar(r#"select "full" from catalog.history order by observed_at"#)
            .fetch_all(&stage.owner)
            .await
            .expect("rows");
    assert_eq!(
        fulls,
        [true, false, true],
        "an equal row stores its instant only"
    );
}

#[tokio::test]
async fn the_same_batch_again_changes_nothing() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let batch = || {
        vec![
            seen(ASIN, ago(30), 0)
                .price(2000)
                .rank(100)
                .titled("Headphones"),
            seen(ASIN, ago(20), 0).price(1000).rank(10),
            seen(ASIN, ago(10), 0),
        ]
    };
    let first: Vec<_> = batch();
    assert_eq!(stage.imported(first.clone()).await.len(), 3);
    let tables = [
        "catalog.history",
        "catalog.listing",
        "catalog.listing_state",
        "catalog.alert",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(stage.dump(table).await);
    }
    assert_eq!(before[3].len(), 2, "both rules fired");
    let events = stage
        .one::<i64>("select count(*) from catalog.outbox")
        .await;

    let again = stage.imported(first).await;
    assert!(
        again.iter().all(|(outcome, _)| *outcome == Duplicate),
        "{again:?}"
    );
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(stage.dump(table).await, before, "{table}");
    }
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.outbox")
            .await,
        events
    );
}

#[tokio::test]
async fn a_round_is_accepted_once() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    assert_eq!(
        stage
            .crawled(vec![seen(ASIN, ago(30), 4).price(2000)])
            .await[0]
            .0,
        Changed
    );
    // A second worker did the same fetch again, a moment later and with another result.
    assert_eq!(
        stage
            .crawled(vec![seen(ASIN, ago(29), 4).price(2500)])
            .await[0]
            .0,
        Duplicate
    );
    let both = vec![
        seen(ASIN, ago(20), 5).price(2100),
        seen(ASIN, ago(19), 5).price(2200),
    ];
    let outcomes = stage.crawled(both).await;
    assert_eq!(
        [outcomes[0].0, outcomes[1].0],
        [Changed, Duplicate],
        "nor twice in one batch"
    );
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.history")
            .await,
        2
    );
    assert_eq!(
        stage
            .one::<i64>("select last_round from catalog.listing_state")
            .await,
        5
    );
}

#[tokio::test]
async fn a_round_that_comes_after_a_later_one_changes_nothing() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![seen(ASIN, ago(20), 6).price(2000)])
        .await;
    let before = stage.dump("catalog.listing_state").await;
    // A worker that lost its lease long ago and comes back, with what it saw then and with what it sees now.
    for at in [30, 10] {
        let late = stage
            .crawled(vec![seen(ASIN, ago(at), 5).price(1900)])
            .await;
        assert_eq!(late[0].0, Duplicate);
    }
    assert_eq!(stage.dump("catalog.listing_state").await, before);
    let kept = "select count(*) from catalog.history";
    assert_eq!(stage.one::<i64>(kept).await, 1);
}

#[tokio::test]
async fn the_last_good_figures_stay_shown_and_no_offer_shows_no_price() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    let path = format!("/products/{product}");
    stage
        .crawled(vec![
            seen(ASIN, ago(30), 1)
                .price(2000)
                .rank(7)
                .rated(460, 1_234)
                .titled("Headphones"),
        ])
        .await;
    stage.crawled(vec![seen(ASIN, ago(20), 2)]).await;
    let shown = stage.get(MINE, &path).await.body;
    assert_eq!(
        shown["price"]["amount"], "20.00",
        "not collected keeps the last good price"
    );
    assert_eq!(
        (&shown["rank"], &shown["title"]),
        (&7.into(), &"Headphones".into())
    );
    assert_eq!(
        (&shown["rating"], &shown["review_count"]),
        (&4.6.into(), &1_234.into())
    );

    stage.crawled(vec![seen(ASIN, ago(10), 3).gone()]).await;
    let shown = stage.get(MINE, &path).await.body;
    assert!(shown["price"].is_null(), "nobody offers it: {shown}");
    assert_eq!(
        (&shown["in_stock"], &shown["availability"]),
        (&false.into(), &"out_of_stock".into())
    );

    let history = stage
        .get(MINE, &format!("{path}/history?metric=price,rank"))
        .await
        .body;
    let price = &history["metrics"]["price"];
    assert_eq!(
        price["v"],
        serde_json::json!(["20.00", null]),
        "a gap, and no point where it was not collected"
    );
    assert_eq!(price["currency"], "USD");
    assert_eq!(history["metrics"]["rank"]["v"], serde_json::json!([7]));
}

#[tokio::test]
async fn a_broken_observation_fails_alone() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let mut zero = seen(ASIN, ago(30), 1).price(2000);
    zero.values.as_mut().expect("values").price_minor = Some(0);
    let outcomes = stage
        .crawled(vec![
            zero,
            seen("B0NOBODY01", ago(30), 1).price(2000),
            seen(ASIN, ago(-60), 1).price(2000),
            seen("B0\u{0}", ago(30), 1).price(2000),
            seen(ASIN, ago(30), 1).price(2000),
        ])
        .await;
    let statuses: Vec<_> = outcomes.iter().map(|(status, _)| *status).collect();
    assert_eq!(
        statuses,
        [Refused, Refused, Refused, Refused, Changed],
        "{outcomes:?}"
    );
    assert_eq!(outcomes[1].1, "unknown listing");
    assert!(
        outcomes[0].1.contains("not positive") && outcomes[2].1.contains("future"),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn only_workers_bring_crawls_and_only_operators_imports() {
    let stage = Stage::new().await;
    for (token, origin, code) in [
        ("w", Origin::Import, Code::PermissionDenied),
        ("o", Origin::Crawl, Code::PermissionDenied),
        ("r", Origin::Crawl, Code::PermissionDenied),
        ("w", Origin::Unspecified, Code::InvalidArgument),
        ("x", Origin::Crawl, Code::Unauthenticated),
    ] {
        let refused = stage
            .ingest(&token.repeat(16), origin, Vec::new())
            .await
            .expect_err("refused");
        assert_eq!(refused.code(), code, "{token} {origin:?}");
    }
}

#[tokio::test]
async fn many_callers_at_once_lose_nothing() {
    let stage = Stage::new().await;
    let asins: Vec<String> = (0..20).map(|n| format!("B0MANY{n:04}")).collect();
    for asin in &asins {
        stage.track(MINE, asin).await;
    }
    // A second process with a batch of its own works on the same listings in the opposite order.
    let second = core_service::ingest::Ingest::new(stage.pools.system.clone(), Default::default());
    let second = core_service::ingest::Coalescer::start(second, Default::default());
    let calls = (1..=8).map(|round| {
        let mut batch: Vec<_> = asins
            .iter()
            .map(|asin| seen(asin, ago(100 - round), round).price(1000 + round))
            .collect();
        if round % 2 == 0 {
            batch.reverse();
        }
        let (stage, second) = (&stage, &second);
        async move {
            if round % 2 == 0 {
                let origin = core_service::ingest::Origin::Import;
                for observation in &mut batch {
                    observation.round = 0;
                }
                second
                    .store(core_service::ingest::Batch {
                        origin,
                        observations: batch,
                    })
                    .await
                    .expect("stored");
            } else {
                stage
                    .imported(
                        batch
                            .into_iter()
                            .map(|mut o| {
                                o.round = 0;
                                o
                            })
                            .collect(),
                    )
                    .await;
            }
        }
    });
    futures::future::join_all(calls).await;
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.history")
            .await,
        160
    );
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.listing_state where price = 1008")
            .await,
        20
    );
}
