//! What was read most is read again at the start, before anybody asks.

use std::time::Duration;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{About, Wanted};
use crate::State;
use crate::products::read_product;

/// How often it is noted what was read.
const EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether anything may be kept yet.
const SOON: Duration = Duration::from_millis(100);
/// Reads at the same time: people go first.
const AT_ONCE: usize = 2;

/// Warms, and then notes what is read until `stop`.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(state: State, stop: CancellationToken) -> anyhow::Result<()> {
    while !state.answers().cache().is_trusted() {
        if tokio::time::timeout(SOON, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
    let warmed = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        warmed = warm(&state) => warmed,
    };
    tracing::info!(products = warmed, "what was read most is at hand");
    let class = state.answers().products();
    while tokio::time::timeout(EVERY, stop.cancelled()).await.is_err() {
        state.answers().cache().note_reads(class).await;
    }
    state.answers().cache().note_reads(class).await;
    Ok(())
}

/// Reads what was read most; says how many there were.
pub async fn warm(state: &State) -> usize {
    let wanted = state.answers().cache().most_read().await;
    let read = stream::iter(wanted).map(|(tenant, listing)| async move {
        let wanted = Wanted {
            about: About::Product,
            tenant,
            listing,
            variant: Some(""),
        };
        // What is not watched any more is not there; what fails is read when it is asked for.
        let read = || read_product(state, tenant, listing);
        usize::from(state.answers().kept(wanted, "", read).await.is_ok())
    });
    read.buffer_unordered(AT_ONCE)
        .fold(0, |sum, one| async move { sum + one })
        .await
}
