//! Limits kept by several processes together, against a real Redis.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use devstack::testing::TestEnv;
use egress::{Paused, Politeness, SharedLimits, Sharing, Turn, Urgency};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

const LIMIT: Duration = Duration::from_secs(30);
/// Long enough to see that nothing happens.
const MOMENT: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(10);
const NO_GAP: Duration = Duration::ZERO;
/// Redis counts whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);

async fn env() -> TestEnv {
    TestEnv::empty().await.expect("engines")
}

/// Patient with a Redis on a busy machine.
fn sharing(prefix: &str) -> Sharing {
    Sharing {
        answer_within: Duration::from_secs(5),
        retry_after: Duration::from_millis(100),
        ..Sharing::new(prefix, Duration::from_secs(60))
    }
}

/// As another process would have it.
fn process(url: &str, sharing: Sharing, concurrency: u16, gap: Duration) -> Politeness {
    let limits = SharedLimits::connect(url, sharing).expect("an address");
    Politeness::new(concurrency, gap..=gap).shared_by(&limits, "popmart")
}

async fn turn(politeness: &Politeness) -> Result<Turn, Paused> {
    tokio::time::timeout(LIMIT, politeness.turn(Urgency::Low, PATIENCE))
        .await
        .expect("an answer in time")
}

async fn no_turn(politeness: &Politeness) {
    let turn = tokio::time::timeout(MOMENT, politeness.turn(Urgency::High, PATIENCE)).await;
    assert!(turn.is_err(), "a turn beyond the limit");
}

/// Takes turns until one is refused.
async fn paused(politeness: &Politeness) -> Paused {
    let refusal = async {
        loop {
            match politeness.turn(Urgency::High, PATIENCE).await {
                Ok(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(paused) => return paused,
            }
        }
    };
    tokio::time::timeout(LIMIT, refusal)
        .await
        .expect("the pause is heard of")
}

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
    one.pause(Duration::from_secs(300));
    let heard = paused(&other).await.remaining;
    assert!(heard > Duration::from_secs(200), "{heard:?}");
    // A shorter one does not end it.
    one.pause(Duration::from_secs(1));
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
        alone.pause(Duration::from_secs(60));
        turn(&alone).await.expect_err("paused");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_leaves_each_process_its_share_and_ends_by_itself() {
    let env = env().await;
    let (address, up) = cuttable(&env.redis_url).await;
    let mut through = url::Url::parse(&env.redis_url).expect("a URL");
    through.set_port(Some(address.port())).expect("has a port");

    let other = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    let one = process(through.as_str(), sharing(&env.redis_prefix), 3, NO_GAP);
    drop(turn(&other).await.expect("a turn"));
    drop(turn(&one).await.expect("a turn"));

    // Of three among two, one.
    up.send_replace(false);
    let cut = async {
        while up.receiver_count() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, cut)
        .await
        .expect("no tunnel is left");
    let held = turn(&one).await.expect("a turn without Redis");
    no_turn(&one).await;
    drop(held);

    // What happened meanwhile is heard of afterwards, both ways.
    one.pause(Duration::from_secs(60));
    turn(&other).await.expect("it cannot know yet");
    up.send_replace(true);
    paused(&other).await;
    let fresh = process(&env.redis_url, sharing(&env.redis_prefix), 3, NO_GAP);
    paused(&fresh).await;
}

/// A way to Redis that is open while the switch is on. Each tunnel keeps a receiver of the switch.
async fn cuttable(redis: &str) -> (SocketAddr, watch::Sender<bool>) {
    let redis = url::Url::parse(redis).expect("a URL");
    let port = redis.port().expect("has a port");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (switch, up) = watch::channel(true);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut up = up.clone();
            if !*up.borrow_and_update() {
                continue;
            }
            tokio::spawn(async move {
                let mut far = TcpStream::connect(("127.0.0.1", port)).await?;
                tokio::select! {
                    ended = tokio::io::copy_bidirectional(&mut near, &mut far) => ended.map(drop),
                    _ = up.wait_for(|up| !up) => Ok(()),
                }
            });
        }
    });
    (address, switch)
}
