//! Sources in trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::{Decision, Incoming};
use contracts::messages::v1::event::Payload;
use contracts::messages::v1::{Event, SourceChanged};
use core_service::heard::handle;
use prost::Message;
use serde_json::{Value, json};

use crate::stage::{MINE, Stage, THEIRS};

fn message(changed: SourceChanged, second: i64) -> Incoming {
    let event = Event {
        kind: "source.changed".into(),
        occurred_at_us: (1_790_000_000 + second) * 1_000_000,
        payload: Some(Payload::SourceChanged(changed)),
        ..Event::default()
    };
    Incoming {
        body: event.encode_to_vec().into(),
        routing_key: "crawl.source.changed".into(),
        id: None,
        headers: BTreeMap::new(),
        redelivered: false,
    }
}

fn trouble(source: &str, scope: &str) -> SourceChanged {
    SourceChanged {
        source: source.into(),
        scope: scope.into(),
        open: true,
        reason: "three answers in a row were 403".into(),
        ..SourceChanged::default()
    }
}

async fn alerts(stage: &Stage, key: &str) -> Vec<Value> {
    let body = stage.get(key, "/alerts").await.body;
    body["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn trouble_is_told_once_to_those_who_follow_the_source() {
    let stage = Stage::new().await;
    stage.track(MINE, "B0TROUBLE1").await;
    stage.track(MINE, "B0TROUBLE2").await;
    let page = json!({ "url": "https://www.shop.example/p/1" });
    stage.post(THEIRS, "/trackings", &page).await;
    let told = async |changed: SourceChanged, second| {
        handle(stage.pools.system.clone(), message(changed, second)).await
    };
    for _ in 0..2 {
        assert!(matches!(
            told(trouble("amazon", ""), 1).await,
            Decision::Done
        ));
    }
    let mine = alerts(&stage, MINE).await;
    assert_eq!(mine.len(), 1, "{mine:?}");
    assert_eq!(
        (&mine[0]["kind"], &mine[0]["source"]),
        (&json!("source_trouble"), &json!("amazon"))
    );
    assert_eq!(mine[0]["message"], "three answers in a row were 403");
    assert_eq!(
        (&mine[0]["product_id"], &mine[0]["product"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(alerts(&stage, THEIRS).await.len(), 0);
    assert_eq!(stage.events("alert.raised").await.len(), 1);

    // A host concerns those who track something there; a part with an owner, its owner.
    told(trouble("web", "other.example"), 2).await;
    assert_eq!(alerts(&stage, THEIRS).await.len(), 0);
    told(trouble("web", "shop.example"), 3).await;
    assert_eq!(alerts(&stage, THEIRS).await.len(), 1);
    let owned = SourceChanged {
        owner_tenant_id: Some(stage.other_tenant.to_string()),
        ..trouble("amazon", "tenant")
    };
    told(owned, 4).await;
    assert_eq!(alerts(&stage, MINE).await.len(), 1);

    // An account of nobody we know concerns nobody.
    let listing = json!({"source": "haier", "marketplace": "CN", "external_id": "GA0SZC00U"});
    let tracked = stage.post(MINE, "/trackings", &listing).await;
    assert_eq!(tracked.status, 201, "{}", tracked.body);
    told(trouble("haier", "0123456789abcdef"), 4).await;
    assert_eq!(alerts(&stage, MINE).await.len(), 1);

    let recovered = SourceChanged {
        open: false,
        reason: String::new(),
        ..trouble("amazon", "")
    };
    told(recovered, 5).await;
    let mine = alerts(&stage, MINE).await;
    assert_eq!(
        (&mine[0]["kind"], &mine[0]["severity"]),
        (&json!("source_recovered"), &json!("info"))
    );
    assert!(matches!(
        told(trouble("ebay", ""), 6).await,
        Decision::Park(_)
    ));
}

#[tokio::test]
async fn the_queue_of_events_is_listened_to() {
    let stage = Stage::new().await;
    stage.track(MINE, "B0TROUBLE3").await;
    let life = lifecycle::Lifecycle::new(Duration::from_secs(5));
    core_service::consumers(stage.state.clone(), &life);
    let body = message(trouble("amazon", ""), 1).body.to_vec();
    stage.publish("crawl.source.changed", body).await;
    let patience = tokio::time::Instant::now() + Duration::from_secs(20);
    while alerts(&stage, MINE).await.is_empty() {
        assert!(tokio::time::Instant::now() < patience, "no alert in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    life.abort();
}
