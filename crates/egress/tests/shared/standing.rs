//! Refusals, lasting limits and what an outage makes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use egress::{Politeness, Rest, Rules, Turn, Urgency, Verdict, Why};
use tokio::task::JoinSet;

use crate::support::*;

fn rules() -> Rules {
    Rules {
        first_rest: Duration::from_secs(1),
        ..Rules::default()
    }
}

async fn ends(politeness: &Politeness, verdict: Verdict) {
    turn(politeness)
        .await
        .expect("a turn")
        .finish(verdict)
        .await;
}

async fn refused(politeness: &Politeness, times: u32) {
    for _ in 0..times {
        ends(politeness, Verdict::Refused(None)).await;
    }
}

/// Takes turns until one is granted.
async fn granted(politeness: &Politeness) -> Turn {
    let granted = async {
        loop {
            match politeness.turn(Urgency::High, PATIENCE, NO_GAP).await {
                Ok(turn) => return turn,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(LIMIT, granted)
        .await
        .expect("a turn in time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_refusals_anywhere_keep_everybody_away() {
    let env = env().await;
    let one = quick(&env.redis_url, sharing(&env.redis_prefix), Rules::default());
    let other = quick(&env.redis_url, sharing(&env.redis_prefix), Rules::default());
    refused(&one, 2).await;
    // A good answer between counts, whoever got it.
    ends(&other, Verdict::Good).await;
    refused(&other, 2).await;
    refused(&one, 1).await;
    for politeness in [&one, &other] {
        let paused = turn(politeness).await.expect_err("left alone");
        assert_eq!(paused.why, Why::Refused);
        assert!(paused.remaining > Duration::from_secs(60), "{paused:?}");
        assert!(matches!(politeness.manner().resting, Some(Rest::For(_))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_all_processes_probes_and_its_success_lets_all_in() {
    let env = env().await;
    let workers: Vec<_> = (0..4)
        .map(|_| quick(&env.redis_url, sharing(&env.redis_prefix), rules()))
        .collect();
    refused(&workers[0], 3).await;

    let probes = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for place in 0..12 {
        let worker = workers[place % workers.len()].clone();
        let probes = Arc::clone(&probes);
        tasks.spawn(async move {
            let turn = granted(&worker).await;
            // Everybody else is let in by what the first one learns.
            if probes.fetch_add(1, Ordering::SeqCst) == 0 {
                tokio::time::sleep(MOMENT).await;
                assert_eq!(probes.load(Ordering::SeqCst), 1, "a second probe");
                turn.finish(Verdict::Good).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic");
    }
    assert_eq!(probes.load(Ordering::SeqCst), 12);
    for worker in &workers {
        drop(granted(worker).await);
        assert_eq!(worker.manner().resting, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_probe_is_a_longer_rest_for_all() {
    let env = env().await;
    let one = quick(&env.redis_url, sharing(&env.redis_prefix), rules());
    let other = quick(&env.redis_url, sharing(&env.redis_prefix), rules());
    refused(&one, 3).await;
    granted(&other).await.finish(Verdict::Neither).await;
    let left = turn(&other).await.expect_err("left alone").remaining;
    assert!(left > Duration::from_secs(1), "{left:?}");
    // The first one believes its own last word for a moment only.
    turn(&one).await.expect_err("left alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lasting_limits_make_all_ask_one_at_a_time() {
    let env = env().await;
    let one = quick(&env.redis_url, sharing(&env.redis_prefix), Rules::default());
    let other = quick(&env.redis_url, sharing(&env.redis_prefix), Rules::default());
    let limited = Verdict::Limited(Duration::from_millis(20));
    for _ in 0..2 {
        ends(&one, limited).await;
    }
    let held = turn(&other).await.expect("a turn");
    let manner = other.manner();
    assert_eq!((manner.gap_percent, manner.concurrency), (200, 1));
    no_turn(&one).await;
    no_turn(&other).await;
    held.finish(Verdict::Good).await;
    // Good answers of all of them together make it narrow again.
    for politeness in [&one, &other].into_iter().cycle().take(20) {
        ends(politeness, Verdict::Good).await;
    }
    assert_eq!(other.manner().gap_percent, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_redis_a_process_goes_by_what_it_knows() {
    let alone = quick("redis://127.0.0.1:1", sharing("p:"), rules());
    for _ in 0..2 {
        ends(&alone, Verdict::Limited(Duration::from_millis(20))).await;
    }
    assert_eq!(alone.manner().concurrency, 1);
    refused(&alone, 3).await;
    let paused = turn(&alone).await.expect_err("left alone");
    assert_eq!(paused.why, Why::Refused);
    let probe = granted(&alone).await;
    turn(&alone).await.expect_err("one probe");
    probe.finish(Verdict::Good).await;
    turn(&alone).await.expect("let in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_during_an_outage_is_passed_on() {
    let env = env().await;
    let (address, up) = cuttable(&env.redis_url).await;
    let through = through(&env.redis_url, address);
    let other = quick(&env.redis_url, sharing(&env.redis_prefix), Rules::default());
    let one = quick(&through, sharing(&env.redis_prefix), Rules::default());
    drop(turn(&one).await.expect("a turn"));
    cut(&up).await;
    refused(&one, 3).await;
    turn(&one)
        .await
        .expect_err("left alone by its own knowledge");
    drop(turn(&other).await.expect("it cannot know yet"));
    up.send_replace(true);
    let paused = paused(&other).await;
    assert_eq!(paused.why, Why::Refused);
}
