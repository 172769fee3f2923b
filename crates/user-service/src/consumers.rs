//! Background loops: the outbox relay, mails that are due, and forgetting old rows.

use std::time::Duration;

use chrono::Utc;
use db::SystemTx;
use db::outbox::{Relay, Schema};
use lifecycle::Lifecycle;

use crate::State;
use crate::storage::housekeeping;

/// Between two looks for rows to forget.
const HOUSEKEEPING: Duration = Duration::from_secs(600);

/// Starts every background loop of user-service.
pub fn consumers(state: State, life: &Lifecycle) {
    let relay = Relay::new(
        Schema::Identity,
        state.pools.system.clone(),
        state.bus.publisher(),
        state.bus.topology().clone(),
    );
    life.spawn("identity:relay", relay.run(life.soft()));

    life.spawn("identity:mail", state.mails().run(life.soft()));

    let stop = life.soft();
    life.spawn("identity:housekeeping", async move {
        loop {
            match sweep(&state).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "old rows stay for now");
                }
            }
            if tokio::time::timeout(HOUSEKEEPING, stop.cancelled())
                .await
                .is_ok()
            {
                return Ok(());
            }
        }
    });
}

/// One batch; whether there may be more.
async fn sweep(state: &State) -> anyhow::Result<bool> {
    let tx = SystemTx::begin(&state.pools.system).await?;
    let more = housekeeping::sweep(&tx, Utc::now()).await?;
    tx.commit().await?;
    Ok(more)
}
