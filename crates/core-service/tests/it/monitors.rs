//! What monitors find.

use axum::http::{Method, StatusCode};
use contracts::catalog::v1::{Monitor, Observation};
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{MINE, Stage, THEIRS};

fn monitor(first: bool, track_up_to: u32) -> Monitor {
    Monitor {
        id: "0199c3a0-0000-7000-8000-0000000000aa".into(),
        name: "Headphones".into(),
        alert: true,
        first,
        track_up_to,
        tags: vec!["found".into()],
    }
}

fn found(asin: &str) -> Observation {
    seen(asin, ago(5), 0).price(2_000).titled("Found")
}

async fn products(stage: &Stage, query: &str) -> Vec<Value> {
    let answer = stage.get(MINE, &format!("/products?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn hits_are_listed_and_new_ones_told_once() {
    let stage = Stage::new().await;
    let first = stage
        .hits(
            stage.tenant,
            Some(monitor(true, 0)),
            vec![found("B0FOUND001"), found("B0FOUND002")],
        )
        .await;
    assert!(
        first
            .iter()
            .all(|hit| hit.new && hit.listing_id > 0 && !hit.tracked),
        "{first:?}"
    );
    assert_eq!(
        stage.get(MINE, "/alerts").await.body["items"],
        json!([]),
        "all is new at first"
    );

    let hits = || {
        vec![
            found("B0FOUND001"),
            found("B0FOUND003"),
            found("B0FOUND003"),
            found("not an id"),
            Observation {
                source: "ebay".into(),
                ..found("B0FOUND004")
            },
        ]
    };
    let second = stage
        .hits(stage.tenant, Some(monitor(false, 0)), hits())
        .await;
    assert_eq!(
        second.iter().map(|hit| hit.new).collect::<Vec<_>>(),
        [false, true, true, false, false]
    );
    assert_eq!(second[0].listing_id, first[0].listing_id);
    assert!(
        second[3].listing_id == 0 && second[3].reason.contains("not a product id"),
        "{second:?}"
    );
    assert!(second[4].reason.contains("ebay"), "{second:?}");
    let again = stage
        .hits(stage.tenant, Some(monitor(false, 0)), hits())
        .await;
    assert!(again.iter().all(|hit| !hit.new));

    let alerts = stage.get(MINE, "/alerts?kind=new_listing").await.body;
    assert_eq!(
        alerts["items"].as_array().map(Vec::len),
        Some(1),
        "{alerts}"
    );
    let alert = &alerts["items"][0];
    assert_eq!(alert["product_id"], second[1].listing_id);
    assert_eq!(alert["monitor_id"], monitor(false, 0).id);
    assert_eq!(alert["message"], "Headphones");
    assert_eq!(alert["after"]["amount"], "20.00");
    for empty in ["tracking_id", "rule_id", "percent", "before"] {
        assert_eq!(alert[empty], Value::Null, "{empty}");
    }
    assert_eq!(alert["product"]["title"], "Found");
    let told = stage.events("alert.raised").await;
    assert_eq!((told.len(), &told[0]["id"]), (1, &alert["id"]));
    let ack = format!("/alerts/{}/ack", alert["id"].as_str().expect("an id"));
    assert_eq!(
        stage.post(MINE, &ack, &json!({})).await.status,
        StatusCode::OK
    );

    let of_monitor = format!("monitor={}", monitor(false, 0).id);
    assert_eq!(products(&stage, &of_monitor).await.len(), 3);
    assert_eq!(
        products(&stage, &format!("monitor={}", Uuid::nil()))
            .await
            .len(),
        0
    );
    let shown = &products(&stage, &of_monitor).await[0];
    assert_eq!(
        shown["price"]["amount"], "20.00",
        "what the list told is kept"
    );
    let theirs = stage
        .get(THEIRS, &format!("/products?{of_monitor}"))
        .await
        .body;
    assert_eq!(theirs["items"], json!([]));
}

#[tokio::test]
async fn hits_are_tracked_up_to_the_cap_and_never_again() {
    let stage = Stage::new().await;
    let hits = |numbers: std::ops::RangeInclusive<i32>| {
        numbers
            .map(|n| found(&format!("B0TRACK00{n}")))
            .collect::<Vec<_>>()
    };
    let tracked = |hits: &[contracts::catalog::v1::record_hits_response::Hit]| {
        hits.iter().map(|hit| hit.tracked).collect::<Vec<_>>()
    };
    // One that is tracked already takes no place.
    stage.track(MINE, "B0TRACK001").await;
    let first = stage
        .hits(stage.tenant, Some(monitor(true, 2)), hits(1..=4))
        .await;
    assert_eq!(tracked(&first), [false, true, true, false]);
    let told = stage.tracking_changed("tracking.created").await;
    assert_eq!((told.interval_seconds, told.live), (86_400, true));
    let listed = stage.get(MINE, "/trackings").await.body;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["items"][0]["tags"], json!(["found"]));
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.alert_rule where tracking_id is null")
            .await,
        2
    );
    let again = stage
        .hits(stage.tenant, Some(monitor(false, 2)), hits(1..=4))
        .await;
    assert_eq!(tracked(&again), [false; 4]);

    // A person ends one: its place goes to another, and it is not made again.
    let end = listed["items"].as_array().expect("items").iter();
    let end = end.map(|item| (item["id"].as_str().expect("an id"), &item["product_id"]));
    let (id, product) = end
        .clone()
        .find(|(_, product)| **product == first[1].listing_id)
        .expect("it");
    let path = format!("/trackings/{id}");
    assert_eq!(
        stage
            .call(MINE, Method::DELETE, &path, None, &[])
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    let kept = stage.get(MINE, &format!("/products/{product}")).await;
    assert_eq!(kept.status, StatusCode::OK, "the monitor still shows it");
    assert_eq!(kept.body["tracking_id"], Value::Null);
    let third = stage
        .hits(stage.tenant, Some(monitor(false, 2)), hits(1..=4))
        .await;
    assert_eq!(tracked(&third), [false, false, false, true]);

    stage.forget(stage.tenant, &monitor(false, 2)).await;
    stage.forget(stage.tenant, &monitor(false, 2)).await;
    let gone = stage.get(MINE, &format!("/products/{product}")).await;
    assert_eq!(
        gone.status,
        StatusCode::NOT_FOUND,
        "nothing needs it any more"
    );
    assert_eq!(products(&stage, "").await.len(), 3, "what is tracked stays");
}

#[tokio::test]
async fn a_list_takes_nothing_from_what_a_crawl_knows() {
    let stage = Stage::new().await;
    let product = stage.track(THEIRS, "B0FOUND010").await;
    stage
        .crawled(vec![
            seen("B0FOUND010", ago(30), 1)
                .price(2_000)
                .rank(7)
                .titled("Whole name"),
        ])
        .await;
    let before = stage.dump("catalog.listing_state").await;
    let mut scant = seen("B0FOUND010", ago(5), 0).titled("Short");
    scant.values = None;
    let hits = stage
        .hits(stage.tenant, Some(monitor(false, 0)), vec![scant])
        .await;
    assert_eq!((hits[0].listing_id, hits[0].new), (product, true));
    assert_eq!(stage.dump("catalog.listing_state").await, before);
    let shown = stage.get(MINE, &format!("/products/{product}")).await.body;
    assert_eq!(
        (&shown["title"], &shown["rank"]),
        (&json!("Whole name"), &json!(7))
    );

    // Of one that nobody crawls, a list's words are all there is; its silence about figures is no look.
    let mut words = seen("B0FOUND011", ago(5), 0).titled("Only words");
    words.values = None;
    let hits = stage
        .hits(stage.tenant, Some(monitor(false, 0)), vec![words])
        .await;
    let shown = stage
        .get(MINE, &format!("/products/{}", hits[0].listing_id))
        .await
        .body;
    assert_eq!(shown["title"], "Only words");
    assert_eq!(shown["last_observed_at"], Value::Null);
}

#[tokio::test]
async fn a_live_read_lists_the_tenants_own_goods() {
    let stage = Stage::new().await;
    let live = |minutes| Observation {
        source: "haier".into(),
        marketplace: "CN".into(),
        external_id: "ga0live01".into(),
        ..seen("", ago(minutes), 0).price(90_000)
    };
    let hits = stage.hits(stage.tenant, None, vec![live(5)]).await;
    assert!(hits[0].listing_id > 0 && !hits[0].new, "{hits:?}");
    let path = format!("/products/{}", hits[0].listing_id);
    let shown = stage.get(MINE, &path).await.body;
    assert_eq!(
        (&shown["external_id"], &shown["price"]["amount"]),
        (&json!("GA0LIVE01"), &json!("900.00"))
    );
    assert_eq!(stage.get(THEIRS, &path).await.status, StatusCode::NOT_FOUND);
    let others = stage.hits(stage.other_tenant, None, vec![live(4)]).await;
    assert_ne!(others[0].listing_id, hits[0].listing_id);
    let stolen = Observation {
        owner_tenant_id: Some(stage.other_tenant.to_string()),
        ..live(3)
    };
    let refused = stage.hits(stage.tenant, None, vec![stolen]).await;
    assert!(
        refused[0].listing_id == 0 && refused[0].reason.contains("another tenant"),
        "{refused:?}"
    );

    // A tracking that ends leaves what the live read showed.
    let body = json!({ "source": "haier", "marketplace": "CN", "external_id": "GA0LIVE01" });
    let tracking = stage.post(MINE, "/trackings", &body).await.body;
    assert_eq!(tracking["product_id"], hits[0].listing_id);
    let end = format!("/trackings/{}", tracking["id"].as_str().expect("an id"));
    stage.call(MINE, Method::DELETE, &end, None, &[]).await;
    assert_eq!(stage.get(MINE, &path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_crawler_records_hits() {
    let stage = Stage::new().await;
    for token in ["w", "o", "u"] {
        let refused = stage
            .record(&token.repeat(16), stage.tenant, None, Vec::new())
            .await
            .expect_err("refused");
        assert_eq!(refused.code(), Code::PermissionDenied, "{token}");
    }
    let refused = stage
        .record(
            &"r".repeat(16),
            stage.tenant,
            Some(Monitor {
                id: "x".into(),
                ..monitor(true, 0)
            }),
            Vec::new(),
        )
        .await
        .expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn two_calls_at_once_keep_the_cap() {
    let stage = Stage::new().await;
    let calls = (0..4).map(|part| {
        let hits = (0..5)
            .map(|n| found(&format!("B0MANY{part}00{n}")))
            .collect();
        stage.hits(stage.tenant, Some(monitor(false, 6)), hits)
    });
    let answers = futures::future::join_all(calls).await;
    let tracked = answers.iter().flatten().filter(|hit| hit.tracked).count();
    assert_eq!(tracked, 6);
    assert_eq!(
        stage
            .one::<i64>("select count(*) from catalog.tracking")
            .await,
        6
    );
    assert_eq!(
        stage.one::<i64>("select count(*) from catalog.alert").await,
        20
    );
}
