//! Places for tracked products.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use contracts::catalog::v1::usage_client::UsageClient;
use contracts::catalog::v1::{GetUsageRequest, GetUsageResponse, Monitor};
use futures::future::join_all;
use serde_json::{Value, json};
use tonic::Code;

use crate::observation::{Learnt, ago, seen};
use crate::stage::{Answer, MINE, Stage, THEIRS};

/// Tries to track an amazon.com product.
async fn track(stage: &Stage, key: &str, n: usize) -> Answer {
    let url = format!("https://www.amazon.com/dp/B0QUOTA{n:03}");
    stage.post(key, "/trackings", &json!({ "url": url })).await
}

async fn end(stage: &Stage, tracking: &Value) {
    let id = tracking["id"].as_str().expect("an id");
    let path = format!("/trackings/{id}");
    let ended = stage.call(MINE, Method::DELETE, &path, None, &[]).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
}

/// What is counted and what there is, of every tenant that ever tracked something.
async fn counted(stage: &Stage) -> Vec<(i64, i64)> {
    let sql = "select u.tracked_products::bigint,
                      (select count(*) from catalog.tracking t
                       where t.tenant_id = u.tenant_id and t.deleted_at is null)
               from catalog.usage u order by 1";
    sea_orm::sqlx::query_as(sql)
        .fetch_all(&stage.owner)
        .await
        .expect("rows")
}

#[tokio::test]
async fn of_200_that_are_tracked_at_once_exactly_as_many_are_as_the_plan_allows() {
    let stage = Stage::with_places(100).await;
    let answers = join_all((0..200).map(|n| track(&stage, MINE, n))).await;
    let of = |status| answers.iter().filter(move |answer| answer.status == status);
    assert_eq!(of(StatusCode::CREATED).count(), 100);
    assert_eq!(of(StatusCode::FORBIDDEN).count(), 100);
    let refused = &of(StatusCode::FORBIDDEN).next().expect("one").body;
    assert_eq!(refused["type"], "/api/docs/errors#quota-exceeded");
    assert_eq!(refused["title"], "Quota exceeded");
    assert_eq!(
        [
            &refused["limit"],
            &refused["allowed"],
            &refused["used"],
            &refused["plan"]
        ],
        [
            &json!("tracked_products"),
            &json!(100),
            &json!(100),
            &json!("enterprise")
        ]
    );
    assert_eq!(refused["resets_at"], Value::Null);
    assert_eq!(counted(&stage).await, [(100, 100)]);
    assert_eq!(stage.events("tracking.created").await.len(), 100);

    // What is tracked already takes no second place, and is answered as ever.
    let known = of(StatusCode::CREATED).next().expect("one");
    let url = stage
        .one::<String>(&format!(
            "select url from catalog.listing where id = {}",
            known.body["product_id"]
        ))
        .await;
    let again = stage.post(MINE, "/trackings", &json!({ "url": url })).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);

    // Nobody else's places are taken.
    assert_eq!(track(&stage, THEIRS, 1).await.status, StatusCode::CREATED);
    assert_eq!(counted(&stage).await, [(1, 1), (100, 100)]);
}

#[tokio::test]
async fn a_refused_product_leaves_nothing_behind() {
    let stage = Stage::with_places(1).await;
    assert_eq!(track(&stage, MINE, 1).await.status, StatusCode::CREATED);
    let before = [
        stage.dump("catalog.listing").await,
        stage.dump("catalog.watch").await,
    ];
    assert_eq!(track(&stage, MINE, 2).await.status, StatusCode::FORBIDDEN);
    let after = [
        stage.dump("catalog.listing").await,
        stage.dump("catalog.watch").await,
    ];
    assert_eq!(before, after);
}

#[tokio::test]
async fn ending_a_tracking_frees_its_place_and_pausing_does_not() {
    let stage = Stage::with_places(2).await;
    let first = track(&stage, MINE, 1).await.body;
    let second = track(&stage, MINE, 2).await.body;
    let path = format!("/trackings/{}", first["id"].as_str().expect("an id"));
    let paused = json!({ "status": "paused" });
    let paused = stage
        .call(MINE, Method::PATCH, &path, Some(&paused), &[])
        .await;
    assert_eq!(paused.status, StatusCode::OK, "{}", paused.body);
    assert_eq!(track(&stage, MINE, 3).await.status, StatusCode::FORBIDDEN);
    end(&stage, &second).await;
    assert_eq!(counted(&stage).await, [(1, 1)]);
    assert_eq!(track(&stage, MINE, 3).await.status, StatusCode::CREATED);
    assert_eq!(track(&stage, MINE, 2).await.status, StatusCode::FORBIDDEN);
    assert_eq!(counted(&stage).await, [(2, 2)]);
}

#[tokio::test]
async fn counters_stay_true_while_products_come_and_go_at_once() {
    let stage = Stage::with_places(10).await;
    let came_and_went = async |n: usize| {
        for turn in 0..3 {
            let answer = track(&stage, MINE, n * 3 + turn).await;
            match answer.status {
                StatusCode::CREATED if turn < 2 => end(&stage, &answer.body).await,
                StatusCode::CREATED | StatusCode::FORBIDDEN => {}
                status => panic!("{status}: {}", answer.body),
            }
        }
    };
    join_all((0..40).map(came_and_went)).await;
    let counted = counted(&stage).await;
    let [(counter, there)] = counted[..] else {
        panic!("{counted:?}");
    };
    assert_eq!(counter, there);
    assert!((1..=10).contains(&there), "{there}");
}

