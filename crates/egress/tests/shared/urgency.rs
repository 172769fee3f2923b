//! The urgent go first, at whichever process they wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use devstack::testing::TestEnv;
use egress::{Politeness, Urgency};
use tokio::task::JoinSet;

use crate::support::*;

/// Waits for a turn, notes it, and holds it for a moment.
fn wait(
    tasks: &mut JoinSet<()>,
    politeness: &Politeness,
    urgency: Urgency,
    order: &Arc<Mutex<Vec<Urgency>>>,
) {
    let (politeness, order) = (politeness.clone(), Arc::clone(order));
    tasks.spawn(async move {
        let _turn = politeness
            .turn(urgency, PATIENCE, NO_GAP)
            .await
            .expect("a turn");
        order.lock().expect("not poisoned").push(urgency);
        tokio::time::sleep(Duration::from_millis(30)).await;
    });
}

/// Waits until Redis knows that somebody so urgent waits.
async fn heard_of(env: &TestEnv, urgency: &str) {
    let client = redis::Client::open(env.redis_url.as_str()).expect("an address");
    let mut connection = client
        .get_multiplexed_async_connection()
        .await
        .expect("a connection");
    let key = format!("{}polite:{{popmart}}:{urgency}", env.redis_prefix);
    let heard = async {
        loop {
            let waiting: u32 = redis::cmd("ZCARD")
                .arg(&key)
                .query_async(&mut connection)
                .await
                .expect("an answer");
            if waiting > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, heard).await.expect("heard of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_urgent_call_goes_before_those_of_other_processes() {
    let env = env().await;
    let make = || process(&env.redis_url, sharing(&env.redis_prefix), 1, NO_GAP);
    let (busy, other, urgent) = (make(), make(), make());
    let order = Arc::default();
    let mut tasks = JoinSet::new();
    let held = turn(&busy).await.expect("a turn");
    for _ in 0..6 {
        wait(&mut tasks, &busy, Urgency::Low, &order);
        wait(&mut tasks, &other, Urgency::Low, &order);
    }
    wait(&mut tasks, &urgent, Urgency::Medium, &order);
    wait(&mut tasks, &urgent, Urgency::High, &order);
    wait(&mut tasks, &urgent, Urgency::High, &order);
    heard_of(&env, "high").await;
    heard_of(&env, "medium").await;
    drop(held);
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic");
    }
    let order = order.lock().expect("not poisoned").clone();
    assert_eq!(
        order[..4],
        [Urgency::High, Urgency::High, Urgency::Medium, Urgency::Low],
        "{order:?}"
    );
    assert_eq!(order.len(), 15);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_urgent_call_that_gave_up_holds_nobody() {
    let env = env().await;
    let make = || process(&env.redis_url, sharing(&env.redis_prefix), 1, NO_GAP);
    let (busy, other, urgent) = (make(), make(), make());
    let held = turn(&busy).await.expect("a turn");
    no_turn(&urgent).await;
    drop(held);
    turn(&other).await.expect("nobody is before it");
}
