use super::*;
use std::sync::atomic::AtomicUsize;

/// No test should come near it.
const LIMIT: Duration = Duration::from_secs(5);

async fn drained(life: &Lifecycle) {
    tokio::time::timeout(LIMIT, life.drained())
        .await
        .expect("drains in time");
}

#[tokio::test]
async fn a_stop_lets_tasks_finish_what_they_have() {
    let life = Lifecycle::new(LIMIT);
    let finished = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let (soft, finished) = (life.soft(), Arc::clone(&finished));
        life.spawn("worker", async move {
            soft.cancelled().await;
            tokio::task::yield_now().await;
            finished.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
    }
    life.stop();
    drained(&life).await;
    assert_eq!(finished.load(Ordering::SeqCst), 3);
    assert!(!life.has_failed());
}

#[tokio::test]
async fn an_error_a_panic_and_an_early_end_stop_the_process_as_failed() {
    let endings: [fn() -> anyhow::Result<()>; 3] =
        [|| anyhow::bail!("broken"), || panic!("boom"), || Ok(())];
    for end in endings {
        let life = Lifecycle::new(LIMIT);
        let soft = life.soft();
        life.spawn("other", async move {
            soft.cancelled().await;
            Ok(())
        });
        life.spawn("ends", async move { end() });
        drained(&life).await;
        assert!(life.has_failed());
    }
}

#[tokio::test]
async fn an_error_while_stopping_is_a_failure_too() {
    let life = Lifecycle::new(LIMIT);
    let soft = life.soft();
    life.spawn("flush", async move {
        soft.cancelled().await;
        anyhow::bail!("could not flush")
    });
    life.stop();
    drained(&life).await;
    assert!(life.has_failed());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_does_not_stop_is_dropped_after_the_grace_time() {
    let life = Lifecycle::new(Duration::from_secs(30));
    life.spawn("stuck", std::future::pending());
    life.stop();
    let start = tokio::time::Instant::now();
    life.drained().await;
    assert_eq!(start.elapsed().as_secs(), 30);
    assert!(life.hard().is_cancelled());
}

#[tokio::test]
async fn run_until_signal_ends_when_a_task_fails() {
    let life = Lifecycle::new(LIMIT);
    life.spawn("ends", async { anyhow::bail!("broken") });
    let code = tokio::time::timeout(LIMIT, life.run_until_signal())
        .await
        .expect("ends");
    assert_eq!(code, ExitCode::FAILURE);
}

#[tokio::test]
async fn run_until_signal_is_a_success_after_an_ordered_stop() {
    let life = Lifecycle::new(LIMIT);
    life.stop();
    let code = tokio::time::timeout(LIMIT, life.run_until_signal())
        .await
        .expect("ends");
    assert_eq!(code, ExitCode::SUCCESS);
}
