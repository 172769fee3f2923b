//! Tracking events in any order and any number of times.

use bus::Decision;
use chrono::Utc;
use uuid::Uuid;

use super::{Stage, TRACE, Tracking, is_now};
use crate::events::EventError;

#[tokio::test]
async fn order_and_repetition_do_not_matter() {
    let stage = Stage::new().await;
    let orders = [
        [0, 1, 2, 2],
        [0, 2, 1, 0],
        [1, 0, 2, 1],
        [1, 2, 0, 2],
        [2, 0, 1, 0],
        [2, 1, 0, 1],
    ];
    for (number, order) in (1..).zip(orders) {
        for deleted in [false, true] {
            let listing = number * 2 + i64::from(deleted);
            let first = Tracking::of(stage.tenant, listing);
            let events = [
                first.clone(),
                Tracking {
                    version: 2,
                    interval_seconds: 600,
                    ..first.clone()
                },
                Tracking {
                    version: 3,
                    interval_seconds: 900,
                    live: !deleted,
                    ..first
                },
            ];
            for index in order {
                stage.tell(&events[index]).await;
            }
            let target = stage.target(listing).await;
            let expected = if deleted { None } else { Some(900) };
            assert_eq!(target.interval_seconds, expected, "{order:?}");
            assert_eq!(target.next_due_at.is_some(), !deleted, "{order:?}");
        }
    }
    let trackings: (i64,) = stage.one("select count(*) from crawl.tracking").await;
    assert_eq!(trackings.0, 12);
}

#[tokio::test]
async fn a_listing_is_one_target_for_all_who_track_it() {
    let stage = Stage::new().await;
    let mine = Tracking::of(stage.tenant, 1);
    stage.tell(&mine).await;
    let target = stage.target(1).await;
    assert!(is_now(target.next_due_at));
    assert_eq!(
        (target.priority, target.traceparent.as_deref()),
        (1, Some(TRACE))
    );

    let theirs = Tracking {
        interval_seconds: 600,
        ..Tracking::of(stage.other_tenant, 1)
    };
    stage.tell(&theirs).await;
    assert_eq!(stage.target(1).await.interval_seconds, Some(600));

    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..theirs
        })
        .await;
    assert_eq!(stage.target(1).await.interval_seconds, Some(3600));
    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..mine
        })
        .await;
    let stopped = stage.target(1).await;
    assert_eq!(
        (stopped.interval_seconds, stopped.next_due_at),
        (None, None)
    );
    assert_eq!(
        stopped.round, 2,
        "whatever was fetched for the old round is not taken for a later one"
    );
}

#[tokio::test]
async fn whoever_waits_for_an_untracked_listing_is_told() {
    let stage = Stage::new().await;
    let tracking = Tracking::of(stage.tenant, 1);
    stage.tell(&tracking).await;
    let (_, mut core) = stage.clients();
    let crawl = super::crawls::start(&mut core, stage.tenant, &[1]).await;
    stage
        .tell(&Tracking {
            version: 2,
            live: false,
            ..tracking
        })
        .await;
    let (status, failed): (String, i32) = stage
        .one(&format!(
            "select status, failed from crawl.crawl where id = '{crawl}'"
        ))
        .await;
    assert_eq!((status.as_str(), failed), ("failed", 1));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_changes_nothing() {
    let stage = Stage::new().await;
    let good = Tracking::of(stage.tenant, 1);
    let bad = [
        b"\xff\xff".to_vec(),
        Vec::new(),
        Tracking {
            interval_seconds: 0,
            ..good.clone()
        }
        .encoded(),
        Tracking {
            interval_seconds: u32::MAX,
            ..good.clone()
        }
        .encoded(),
        Tracking {
            source: "nowhere",
            ..good
        }
        .encoded(),
    ];
    for body in bad {
        let refused = stage.trackings().apply(&body, None, Utc::now()).await;
        assert!(
            matches!(refused, Err(EventError::Unreadable(_))),
            "{refused:?}"
        );
    }
    let targets: (i64,) = stage.one("select count(*) from crawl.target").await;
    assert_eq!(targets.0, 0);
}

#[tokio::test]
async fn what_the_database_refuses_is_parked_and_waits_only_while_it_is_away() {
    let stage = Stage::new().await;
    let message = |tracking: Tracking| bus::Incoming {
        body: tracking.encoded().into(),
        routing_key: "catalog.tracking.created".to_owned(),
        id: None,
        headers: Default::default(),
        redelivered: false,
    };
    let bad = Tracking {
        strategy: Some("no text holds a \0"),
        ..Tracking::of(stage.tenant, 1)
    };
    let decision = stage.trackings().handle(message(bad)).await;
    assert!(matches!(decision, Decision::Park(_)), "{decision:?}");
    stage.state.pools.system.sqlx().close().await;
    let good = Tracking::of(stage.tenant, 2);
    let decision = stage.trackings().handle(message(good)).await;
    assert_eq!(decision, Decision::Later);
}

#[tokio::test]
async fn a_shorter_interval_of_a_newcomer_brings_the_next_crawl_forward() {
    let stage = Stage::new().await;
    stage.track(1, 1).await;
    stage
        .execute(
            "update crawl.target set last_crawl_at = now(), next_due_at = now() + interval '1 hour', priority = 3",
        )
        .await;
    stage
        .tell(&Tracking {
            interval_seconds: 300,
            ..Tracking::of(Uuid::now_v7(), 1)
        })
        .await;
    let target = stage.target(1).await;
    let wait = target.next_due_at.expect("due") - Utc::now();
    assert!((230..=301).contains(&wait.num_seconds()), "{wait}");
    assert_eq!(target.priority, 3);
}
