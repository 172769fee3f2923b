//! Products that cannot be fetched, crawls that are over.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use bus::{Decision, Incoming};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{CrawlFinished, Event, TargetChanged};
use core_service::heard::handle;
use prost::Message;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{MINE, Stage, THEIRS};

fn event(payload: Payload, tenant: Option<Uuid>, second: i64) -> Event {
    Event {
        tenant_id: tenant.map(|id| id.to_string()),
        occurred_at_us: (1_790_000_000 + second) * 1_000_000,
        payload: Some(payload),
        ..Event::default()
    }
}

async fn told(stage: &Stage, event: &Event) -> Decision {
    let message = Incoming {
        body: event.encode_to_vec().into(),
        routing_key: "crawl.target.changed".into(),
        id: None,
        headers: BTreeMap::new(),
        redelivered: false,
    };
    handle(stage.pools.system.clone(), message).await
}

fn turn(listing_id: i64, troubled: bool) -> Payload {
    Payload::TargetChanged(TargetChanged {
        listing_id,
        troubled,
        outcome: if troubled { "not_found" } else { "ok" }.into(),
        reason: if troubled { "it is gone" } else { "" }.into(),
        failures: if troubled { 3 } else { 0 },
    })
}

async fn alerts(stage: &Stage, key: &str) -> Vec<Value> {
    let body = stage.get(key, "/alerts").await.body;
    body["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn each_tenant_that_tracks_the_product_is_told_once() {
    let stage = Stage::new().await;
    let product = stage.track(MINE, "B0GONE0001").await;
    assert_eq!(stage.track(THEIRS, "B0GONE0001").await, product);
    let trouble = event(turn(product, true), None, 1);
    for _ in 0..2 {
        assert!(matches!(told(&stage, &trouble).await, Decision::Done));
    }
    for key in [MINE, THEIRS] {
        let told = alerts(&stage, key).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (&told[0]["kind"], &told[0]["severity"], &told[0]["after"]),
            (
                &json!("target_trouble"),
                &json!("warning"),
                &json!("not_found")
            )
        );
        assert_eq!(told[0]["message"], "3 fetches in a row failed: it is gone");
        assert_eq!(
            (&told[0]["product_id"], &told[0]["product"]["id"]),
            (&json!(product), &json!(product))
        );
        assert!(told[0]["tracking_id"].is_string());
    }
    let raised = stage.events("alert.raised").await;
    assert_eq!(raised.len(), 2);
    assert_eq!(raised[0]["product"]["id"], json!(product));

    // Who does not track it any more is not told of its recovery.
    let trackings = stage.get(THEIRS, "/trackings").await.body;
    let id = trackings["items"][0]["id"].as_str().expect("an id");
    let path = format!("/trackings/{id}");
    stage.call(THEIRS, Method::DELETE, &path, None, &[]).await;
    told(&stage, &event(turn(product, false), None, 2)).await;
    let mine = stage.get(MINE, "/alerts?kind=target_recovered").await.body;
    assert_eq!(mine["items"][0]["severity"], "info");
    assert_eq!(mine["items"][0]["message"], Value::Null);
    let theirs = stage
        .get(THEIRS, "/alerts?kind=target_recovered")
        .await
        .body;
    assert_eq!(theirs["items"], json!([]));
    // A product that there is not concerns nobody.
    let nowhere = event(turn(999_999, true), None, 3);
    assert!(matches!(told(&stage, &nowhere).await, Decision::Done));
    assert_eq!(stage.events("alert.raised").await.len(), 3);
}

#[tokio::test]
async fn the_end_of_a_crawl_is_on_its_tenants_stream() {
    let stage = Stage::new().await;
    let life = lifecycle::Lifecycle::new(Duration::from_secs(5));
    core_service::consumers(stage.state.clone(), &life);
    let crawl_id = Uuid::now_v7().to_string();
    let finished = Payload::CrawlFinished(CrawlFinished {
        crawl_id: crawl_id.clone(),
        trigger: "manual".into(),
        status: "partial".into(),
        total: 3,
        succeeded: 2,
        failed: 1,
        cancelled: 0,
    });
    let body = event(finished, Some(stage.tenant), 1).encode_to_vec();
    stage.publish("crawl.crawl.finished", body).await;
    let patience = tokio::time::Instant::now() + Duration::from_secs(20);
    let told = loop {
        if let Some(told) = stage.events("crawl.finished").await.pop() {
            break told;
        }
        assert!(tokio::time::Instant::now() < patience, "nothing in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        told,
        json!({"crawl_id": crawl_id, "trigger": "manual", "status": "partial",
               "total": 3, "succeeded": 2, "failed": 1, "cancelled": 0})
    );
    life.abort();
}

#[tokio::test]
async fn products_are_found_by_their_ids() {
    let stage = Stage::new().await;
    let first = stage.track(MINE, "B0NUMBER01").await;
    let second = stage.track(MINE, "B0NUMBER02").await;
    let theirs = stage.track(THEIRS, "B0NUMBER03").await;
    let path = format!("/products?ids={first},{theirs},{second},999999");
    let found = stage.get(MINE, &path).await.body;
    let ids: Vec<&Value> = found["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|product| &product["id"])
        .collect();
    assert_eq!(ids, [&json!(second), &json!(first)]);
    let many = vec!["1"; 201].join(",");
    for wrong in ["", "1,,2", "x", many.as_str()] {
        let refused = stage.get(MINE, &format!("/products?ids={wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(refused.body["errors"][0]["field"], "ids");
    }
}
