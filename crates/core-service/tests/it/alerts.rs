//! Rules of tenants and trackings, both directions, acknowledging.

use serde_json::json;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

const ASIN: &str = "B0ALERT001";

#[tokio::test]
async fn moves_either_way_raise_alerts_and_tell_once() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![
            seen(ASIN, ago(40), 1)
                .price(2000)
                .rank(100)
                .titled("Headphones"),
        ])
        .await;
    assert!(
        stage.events("alert.raised").await.is_empty(),
        "the first look compares with nothing"
    );
    stage
        .crawled(vec![seen(ASIN, ago(30), 2).price(1600).rank(125)])
        .await;
    stage
        .crawled(vec![seen(ASIN, ago(20), 3).price(1760).rank(170)])
        .await;
    stage
        .crawled(vec![seen(ASIN, ago(10), 4).price(3000).rank(171)])
        .await;

    let alerts = stage.get(MINE, "/alerts").await.body;
    let told: Vec<_> = alerts["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|alert| {
            (
                alert["kind"].as_str(),
                alert["percent"].as_f64(),
                alert["severity"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("price"), Some(70.45), Some("critical")),
            (Some("rank"), Some(36.0), Some("warning")),
            (Some("price"), Some(-20.0), Some("warning")),
        ],
        "a move of exactly the threshold does not fire"
    );
    let events = stage.events("alert.raised").await;
    assert_eq!(events.len(), 3);
    assert_eq!(
        events[0]["before"],
        json!({ "amount": "20.00", "currency": "USD" })
    );
    assert_eq!(
        events[0]["after"],
        json!({ "amount": "16.00", "currency": "USD" })
    );
    assert_eq!(
        events[0]["product"],
        json!({ "id": product, "title": "Headphones", "image_url": "https://images.example/1.jpg" })
    );
    let changed = stage.changes().await;
    assert_eq!(changed.len(), 4);
    assert_eq!(
        changed[3]["price"],
        json!({ "amount": "30.00", "currency": "USD" })
    );
    assert_eq!(
        (&changed[3]["rank"], &changed[3]["version"]),
        (&171.into(), &4.into())
    );

    let ranks = stage
        .get(
            MINE,
            &format!("/alerts?kind=rank&product_id={product}&acknowledged=false"),
        )
        .await
        .body;
    assert_eq!(ranks["items"].as_array().map(Vec::len), Some(1));
    let first = stage.get(MINE, "/alerts?limit=2").await.body;
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = stage
        .get(MINE, &format!("/alerts?limit=2&cursor={cursor}"))
        .await
        .body;
    assert_eq!(second["items"][0], alerts["items"][2]);
    assert!(second["next_cursor"].is_null());
}

#[tokio::test]
async fn a_trackings_own_rule_takes_the_place_of_the_tenants() {
    let stage = Stage::new().await;
    let url = format!("https://www.amazon.com/dp/{ASIN}");
    let rules = json!([{ "kind": "price", "percent": 50 }]);
    let made = stage
        .post(MINE, "/trackings", &json!({ "url": url, "rules": rules }))
        .await;
    assert_eq!(
        made.body["rules"],
        json!([{ "kind": "price", "percent": 50.0 }])
    );
    stage.track(THEIRS, ASIN).await;
    stage
        .crawled(vec![seen(ASIN, ago(40), 1).price(2000)])
        .await;
    stage
        .crawled(vec![seen(ASIN, ago(30), 2).price(1600)])
        .await;
    assert!(
        stage.get(MINE, "/alerts").await.body["items"]
            .as_array()
            .expect("items")
            .is_empty()
    );
    assert_eq!(
        stage.get(THEIRS, "/alerts").await.body["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let tracking = made.body["id"].as_str().expect("an id");
    let path = format!("/trackings/{tracking}");
    let patch = |body| {
        let (stage, path) = (&stage, &path);
        async move {
            stage
                .call(MINE, axum::http::Method::PATCH, path, Some(&body), &[])
                .await
        }
    };
    assert_eq!(
        patch(json!({ "rules": [{ "kind": "price", "percent": 5 }] }))
            .await
            .status,
        200
    );
    stage
        .crawled(vec![seen(ASIN, ago(20), 3).price(1500)])
        .await;
    assert_eq!(
        stage.get(MINE, "/alerts").await.body["items"][0]["percent"],
        -6.25
    );
    assert_eq!(
        patch(json!({ "status": "paused" })).await.body["status"],
        "paused"
    );
    stage.crawled(vec![seen(ASIN, ago(10), 4).price(500)]).await;
    assert_eq!(
        stage.get(MINE, "/alerts").await.body["items"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "paused: no alerts"
    );

    let rules = stage.get(MINE, "/alert-rules").await.body;
    assert_eq!(
        rules["items"].as_array().map(Vec::len),
        Some(3),
        "two defaults and its own: {rules}"
    );
}

#[tokio::test]
async fn an_alert_is_acknowledged_once() {
    let stage = Stage::new().await;
    stage.track(MINE, ASIN).await;
    stage
        .crawled(vec![
            seen(ASIN, ago(40), 1).price(2000),
            seen(ASIN, ago(30), 2).price(1000),
        ])
        .await;
    let id = stage.get(MINE, "/alerts").await.body["items"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/alerts/{id}/ack");
    assert_eq!(stage.post(THEIRS, &path, &json!({})).await.status, 404);
    let first = stage.post(MINE, &path, &json!({})).await;
    assert_eq!(first.status, 200);
    assert!(first.body["acknowledged_at"].is_string());
    assert_eq!(stage.post(MINE, &path, &json!({})).await.body, first.body);
    assert!(
        stage.get(MINE, "/alerts?acknowledged=false").await.body["items"]
            .as_array()
            .expect("items")
            .is_empty()
    );
}
