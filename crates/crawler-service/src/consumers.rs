//! Every background loop of the service.

use db::outbox::{Relay, Schema};
use domain::source::Source;
use lifecycle::Lifecycle;

use crate::State;
use crate::dispatch::Dispatcher;
use crate::events::{self, Trackings};
use crate::reaper::Reaper;
use crate::retention::Retention;
use crate::scheduler::Scheduler;
use crate::standings::Standings;
use crate::syncs::Syncs;
use crate::upkeep::Upkeep;

/// Starts the outbox relay, the consumer of tracking events, a dispatcher for each source, the scheduler of rounds, the
/// reaper, syncs of catalogues, upkeep, what follows how tenants stand, and what forgets old crawls.
pub fn consumers(state: State, life: &Lifecycle) {
    let relay = Relay::new(
        Schema::Crawl,
        state.pools.system.clone(),
        state.bus.publisher(),
        state.bus.topology().clone(),
    );
    life.spawn("relay:crawl", relay.run(life.soft()));
    let following = state.authenticator.clone().follow(life.soft());
    life.spawn("credentials", following);

    let trackings = Trackings {
        pool: state.pools.system.clone(),
        wake: state.wake.clone(),
    };
    let (bus, stop) = (state.bus.clone(), life.soft());
    let at_once = state.settings.event_concurrency;
    life.spawn("consume:crawler.events", async move {
        let queue = bus.topology().events_queue(events::SERVICE);
        let handler = move |message| {
            let trackings = trackings.clone();
            async move { trackings.handle(message).await }
        };
        Ok(bus.consume(&queue, at_once, stop, handler).await?)
    });

    for source in connectors::sources() {
        let dispatcher = dispatcher(&state, source);
        life.spawn("dispatch", dispatcher.run(state.bus.clone(), life.soft()));
    }
    let listening = state
        .wake
        .clone()
        .listen(state.pools.system.clone(), life.soft());
    life.spawn("listen:crawl_due", listening);

    let retention = Retention {
        pool: state.pools.system.clone(),
        keep: state.settings.keep_crawls,
    };
    life.spawn("retention:crawl", retention.run(life.soft()));

    let syncs = Syncs {
        pool: state.pools.system.clone(),
        catalog: state.catalog.clone(),
        wake: state.wake.clone(),
        low_stock: state.settings.low_stock,
    };
    life.spawn("sync", syncs.run(life.soft()));

    let upkeep = Upkeep {
        pool: state.pools.system.clone(),
        ring: state.ring.clone(),
        catalog: state.catalog.clone(),
        sync_log: state.settings.sync_log,
        sync_clock: state.settings.sync_clock,
    };
    life.spawn("upkeep:crawl", upkeep.run(life.soft()));

    let scheduler = Scheduler {
        pool: state.pools.system.clone(),
        rounds: crate::rounds(&state),
    };
    life.spawn("schedule:rounds", scheduler.run(life.soft()));

    let standings = Standings {
        pool: state.pools.system.clone(),
        wake: state.wake.clone(),
    };
    life.spawn("standings:crawl", standings.run(life.soft()));

    let reaper = Reaper {
        pool: state.pools.system,
        wake: state.wake,
    };
    life.spawn("reap", reaper.run(life.soft()));
}

/// Hands out the work of one source.
#[must_use]
pub fn dispatcher(state: &State, source: Source) -> Dispatcher {
    Dispatcher {
        source,
        pool: state.pools.system.clone(),
        publisher: state.bus.publisher(),
        topology: state.bus.topology().clone(),
        settings: state.settings.clone(),
        wake: state.wake.clone(),
        plans: state.plans.clone(),
    }
}
