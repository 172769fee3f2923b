//! Background loops: the outbox relay, the audit log, mails that are due, hearing and telling about credentials, signing
//! keys, erasing tenants, building their exports, and forgetting old rows.

use std::time::Duration;

use chrono::Utc;
use db::SystemTx;
use db::outbox::{Relay, Schema};
use lifecycle::Lifecycle;

use crate::State;
use crate::audit_log;
use crate::exports::Builder;
use crate::storage::{exports, housekeeping, slugs};
use crate::tenants::erasure::Erasure;

/// Between two looks at the age of signing keys.
const SIGNING_KEYS: Duration = Duration::from_secs(300);

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

    let (bus, pool, stop) = (state.bus.clone(), state.pools.system.clone(), life.soft());
    let at_once = state.event_concurrency;
    life.spawn("consume:user.events", async move {
        // A line whose month is missing could not be kept.
        if let Err(error) = audit_log::ensure(&pool, Utc::now()).await {
            tracing::warn!(%error, "months of the audit log are not made yet");
        }
        let queue = bus.topology().events_queue(audit_log::SERVICE);
        let handler = move |message| audit_log::handle(pool.clone(), message);
        Ok(bus.consume(&queue, at_once, stop, handler).await?)
    });
    life.spawn("identity:mail", state.mails().run(life.soft()));

    let feed = state.identity.feed().clone();
    let keys = state.identity.signing_keys().clone();
    let changes = feed.run(state.pools.system.clone(), keys.clone(), life.soft());
    life.spawn("identity:changes", changes);
    let following = state.authenticator.clone().follow(life.soft());
    life.spawn("identity:credentials", following);
    let stop = life.soft();
    life.spawn("identity:signing_keys", async move {
        loop {
            if let Err(error) = keys.look_after(Utc::now()).await {
                tracing::warn!(error = format!("{error:#}"), "signing keys stay for now");
            }
            let pause = tokio::time::timeout(SIGNING_KEYS, stop.cancelled());
            if pause.await.is_ok() {
                return Ok(());
            }
        }
    });
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
            let kept = audit_log::keep(&state.pools.system, state.audit_kept, Utc::now()).await;
            if let Err(error) = kept {
                tracing::warn!(%error, "months of the audit log stay as they are for now");
            }
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