#[tokio::test]
async fn a_monitor_tracks_as_much_as_there_are_places_for_and_says_why_not_more() {
    let stage = Stage::with_places(2).await;
    let monitor = || Monitor {
        id: "0199c3a0-0000-7000-8000-0000000000aa".into(),
        name: "Headphones".into(),
        alert: true,
        first: true,
        track_up_to: 10,
        tags: Vec::new(),
    };
    let found = || (1..=4).map(|n| seen(&format!("B0PLACE00{n}"), ago(5), 0).price(2_000));
    let hits = stage
        .hits(stage.tenant, Some(monitor()), found().collect())
        .await;
    let tracked: Vec<bool> = hits.iter().map(|hit| hit.tracked).collect();
    assert_eq!(tracked, [true, true, false, false]);
    assert!(
        hits.iter().all(|hit| hit.listing_id > 0),
        "all were found: {hits:?}"
    );
    assert!(
        hits[..2].iter().all(|hit| hit.reason.is_empty()),
        "{hits:?}"
    );
    for hit in &hits[2..] {
        assert!(hit.reason.contains("2 tracked products"), "{hit:?}");
        assert!(hit.reason.contains("enterprise"), "{hit:?}");
    }
    assert_eq!(counted(&stage).await, [(2, 2)]);

    // With more places the next run goes on where this one stopped.
    stage.places.store(3, Ordering::Relaxed);
    within("the larger plan counts", async || {
        let hits = stage
            .hits(stage.tenant, Some(monitor()), found().collect())
            .await;
        hits[2].tracked
    })
    .await;
    assert_eq!(counted(&stage).await, [(3, 3)]);
}

#[tokio::test]
async fn a_larger_plan_counts_within_seconds_and_a_smaller_one_takes_nothing_away() {
    let stage = Stage::with_places(1).await;
    assert_eq!(track(&stage, MINE, 1).await.status, StatusCode::CREATED);
    assert_eq!(track(&stage, MINE, 2).await.status, StatusCode::FORBIDDEN);
    stage.places.store(3, Ordering::Relaxed);
    within("the larger plan counts", async || {
        track(&stage, MINE, 2).await.status == StatusCode::CREATED
    })
    .await;
    stage.places.store(1, Ordering::Relaxed);
    within("the smaller plan counts", async || {
        let mut one_more = track(&stage, MINE, 3).await;
        if one_more.status == StatusCode::CREATED {
            end(&stage, &one_more.body.take()).await;
            return false;
        }
        assert_eq!(
            (&one_more.body["used"], &one_more.body["allowed"]),
            (&json!(2), &json!(1))
        );
        true
    })
    .await;
    assert_eq!(counted(&stage).await, [(2, 2)]);
}

#[tokio::test]
async fn most_of_the_plan_and_all_of_it_are_told_once() {
    let stage = Stage::with_places(5).await;
    for n in 0..5 {
        assert_eq!(track(&stage, MINE, n).await.status, StatusCode::CREATED);
    }
    let warnings = || async { stage.events("quota.warning").await };
    let told = |used: u32, percent: u32| json!({"name": "tracked_products", "used": used, "allowed": 5, "percent": percent});
    assert_eq!(warnings().await, [told(4, 80), told(5, 100)]);
    let last = track(&stage, MINE, 4).await.body;
    end(&stage, &last).await;
    assert_eq!(track(&stage, MINE, 5).await.status, StatusCode::CREATED);
    assert_eq!(warnings().await.len(), 2, "known already");
}

#[tokio::test]
async fn user_service_is_told_what_is_used_and_nobody_who_faces_the_world() {
    let stage = Stage::new().await;
    track(&stage, MINE, 1).await;
    track(&stage, MINE, 2).await;
    let month = "insert into catalog.llm_use values ($1, date_trunc('month', now() at time zone 'UTC')::date, 1200),
                                                    ($1, '2020-01-01', 5)";
    sea_orm::sqlx::query(month)
        .bind(stage.tenant)
        .execute(&stage.owner)
        .await
        .expect("stored");
    let ask = async |token: &str, tenant: String| {
        let (channel, stop) = stage.channel(&token.repeat(16));
        let answer = UsageClient::new(channel)
            .get_usage(GetUsageRequest { tenant_id: tenant })
            .await;
        stop.cancel();
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| status.code())
    };
    let used = |tracked_products, llm_tokens| GetUsageResponse {
        tracked_products,
        llm_tokens,
    };
    assert_eq!(ask("u", stage.tenant.to_string()).await, Ok(used(2, 1_200)));
    assert_eq!(
        ask("u", stage.other_tenant.to_string()).await,
        Ok(used(0, 0))
    );
    assert_eq!(ask("u", "acme".into()).await, Err(Code::InvalidArgument));
    assert_eq!(
        ask("w", stage.tenant.to_string()).await,
        Err(Code::PermissionDenied)
    );
}

/// Waits for a state, as long as a plan may take to count.
async fn within(what: &str, mut state: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !state().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .is_ok(),
        "not in time: {what}"
    );
}
