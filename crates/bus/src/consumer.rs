//! Consuming: a slot, a handler, and only then the acknowledgement.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions,
};
use lapin::types::FieldTable;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::backoff::Backoff;
use crate::connection::Bus;
use crate::message::{Incoming, Outgoing};
use crate::publisher::Publisher;

/// How long a message is held by default; well under the broker's acknowledgement timeout of 30 minutes.
const HOLD: Duration = Duration::from_secs(15 * 60);
/// The longest pause before a held message is tried again: what it waited for is back, and should not wait long for us.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The longest reason that a dead letter carries, in characters: headers must fit into one frame.
const REASON_LENGTH: usize = 2_000;

/// What becomes of a message after its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Acknowledge it.
    Done,
    /// It can never be handled: move it to the dead letters with this reason.
    Park(String),
    /// It cannot be handled now, because what it needs is away. The handler is called again after a
    /// growing pause. The message keeps its slot, so that nothing more is taken from the queue than
    /// there are slots; it goes back to the queue when the process stops first, and to the queue's
    /// end when it was held for long. However long that lasts, it is not lost and does not die.
    Later,
}

/// How much is taken from a queue.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Messages handled at once. As many are fetched, so that none waits here while another
    /// process could have it.
    pub concurrency: u16,
    /// How long [`Decision::Later`] may hold a message before it waits at the end of its queue.
    pub hold: Duration,
}

impl From<u16> for Intake {
    /// So many at once.
    fn from(concurrency: u16) -> Self {
        Self {
            concurrency,
            hold: HOLD,
        }
    }
}

