//! Every kind of rule through the real ingest.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use contracts::catalog::v1::Observation;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0ENGINE01";

fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

async fn rule(stage: &Stage, condition: Value) -> String {
    let made = stage
        .post(
            MINE,
            "/alert-rules",
            &json!({ "name": "mine", "condition": condition }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["id"].as_str().expect("an id").to_owned()
}

async fn alerts(stage: &Stage, kind: &str) -> Vec<Value> {
    let answer = stage.get(MINE, &format!("/alerts?kind={kind}")).await.body;
    let mut items = answer["items"].as_array().expect("items").clone();
    items.reverse();
    items
}

#[tokio::test]
async fn what_is_true_when_a_rule_is_made_is_told_at_the_next_look_even_if_nothing_moved() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![seen(ASIN, ago(30), 1).price(1400)])
        .await;
    rule(
        &stage,
        json!({ "test": "level", "metric": "price", "at_or_below": usd("15.00") }),
    )
    .await;
    for round in [2, 3] {
        stage
            .crawled(vec![seen(ASIN, Utc::now(), round).price(1400)])
            .await;
    }
    let told = alerts(&stage, "target_price").await;
    assert_eq!(told.len(), 1, "once: {told:?}");
    assert_eq!(told[0]["message"], "the limit is 15.00 USD");
    assert_eq!(
        (&told[0]["before"], &told[0]["after"]),
        (&usd("14.00"), &usd("14.00"))
    );
    assert_eq!(
        (
            &told[0]["rule_name"],
            &told[0]["metric"],
            &told[0]["baseline"]
        ),
        (&json!("mine"), &json!("price"), &json!("limit"))
    );
    assert_eq!(stage.events("alert.raised").await.len(), 1);
    // A tenant that begins to track it is told at its first look, too.
    let condition = json!({ "test": "level", "metric": "price", "at_or_below": usd("15.00") });
    let url = format!("https://www.amazon.com/dp/{ASIN}");
    let body = json!({ "url": url, "rules": [{ "condition": condition }] });
    assert_eq!(stage.post(THEIRS, "/trackings", &body).await.status, 201);
    stage
        .crawled(vec![seen(ASIN, Utc::now(), 4).price(1400)])
        .await;
    let theirs = stage.get(THEIRS, "/alerts").await.body;
    assert_eq!(
        theirs["items"].as_array().map(Vec::len),
        Some(1),
        "{theirs}"
    );
    assert_eq!(alerts(&stage, "target_price").await.len(), 1);
}

#[tokio::test]
async fn sellers_stock_and_words_are_told() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    rule(
        &stage,
        json!({ "test": "buy_box", "event": "lost", "seller": "Acme" }),
    )
    .await;
    rule(
        &stage,
        json!({ "test": "availability", "event": "restock" }),
    )
    .await;
    rule(
        &stage,
        json!({ "test": "availability", "event": "out_of_stock" }),
    )
    .await;
    rule(
        &stage,
        json!({ "test": "level", "metric": "stock_quantity", "at_or_below": 5 }),
    )
    .await;
    rule(
        &stage,
        json!({ "test": "move", "metric": "rating", "absolute": 0.2, "direction": "down" }),
    )
    .await;
    rule(&stage, json!({ "test": "content" })).await;
    let look = |minutes, round, seller: &str, stock| {
        let mut look = seen(ASIN, ago(minutes), round).price(2000);
        let values = look.values.as_mut().expect("values");
        values.buy_box_seller = Some(seller.into());
        values.stock_quantity = Some(stock);
        look
    };
    stage
        .crawled(vec![look(50, 1, "Acme", 10).rated(450, 10).titled("Lamp")])
        .await;
    stage
        .crawled(vec![look(40, 2, "Other", 5).rated(440, 11).titled("Lamp")])
        .await;
    stage.crawled(vec![seen(ASIN, ago(30), 3).gone()]).await;
    stage
        .crawled(vec![
            look(20, 4, "Other", 3).rated(410, 12).titled("Lamp, new"),
        ])
        .await;
    let one = async |kind: &str| {
        let told = alerts(&stage, kind).await;
        assert_eq!(told.len(), 1, "{kind}: {told:?}");
        assert_eq!(told[0]["product_id"], product);
        told[0].clone()
    };
    let lost = one("buy_box").await;
    assert_eq!(
        (&lost["before"], &lost["after"]),
        (&json!("Acme"), &json!("Other"))
    );
    assert!(lost["percent"].is_null());
    assert_eq!(one("restock").await["severity"], "info");
    assert_eq!(one("availability").await["after"], "out_of_stock");
    let stock = one("stock").await;
    assert_eq!((&stock["before"], &stock["after"]), (&json!(10), &json!(5)));
    let rating = one("rating").await;
    assert_eq!(
        (&rating["before"], &rating["after"]),
        (&json!(4.4), &json!(4.1))
    );
    let content = one("content").await;
    assert_eq!(
        (&content["before"], &content["after"]),
        (&json!("Lamp"), &json!("Lamp, new"))
    );
    assert_eq!(
        content["changes"],
        json!([{ "field": "title", "before": "Lamp", "after": "Lamp, new" }])
    );
}

