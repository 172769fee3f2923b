//! The main job, end to end, over real processes: track, crawl, change, alert.

mod bad_input;
mod chaos;
mod histories;
mod one_process;
mod operations;
mod politeness;
mod samples;
mod services;
mod syncs;

use journey_tests::installation::Installation;

/// One installation for all tests that only need one; the last to finish ends it.
async fn one_process() -> anyhow::Result<std::sync::Arc<Installation>> {
    use std::sync::{Arc, Weak};
    static SHARED: tokio::sync::Mutex<Weak<Installation>> =
        tokio::sync::Mutex::const_new(Weak::new());
    let mut shared = SHARED.lock().await;
    if let Some(running) = shared.upgrade() {
        return Ok(running);
    }
    let started = Arc::new(Installation::start("up").await?);
    *shared = Arc::downgrade(&started);
    Ok(started)
}

/// Held by a test for as long as it has four processes: their ports are fixed, so there is room for one such installation.
static FOUR_PROCESSES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Runs a test and shows the installation's logs if it fails.
async fn told(
    installation: &Installation,
    test: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    test.await.map_err(|error| {
        error.context(format!(
            "the installation's logs end with\n{}",
            installation.logs()
        ))
    })
}
