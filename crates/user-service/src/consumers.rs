//! Background loops: the outbox relay, erasing tenants, building their exports, and forgetting old rows.

use std::time::Duration;

use chrono::Utc;
use db::SystemTx;
use db::outbox::{Relay, Schema};
use lifecycle::Lifecycle;

use crate::State;
use crate::exports::Builder;
use crate::storage::{exports, housekeeping, slugs};
use crate::tenants::erasure::Erasure;

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

    let erasure = Erasure {
        system: state.pools.system.clone(),
        core: state.core.clone(),
        crawler: state.crawler.clone(),
        life: state.life,
    };
    life.spawn("identity:erasure", erasure.run(life.soft()));
    let builder = Builder {
        pools: state.pools.clone(),
        seal: state.seal.0.clone(),
        core: state.core.clone(),
        crawler: state.crawler.clone(),
        kept: state.life.export,
    };
    life.spawn("identity:exports", builder.run(life.soft()));

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
    let now = Utc::now();
    let mut more = housekeeping::sweep(&tx, now).await?;
    slugs::sweep(&tx, now).await?;
    more |= exports::sweep(&tx, now).await?;
    tx.commit().await?;
    Ok(more)
}
