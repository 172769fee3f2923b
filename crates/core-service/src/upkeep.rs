//! Keeping history's partitions ahead of time.

use std::time::Duration;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::State;

/// How often the months ahead are looked after.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// When to try again after a failure.
const AGAIN: Duration = Duration::from_secs(30);

/// Makes the months ahead until `stop`.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(state: State, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let pause = match state
            .months()
            .ensure_ahead(&state.pools().system, Utc::now())
            .await
        {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "history partitions not made; trying again");
                AGAIN
            }
        };
        if tokio::time::timeout(pause, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}
