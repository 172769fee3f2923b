//! Slots, gaps and pauses.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egress::Sharing;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_keep_the_number_at_once_together() {
    let env = env().await;
    // Under way now, and the most ever.
    let seen = Arc::new(Mutex::new((0_u32, 0_u32)));
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let politeness = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
        for _ in 0..15 {
            let (politeness, seen) = (politeness.clone(), Arc::clone(&seen));
            tasks.spawn(async move {
                let _turn = turn(&politeness).await.expect("a turn");
                {
                    let mut seen = seen.lock().expect("not poisoned");
                    seen.0 += 1;
                    seen.1 = seen.1.max(seen.0);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                seen.lock().expect("not poisoned").0 -= 1;
            });
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic");
    }
    assert_eq!(seen.lock().expect("not poisoned").1, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_keep_the_gap_together() {
    const STARTS: u32 = 10;
    let gap = Duration::from_millis(100);
    let env = env().await;
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..2 {
        let politeness = process(&env.redis_url, sharing(&env.redis_prefix), 3, gap);
        for _ in 0..STARTS / 2 {
            let politeness = politeness.clone();
            tasks.spawn(async move { turn(&politeness).await.map(drop) });
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic").expect("a turn");
    }
    // The first start is granted after `begun`, so no delay on the way can make this too short.
    assert!(
        begun.elapsed() + ROUNDING >= gap * (STARTS - 1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_of_one_process_holds_the_others() {
    let env = env().await;
    let one = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    let other = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    one.pause(Duration::from_secs(300)).await;
    let heard = paused(&other).await.remaining;
    assert!(heard > Duration::from_secs(200), "{heard:?}");
    // A shorter one does not end it.
    one.pause(Duration::from_secs(1)).await;
    let late = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    assert!(paused(&late).await.remaining > Duration::from_secs(200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_request_makes_room_for_another_process_at_once() {
    let env = env().await;
    let one = process(&env.redis_url, sharing(&env.redis_prefix), 1, NO_GAP);
    let other = process(&env.redis_url, sharing(&env.redis_prefix), 1, NO_GAP);
    let held = turn(&one).await.expect("a turn");
    no_turn(&other).await;
    drop(held);
    turn(&other)
        .await
        .expect("a turn, long before the slot's life is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slot_of_one_who_vanished_ends_by_itself() {
    let env = env().await;
    let life = Duration::from_secs(1);
    let short = Sharing {
        slot_life: life,
        ..sharing(&env.redis_prefix)
    };
    let one = process(&env.redis_url, short.clone(), 1, NO_GAP);
    let other = process(&env.redis_url, short, 1, NO_GAP);
    let before = Instant::now();
    std::mem::forget(turn(&one).await.expect("a turn"));
    turn(&other).await.expect("a turn");
    assert!(
        before.elapsed() + ROUNDING >= life,
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_redis_the_local_limits_hold() {
    // Takes connections and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mute = format!("redis://{}", mute.local_addr().expect("an address"));
    for url in ["redis://127.0.0.1:1", &mute] {
        let alone = process(url, Sharing::new("p:", LIMIT), 2, NO_GAP);
        let first = turn(&alone).await.expect("a turn");
        let _second = turn(&alone).await.expect("a turn");
        no_turn(&alone).await;
        drop(first);
        turn(&alone).await.expect("a turn");
        alone.pause(Duration::from_secs(60)).await;
        turn(&alone).await.expect_err("paused");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_leaves_each_process_its_share_and_ends_by_itself() {
    let env = env().await;
    let (address, up) = cuttable(&env.redis_url).await;
    let through = through(&env.redis_url, address);

    let other = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    let one = process(&through, sharing(&env.redis_prefix), 3, NO_GAP);
    drop(turn(&other).await.expect("a turn"));
    drop(turn(&one).await.expect("a turn"));

    // Of three among two, one.
    cut(&up).await;
    let held = turn(&one).await.expect("a turn without Redis");
    no_turn(&one).await;
    drop(held);

    // What happened meanwhile is heard of afterwards, both ways.
    one.pause(Duration::from_secs(60)).await;
    turn(&other).await.expect("it cannot know yet");
    up.send_replace(true);
    paused(&other).await;
    let fresh = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    paused(&fresh).await;
}
