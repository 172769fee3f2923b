//! Any order and repetition of the same observations gives the same history, state and alerts, and all of them are what
//! a plain reckoning says.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use contracts::catalog::v1::Observation;
use contracts::catalog::v1::outcome::Status;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::sqlx::{self, Row as _};
use tokio::runtime::Runtime;

use crate::observation::{Learnt, seen};
use crate::plain::{self, Alert, Look, Offer, Outcome, Row, State};
use crate::stage::{MINE, Stage};

/// Cases tried; `PROPTEST_CASES` asks for others.
const CASES: u32 = 48;
/// Instants there are, so that looks meet at one.
const INSTANTS: i64 = 24;

/// The n-th instant: half an hour apart, over the end of a month.
fn instant(n: i64) -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 1, 31, 18, 0, 0);
    start.single().expect("a date") + TimeDelta::minutes(30 * n)
}

fn look() -> impl Strategy<Value = Look> {
    let offer = prop_oneof![
        2 => Just(Offer::NotLearnt),
        1 => Just(Offer::Nobody),
        6 => prop::sample::select(vec![900, 1_000, 1_050, 1_150, 2_000]).prop_map(Offer::Price),
    ];
    let few = |values: Vec<i32>| prop::option::of(prop::sample::select(values));
    (
        offer,
        few(vec![0, 5]),
        few(vec![100, 120, 160, 500]),
        few(vec![440, 450]),
        few(vec![10, 12]),
    )
        .prop_map(|(offer, stock, rank, rating, reviews)| Look {
            offer,
            stock,
            rank,
            rating,
            reviews,
        })
}

/// Looks, and an order with repetitions in which they arrive, in batches.
#[derive(Debug, Clone)]
struct Case {
    looks: Vec<(i64, Look)>,
    batches: Vec<Vec<usize>>,
}

fn case() -> impl Strategy<Value = Case> {
    prop::collection::vec((0..INSTANTS, look()), 1..14).prop_flat_map(|looks| {
        let all: Vec<usize> = (0..looks.len()).collect();
        let again = prop::collection::vec(0..looks.len(), 0..4);
        let order =
            again.prop_flat_map(move |again| Just([all.clone(), again].concat()).prop_shuffle());
        (Just(looks), order, 1..6_usize).prop_map(|(looks, order, size)| Case {
            looks,
            batches: order.chunks(size).map(<[usize]>::to_vec).collect(),
        })
    })
}

fn observation(asin: &str, (at, look): &(i64, Look)) -> Observation {
    let seen = seen(asin, instant(*at), 0);
    let mut seen = match look.offer {
        Offer::NotLearnt => seen,
        Offer::Price(cents) => seen.price(cents),
        Offer::Nobody => seen.gone(),
    };
    if let Some(rank) = look.rank {
        seen = seen.rank(rank);
    }
    let values = seen.values.get_or_insert_default();
    values.stock_quantity = look.stock;
    values.rating_hundredths = look.rating;
    values.review_count = look.reviews;
    seen
}

/// What stands in the tables of a listing.
async fn stored(stage: &Stage, listing: i64) -> Outcome {
    let history = sqlx::query(
        r#"select observed_at, "full", offer, price, stock_quantity, rank, rating_hundredths, review_count
           from catalog.history where listing_id = $1 order by observed_at"#,
    );
    let rows = history.bind(listing).fetch_all(&stage.owner).await;
    let rows = rows.expect("rows");
    let history = rows.iter().map(|row| Row {
        at: row.get("observed_at"),
        said: row.get::<bool, _>("full").then(|| said(row)),
    });
    let state = sqlx::query("select * from catalog.listing_state where listing_id = $1");
    let row = state.bind(listing).fetch_one(&stage.owner).await;
    let row = row.expect("a state");
    let moved = |change: &str, at: &str| {
        let change: Option<i64> = row.get(change);
        change.zip(row.get(at))
    };
    let state = State {
        observed_at: row.get("observed_at"),
        changed_at: row.get("changed_at"),
        now: said(&row),
        known_price: row.get("known_price"),
        known_rank: row.get("known_rank"),
        known_rating: row.get("known_rating_hundredths"),
        known_reviews: row.get("known_review_count"),
        price_moved: moved("price_change_bp", "price_changed_at"),
        rank_moved: moved("rank_change_bp", "rank_changed_at"),
    };
    let alerts = sqlx::query(
        "select occurred_at, kind, before, after from catalog.alert
         where listing_id = $1 and superseded_at is null",
    );
    let rows = alerts.bind(listing).fetch_all(&stage.owner).await;
    let mut alerts: Vec<Alert> = rows.expect("rows").iter().map(alert).collect();
    alerts.sort();
    Outcome {
        history: history.collect(),
        state,
        alerts,
    }
}

fn said(row: &sqlx::postgres::PgRow) -> Look {
    Look {
        offer: match row.get::<i16, _>("offer") {
            1 => Offer::Price(row.get("price")),
            2 => Offer::Nobody,
            _ => Offer::NotLearnt,
        },
        stock: row.get("stock_quantity"),
        rank: row.get("rank"),
        rating: row.get("rating_hundredths"),
        reviews: row.get("review_count"),
    }
}

fn alert(row: &sqlx::postgres::PgRow) -> Alert {
    let figure = |name: &str| {
        let json: serde_json::Value = row.get(name);
        let amount = json["amount"].as_str().map(|text| text.replace('.', ""));
        let cents = amount.map(|digits| digits.parse().expect("digits"));
        cents.or(json.as_i64()).expect("a figure")
    };
    Alert {
        at: row.get("occurred_at"),
        kind: match row.get("kind") {
            "price" => "price",
            "rank" => "rank",
            other => panic!("nobody asked for {other}"),
        },
        before: figure("before"),
        after: figure("after"),
    }
}

/// A product of its own for each run.
async fn track(stage: &Stage) -> (String, i64) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let asin = format!("B0ANY{:05}", NEXT.fetch_add(1, Ordering::Relaxed));
    let listing = stage.track(MINE, &asin).await;
    (asin, listing)
}

async fn import(stage: &Stage, asin: &str, looks: impl Iterator<Item = &(i64, Look)>) {
    let observations = looks.map(|look| observation(asin, look)).collect();
    for (outcome, reason) in stage.imported(observations).await {
        assert_ne!(outcome, Status::Refused, "{reason}");
    }
}

#[test]
fn any_order_and_repetition_is_what_a_plain_reckoning_says() {
    let seed: u64 = match std::env::var("BELLWETHER_TEST_SEED") {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => rand::random(),
    };
    println!("BELLWETHER_TEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(CASES),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let runtime = Runtime::new().expect("a runtime");
    let stage = runtime.block_on(Stage::new());
    let tried = runner.run(&case(), |case| {
        let outcomes = runtime.block_on(async {
            let (asin, once) = track(&stage).await;
            let mut sorted = case.looks.clone();
            sorted.sort();
            import(&stage, &asin, sorted.iter()).await;
            let (asin, mixed) = track(&stage).await;
            for batch in &case.batches {
                import(&stage, &asin, batch.iter().map(|place| &case.looks[*place])).await;
            }
            [stored(&stage, once).await, stored(&stage, mixed).await]
        });
        let plain = plain::reckon(case.looks.iter().map(|(at, look)| (instant(*at), *look)));
        let [once, mixed] = outcomes;
        prop_assert_eq!(&once, &plain, "in order");
        prop_assert_eq!(&mixed, &plain, "in this order");
        Ok(())
    });
    // Before the runtime, which its pools need.
    drop(stage);
    if let Err(failed) = tried {
        panic!("{failed}");
    }
}