impl Bus {
    /// Calls `handler` for each message of `queue`, at most so many at once, until `stop`; then takes
    /// no more, finishes those in hand and returns.
    ///
    /// Messages beyond those are not fetched: prefetch equals concurrency. A panic parks the
    /// message. A lost connection is opened again; messages in hand are delivered once more then,
    /// so handlers must expect repetition.
    ///
    /// # Errors
    /// None while the bus lives.
    pub async fn consume<H, F>(
        &self,
        queue: &str,
        intake: impl Into<Intake>,
        stop: CancellationToken,
        handler: H,
    ) -> Result<(), crate::BusError>
    where
        H: Fn(Incoming) -> F + Send + Sync + 'static,
        F: Future<Output = Decision> + Send + 'static,
    {
        let Intake { concurrency, hold } = intake.into();
        let consumer = Arc::new(Consumer {
            queue: queue.to_owned(),
            publisher: self.publisher(),
            dead_exchange: self.topology().dead_exchange(),
            handler,
            hold,
            stop: stop.clone(),
        });
        let slots = Arc::new(Semaphore::new(usize::from(concurrency)));
        let mut running = JoinSet::new();
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        while !stop.is_cancelled() {
            let Some(channel) = stop
                .run_until_cancelled(self.consuming_channel(concurrency))
                .await
            else {
                break;
            };
            let ended = match channel {
                Ok(channel) => {
                    backoff.reset();
                    receive(&consumer, &channel, &slots, &mut running).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::warn!(queue, %error, "consumer interrupted, starting again");
                stop.run_until_cancelled(tokio::time::sleep(backoff.delay()))
                    .await;
            }
        }
        while running.join_next().await.is_some() {}
        Ok(())
    }

    /// A channel ready to consume. Declares the topology again: a queue may have been deleted.
    async fn consuming_channel(&self, concurrency: u16) -> lapin::Result<Channel> {
        let Some(connection) = self.connection().await else {
            // The supervisor ends with the bus only, and we hold the bus.
            return std::future::pending().await;
        };
        let channel = connection.create_channel().await?;
        self.topology().declare(&channel).await?;
        channel
            .basic_qos(concurrency, BasicQosOptions::default())
            .await?;
        Ok(channel)
    }
}

/// Takes deliveries until the stop (`Ok`, after draining) or the channel's end (`Err`).
async fn receive<H, F>(
    consumer: &Arc<Consumer<H>>,
    channel: &Channel,
    slots: &Arc<Semaphore>,
    running: &mut JoinSet<()>,
) -> lapin::Result<()>
where
    H: Fn(Incoming) -> F + Send + Sync + 'static,
    F: Future<Output = Decision> + Send + 'static,
{
    let mut deliveries = channel
        .basic_consume(
            consumer.queue.as_str().into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await?;
    let ended_by_broker =
        || lapin::Error::from(std::io::Error::other("the broker cancelled the consumer"));
    loop {
        let delivery = tokio::select! {
            () = consumer.stop.cancelled() => break,
            delivery = deliveries.next() => delivery.ok_or_else(ended_by_broker)??,
        };
        // After a lost connection, handlers of the old deliveries may still hold slots.
        let slot = tokio::select! {
            () = consumer.stop.cancelled() => break,
            slot = Arc::clone(slots).acquire_owned() => slot,
        };
        let Ok(slot) = slot else { break };
        let (consumer, channel) = (Arc::clone(consumer), channel.clone());
        running.spawn(async move {
            consumer.process(delivery, &channel).await;
            drop(slot);
        });
        while running.try_join_next().is_some() {}
    }
    // Soft stop: no more deliveries, finish what runs, and closing the channel gives back the rest.
    channel
        .basic_cancel(deliveries.tag(), BasicCancelOptions::default())
        .await?;
    while running.join_next().await.is_some() {}
    channel.close(200, "stopped".into()).await
}

struct Consumer<H> {
    queue: String,
    publisher: Publisher,
    dead_exchange: String,
    handler: H,
    hold: Duration,
    stop: CancellationToken,
}

impl<H, F> Consumer<H>
where
    H: Fn(Incoming) -> F + Send + Sync + 'static,
    F: Future<Output = Decision> + Send + 'static,
{
    /// From delivery to acknowledgement. Leaves the message unacknowledged when the process stops
    /// before it could be decided.
    async fn process(&self, mut delivery: Delivery, channel: &Channel) {
        let message = Incoming::of(&mut delivery);
        let span = tracing::info_span!(
            "consume",
            queue = self.queue,
            message.key = message.routing_key,
            message.id = message.id,
        );
        if let Some(traceparent) = message.traceparent() {
            telemetry::propagation::set_parent_from(&span, traceparent);
        }
        self.settle(&delivery, message, channel)
            .instrument(span)
            .await;
    }

    async fn settle(&self, delivery: &Delivery, message: Incoming, channel: &Channel) {
        let held_since = tokio::time::Instant::now();
        let mut backoff = Backoff::new(Duration::from_millis(500), LONGEST_PAUSE);
        let decision = loop {
            match self.call(message.clone()).await {
                Decision::Later => {
                    if held_since.elapsed() > self.hold {
                        break Decision::Later;
                    }
                    let pause = tokio::time::sleep(backoff.delay());
                    let stopped = self.stop.run_until_cancelled(pause).await.is_none();
                    // Without its channel the message comes again over the next one.
                    if stopped || !channel.status().connected() {
                        return;
                    }
                }
                decided => break decided,
            }
        };
        let label = match &decision {
            Decision::Done => "done",
            Decision::Park(_) => "parked",
            Decision::Later => "returned",
        };
        metrics::counter!("bus_consumed_total", "queue" => self.queue.clone(), "decision" => label)
            .increment(1);
        let answered = match decision {
            Decision::Done => delivery.ack(BasicAckOptions::default()).await,
            Decision::Park(reason) => {
                if !self.park(message, reason).await {
                    return;
                }
                delivery.ack(BasicAckOptions::default()).await
            }
            // A copy at the end of the queue, and not the message given back: the broker counts what is
            // given back, and takes a message for poisonous that has only waited long.
            Decision::Later => match self.publisher.publish_one(message.again(&self.queue)).await {
                Ok(()) => delivery.ack(BasicAckOptions::default()).await,
                Err(error) => {
                    tracing::warn!(%error, "a message that waits goes back to its queue");
                    let back = BasicNackOptions {
                        requeue: true,
                        multiple: false,
                    };
                    delivery.nack(back).await
                }
            },
        };
        if let Err(error) = answered {
            tracing::info!(%error, "could not acknowledge; the message will come again");
        }
    }

    async fn call(&self, message: Incoming) -> Decision {
        // The handler is called inside the guard, too: it may panic before its first await.
        let call = async { (self.handler)(message).await };
        AssertUnwindSafe(call)
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| {
                let said = panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_default();
                tracing::error!(panic = said, "a queue handler panicked");
                Decision::Park(format!("the handler panicked: {said}"))
            })
    }

    /// Moves the message to the dead letters; false when the process stopped before it could.
    async fn park(&self, message: Incoming, reason: String) -> bool {
        tracing::warn!(reason, "message parked");
        let mut headers = message.headers;
        headers.insert(
            "x-reason".into(),
            reason.chars().take(REASON_LENGTH).collect(),
        );
        headers.insert("x-queue".into(), self.queue.clone());
        let letter = Outgoing {
            exchange: self.dead_exchange.clone(),
            routing_key: message.routing_key,
            id: message.id,
            headers,
            body: message.body.to_vec(),
            persistent: true,
            priority: None,
            mandatory: true,
        };
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
        loop {
            match self.publisher.publish_one(letter.clone()).await {
                Ok(()) => return true,
                Err(error) => tracing::warn!(%error, "cannot park the message yet"),
            }
            let pause = tokio::time::sleep(backoff.delay());
            if self.stop.run_until_cancelled(pause).await.is_none() {
                return false;
            }
        }
    }
}