#[tokio::test]
async fn windows_read_history_and_say_nothing_of_too_little() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let median = json!({ "kind": "median", "days": 30, "min_days": 7 });
    let condition = json!({ "test": "move", "metric": "price", "baseline": median, "direction": "down", "percent": 15,
                            "step_percent": 10 });
    rule(&stage, condition).await;
    let lowest = json!({ "test": "extreme", "metric": "price", "extreme": "lowest", "days": 30, "min_days": 7 });
    rule(&stage, lowest).await;
    let at = |days: i64, hours: i64| ago(days * 24 * 60 + hours * 60);
    for (round, (days, hours, price)) in [
        (20, 0, 2000),
        (16, 0, 1650),
        (15, 0, 2000),
        (3, 0, 1680),
        (2, 0, 1670),
        (1, 0, 1450),
        (0, 5, 1990),
    ]
    .into_iter()
    .enumerate()
    {
        let round = i64::try_from(round).expect("small") + 1;
        stage
            .crawled(vec![seen(ASIN, at(days, hours), round).price(price)])
            .await;
    }
    let prices = stage.get(MINE, "/alerts?kind=price").await.body;
    let of_median: Vec<_> = prices["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|alert| alert["baseline"] == "median")
        .map(|alert| {
            (
                alert["after"]["amount"].clone(),
                alert["before"]["amount"].clone(),
            )
        })
        .collect();
    assert_eq!(
        of_median,
        [
            (json!("14.50"), json!("20.00")),
            (json!("16.80"), json!("20.00"))
        ],
        "{prices}"
    );
    let lows = alerts(&stage, "lowest").await;
    assert_eq!(lows.len(), 1, "{lows:?}");
    assert_eq!(lows[0]["before"], usd("16.50"));
    assert_eq!(lows[0]["baseline_days"], 30);
}

fn start() -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2026, 1, 20, 0, 0, 0);
    start.single().expect("a date")
}

/// A past in which every rule has something to say, and some looks learn nothing.
fn past() -> Vec<Observation> {
    let look = |hours: i64, price: i64, rank: i32, stock: i32| {
        let mut look = seen(ASIN, start() + TimeDelta::hours(hours), 0)
            .price(price)
            .rank(rank);
        look.values.as_mut().expect("values").stock_quantity = Some(stock);
        look
    };
    let at = |hours| start() + TimeDelta::hours(hours);
    vec![
        look(0, 2000, 100, 10),
        look(20, 2000, 100, 8),
        look(40, 1600, 150, 4),
        seen(ASIN, at(50), 0),
        look(60, 1550, 90, 3),
        seen(ASIN, at(70), 0).gone().rank(95),
        look(90, 1500, 95, 6),
        look(120, 1300, 200, 5),
        look(200, 2100, 120, 9),
        look(300, 1900, 80, 2),
        look(301, 1400, 80, 2).rated(450, 3),
        look(400, 1350, 81, 1).rated(400, 4),
    ]
}

