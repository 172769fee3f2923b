//! One consumer a source and priority, so that nothing urgent waits behind anything else.

use std::time::Duration;

use bus::{Intake, Priority};
use connectors::Urgency;
use lifecycle::Lifecycle;

use crate::in_hand::InHand;
use crate::task::Worker;
use crate::{State, mail, sources};

/// How long a task is held whose services are away. With the longest task it stays under the broker's acknowledgement
/// timeout of 30 minutes.
const HOLD: Duration = Duration::from_secs(4 * 60);

/// Spawns every background loop of the worker.
pub fn consumers(state: State, life: &Lifecycle) {
    let executor = state.registry.executor().clone();
    let telling = sources::tell(executor, state.clients.clone(), life.soft());
    life.spawn("tell:sources", telling);
    let (bus, stop, postman) = (state.bus.clone(), life.soft(), state.postman.clone());
    life.spawn("consume:mail", async move {
        let queue = bus.topology().mail_queue();
        let handler = move |message: bus::Incoming| {
            let postman = postman.clone();
            async move { postman.handle(message).await }
        };
        let intake = Intake {
            concurrency: mail::AT_ONCE,
            hold: HOLD,
        };
        bus.consume(&queue, intake, stop, handler).await?;
        Ok(())
    });
    for source in state.registry.sources().collect::<Vec<_>>() {
        let Some(connector) = state.registry.get(source) else {
            continue;
        };
        for priority in Priority::ALL {
            let worker = Worker {
                connector: connector.clone(),
                clients: state.clients.clone(),
                urgency: urgency(priority),
                in_hand: InHand::default(),
                result_batch: state.result_batch,
            };
            let (bus, stop, concurrency) = (state.bus.clone(), life.soft(), state.concurrency);
            life.spawn("consume:crawl", async move {
                let queue = bus.topology().crawl_queue(source, priority);
                let handler = move |message: bus::Incoming| {
                    let worker = worker.clone();
                    async move { worker.handle(message).await }
                };
                let intake = Intake {
                    concurrency,
                    hold: HOLD,
                };
                bus.consume(&queue, intake, stop, handler).await?;
                Ok(())
            });
        }
    }
}

fn urgency(priority: Priority) -> Urgency {
    match priority {
        Priority::High => Urgency::High,
        Priority::Medium => Urgency::Medium,
        Priority::Low => Urgency::Low,
    }
}
