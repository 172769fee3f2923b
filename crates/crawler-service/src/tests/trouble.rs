//! Targets that fail again and again.

use contracts::messages::v1::TargetChanged;
use contracts::messages::v1::event::Payload;

use super::crawls::open;
use super::work::{outcome, report};
use super::{Stage, Tracking};

impl Stage {
    /// Changes of targets that were told, the oldest first.
    async fn turns(&self) -> Vec<TargetChanged> {
        let told = self.told("target.changed").await;
        let turn = |payload| match payload {
            Payload::TargetChanged(changed) => changed,
            other => panic!("{other:?}"),
        };
        told.into_iter().map(turn).collect()
    }

    /// Fetches everything that is due once, with this outcome for all, as often as it takes until the round ends.
    async fn fetched(&self, word: &str) {
        let (mut work, _) = self.clients();
        let rounds = async || {
            let sum: (i64,) = self
                .one("select sum(round)::bigint from crawl.target")
                .await;
            sum.0
        };
        let before = rounds().await;
        while rounds().await == before {
            self.execute(
                "update crawl.target set next_due_at = now() where interval_seconds is not null",
            )
            .await;
            let task = self.dispatch_one().await;
            let items = open(&mut work, task).await;
            let outcomes = items.iter().map(|item| outcome(item, word)).collect();
            report(&mut work, task, outcomes).await;
        }
    }
}

#[tokio::test]
async fn trouble_is_told_once_and_recovery_once() {
    let stage = Stage::new().await;
    stage.track(1, 2).await;
    for _ in 0..2 {
        stage.fetched("not_found").await;
    }
    assert!(stage.turns().await.is_empty(), "twice may be chance");
    stage.fetched("network").await;
    stage.fetched("not_found").await;
    let told = stage.turns().await;
    assert_eq!(told.len(), 2, "one for each, once");
    assert_eq!(
        (told[0].troubled, told[0].outcome.as_str(), told[0].failures),
        (true, "network", 3)
    );
    assert_eq!(told[0].reason, "it was network");
    let (since,): (bool,) = stage
        .one("select bool_and(troubled_since is not null) from crawl.target")
        .await;
    assert!(since);
    for _ in 0..2 {
        stage.fetched("ok").await;
    }
    let told = stage.turns().await;
    assert_eq!(told.len(), 4);
    assert_eq!(
        (told[3].troubled, told[3].outcome.as_str(), told[3].failures),
        (false, "ok", 0)
    );
}

#[tokio::test]
async fn a_closed_door_is_told_of_the_source_alone() {
    let stage = Stage::new().await;
    stage.track(1, 3).await;
    for word in ["blocked", "rate_limited", "blocked", "blocked"] {
        stage.fetched(word).await;
    }
    assert!(stage.turns().await.is_empty());
    // Nor does it make the target's own failures forgotten.
    for word in ["not_found", "blocked", "not_found", "not_found"] {
        stage.fetched(word).await;
    }
    assert_eq!(stage.turns().await.len(), 3);
}

#[tokio::test]
async fn what_is_tracked_anew_begins_anew() {
    let stage = Stage::new().await;
    let tracking = Tracking::of(stage.tenant, 1);
    stage.tell(&tracking).await;
    for _ in 0..3 {
        stage.fetched("not_found").await;
    }
    assert_eq!(stage.turns().await.len(), 1);
    for (version, live) in [(2, false), (3, true)] {
        stage
            .tell(&Tracking {
                version,
                live,
                ..tracking.clone()
            })
            .await;
    }
    stage.fetched("ok").await;
    assert_eq!(
        stage.turns().await.len(),
        1,
        "nobody was told who tracks it now"
    );
}