async fn with_rules() -> Stage {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    let price = |more: Value| {
        let mut test = json!({ "test": "move", "metric": "price", "direction": "down" });
        for (name, value) in more.as_object().expect("an object") {
            test[name] = value.clone();
        }
        test
    };
    let level = json!({ "test": "level", "metric": "price", "at_or_below": usd("16.00"), "hysteresis": usd("4.00"),
                        "step": usd("1.00") });
    let stock = json!({ "test": "level", "metric": "stock_quantity", "at_or_below": 4 });
    for condition in [
        level.clone(),
        stock.clone(),
        price(
            json!({ "baseline": { "kind": "average", "days": 10, "min_days": 1 }, "percent": 10,
                      "hysteresis_percent": 4 }),
        ),
        price(
            json!({ "baseline": { "kind": "median", "days": 5, "min_days": 1 }, "absolute": usd("2.00") }),
        ),
        price(
            json!({ "baseline": { "kind": "fixed", "value": usd("18.00") }, "percent": 12, "step_percent": 5 }),
        ),
        json!({ "test": "extreme", "metric": "price", "extreme": "lowest", "days": 8, "min_days": 1 }),
        json!({ "test": "extreme", "metric": "rank", "extreme": "highest", "days": 8, "min_days": 1 }),
        json!({ "test": "availability", "event": "restock" }),
        json!({ "test": "move", "metric": "rating", "absolute": 0.1 }),
        json!({ "all": [{ "test": "move", "metric": "rank", "percent": 20 }, stock] }),
        json!({ "any": [level, { "test": "availability", "event": "out_of_stock" }] }),
    ] {
        rule(&stage, condition).await;
    }
    stage
}

/// The alerts that stand, by what their rules say.
async fn standing(stage: &Stage) -> String {
    stage
        .one(
            "select coalesce(string_agg(concat_ws(' ', a.occurred_at, a.kind, a.metric, a.severity, a.before, a.after,
                                                  a.change_bp, a.baseline, r.condition), E'\\n'
                                        order by a.occurred_at, r.condition::text), '')
             from catalog.alert a join catalog.alert_rule r on r.id = a.rule_id where a.superseded_at is null",
        )
        .await
}

#[tokio::test]
async fn any_order_and_repetition_leaves_the_same_alerts_standing() {
    let once = with_rules().await;
    once.imported(past()).await;
    let expected = standing(&once).await;
    for kind in [
        "target_price",
        "lowest",
        "highest",
        "stock",
        "restock",
        "availability",
        "rating",
    ] {
        assert!(
            expected.contains(&format!(" {kind} ")),
            "{kind}: {expected}"
        );
    }
    for baseline in ["average", "median", "fixed", "previous", "limit"] {
        assert!(
            expected.contains(&format!(" {baseline} ")),
            "{baseline}: {expected}"
        );
    }
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let orders = prop::collection::vec(0..past().len(), 0..8);
    let shuffled = Just((0..past().len()).collect::<Vec<_>>()).prop_shuffle();
    let strategy = (orders, shuffled, 1_usize..5);
    for _ in 0..6 {
        let (mut order, rest, size) = strategy.new_tree(&mut runner).expect("an order").current();
        order.extend(rest);
        let stage = with_rules().await;
        for chunk in order.chunks(size) {
            let looks = past();
            let looks = chunk.iter().map(|index| looks[*index].clone());
            stage.imported(looks.collect()).await;
        }
        assert_eq!(standing(&stage).await, expected, "{order:?} by {size}");
    }
}

#[tokio::test]
async fn one_by_one_in_order_is_as_all_at_once() {
    let once = with_rules().await;
    once.imported(past()).await;
    let stage = with_rules().await;
    for look in past() {
        stage.imported(vec![look]).await;
    }
    assert_eq!(standing(&stage).await, standing(&once).await);
    let superseded = "select count(*) from catalog.alert where superseded_at is not null";
    assert_eq!(stage.one::<i64>(superseded).await, 0);
}
