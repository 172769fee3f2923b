//! One process's manners, by a clock that stands still.

use super::*;
use crate::standing::LONGEST_PAUSE;

const GAP: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

fn politeness(concurrency: u16) -> Politeness {
    Politeness::new(concurrency, GAP..=GAP * 2)
}

#[tokio::test(start_paused = true)]
async fn starts_keep_their_gap() {
    let politeness = politeness(3);
    let mut starts = Vec::new();
    for _ in 0..4 {
        let _turn = politeness
            .turn(Urgency::Low, PATIENCE, Duration::ZERO)
            .await
            .expect("a turn");
        starts.push(Instant::now());
    }
    for pair in starts.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(
            gap >= GAP && gap <= GAP * 2 + Duration::from_millis(5),
            "{gap:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_so_many_at_once() {
    let politeness = politeness(2);
    let first = politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("a turn");
    let _second = politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("a turn");
    let third = politeness.turn(Urgency::Low, PATIENCE, Duration::ZERO);
    let third = tokio::time::timeout(Duration::from_secs(60), third).await;
    assert!(third.is_err(), "two hold their turns");
    drop(first);
    politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("a turn is free");
}

#[tokio::test(start_paused = true)]
async fn the_urgent_goes_before_all_that_wait_longer() {
    let politeness = politeness(1);
    let first = politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("a turn");
    let order = Arc::new(Mutex::new(Vec::new()));
    let wait = |urgency: Urgency| {
        let (politeness, order) = (politeness.clone(), Arc::clone(&order));
        tokio::spawn(async move {
            let _turn = politeness
                .turn(urgency, PATIENCE, Duration::ZERO)
                .await
                .expect("a turn");
            order.lock().expect("not poisoned").push(urgency);
        })
    };
    let mut all: Vec<_> = (0..5).map(|_| wait(Urgency::Low)).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    all.push(wait(Urgency::Medium));
    all.push(wait(Urgency::High));
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(first);
    for task in all {
        task.await.expect("no panic");
    }
    let order = order.lock().expect("not poisoned").clone();
    assert_eq!(order[..3], [Urgency::High, Urgency::Medium, Urgency::Low]);
    assert_eq!(order.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn giving_up_the_wait_lets_others_go() {
    let politeness = politeness(1);
    let first = politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("a turn");
    let urgent = politeness.turn(Urgency::High, PATIENCE, Duration::ZERO);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), urgent)
            .await
            .is_err()
    );
    drop(first);
    politeness
        .turn(Urgency::Low, PATIENCE, Duration::ZERO)
        .await
        .expect("nobody is before it");
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_is_waited_for_and_a_long_one_refused() {
    let politeness = politeness(1);
    politeness.pause(Duration::from_secs(5)).await;
    let before = Instant::now();
    drop(
        politeness
            .turn(Urgency::High, PATIENCE, Duration::ZERO)
            .await
            .expect("a turn after the pause"),
    );
    assert!(before.elapsed() >= Duration::from_secs(5));
    politeness.pause(Duration::from_secs(60)).await;
    let refused = politeness
        .turn(Urgency::High, PATIENCE, Duration::ZERO)
        .await
        .expect_err("too long");
    assert!(refused.remaining > Duration::from_secs(50));
    politeness.pause(Duration::MAX).await;
    let refused = politeness
        .turn(Urgency::High, PATIENCE, Duration::ZERO)
        .await
        .expect_err("too long");
    assert!(refused.remaining <= LONGEST_PAUSE);
}
