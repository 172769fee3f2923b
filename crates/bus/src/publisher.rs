//! Publishing in batches, each message confirmed.

use std::collections::HashSet;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use tokio::sync::Mutex;

use crate::connection::Bus;
use crate::message::{Outgoing, TRACEPARENT, table};

/// How long a batch waits for a connection, and then until it is written and confirmed.
const BATCH_LIMIT: Duration = Duration::from_secs(15);

/// Why a message is not safely with the broker. It may still have arrived: repeating is harmless
/// where consumers expect repetition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A mandatory message reached no queue.
    #[error("no queue is bound for this message")]
    Unroutable,
    /// A queue is full or could not take it.
    #[error("the broker refused the message")]
    Refused,
    /// A routing key, exchange or id longer than AMQP can carry.
    #[error("{0} is longer than 255 bytes")]
    TooLong(&'static str),
    /// No connection, or it broke before the confirm.
    #[error("not connected to the broker: {0}")]
    Disconnected(String),
    /// No confirm in time.
    #[error("the broker did not confirm in time")]
    Timeout,
}

/// Sends messages over a channel of its own, one batch at a time.
#[derive(Debug)]
pub struct Publisher {
    bus: Bus,
    channel: Mutex<Option<Channel>>,
}

impl Publisher {
    pub(crate) fn new(bus: Bus) -> Self {
        Self {
            bus,
            channel: Mutex::new(None),
        }
    }

    /// Publishes all messages, then waits for all confirms; one result a message, in order.
    ///
    /// Waits a bounded time for a connection. Dropping the future leaves the outcome unknown.
    pub async fn publish_confirmed(&self, batch: Vec<Outgoing>) -> Vec<Result<(), PublishError>> {
        if batch.is_empty() {
            return Vec::new();
        }
        let mut slot = self.channel.lock().await;
        // Taken out, so that a failed or dropped batch never leaves a channel with stray confirms.
        let reused = slot.take().filter(|channel| channel.status().connected());
        let opened = match reused {
            Some(channel) => Ok(channel),
            None => match tokio::time::timeout(BATCH_LIMIT, self.open()).await {
                Ok(opened) => opened,
                Err(_) => Err(PublishError::Disconnected("no connection in time".into())),
            },
        };
        let results = match opened {
            Ok(channel) => {
                let results = send(&channel, &batch).await;
                let broken = |result: &Result<(), PublishError>| {
                    matches!(
                        result,
                        Err(PublishError::Disconnected(_) | PublishError::Timeout)
                    )
                };
                if !results.iter().any(broken) {
                    *slot = Some(channel);
                }
                results
            }
            Err(error) => vec![Err(error); batch.len()],
        };
        let failed = results.iter().filter(|result| result.is_err()).count();
        metrics::counter!("bus_published_total", "result" => "confirmed")
            .increment((results.len() - failed) as u64);
        metrics::counter!("bus_published_total", "result" => "failed").increment(failed as u64);
        results
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn publish_one(&self, message: Outgoing) -> Result<(), PublishError> {
        self.publish_confirmed(vec![message])
            .await
            .pop()
            .unwrap_or(Err(PublishError::Timeout))
    }

    async fn open(&self) -> Result<Channel, PublishError> {
        let gone = || PublishError::Disconnected("the bus is closed".into());
        let connection = self.bus.connection().await.ok_or_else(gone)?;
        let channel = connection.create_channel().await.map_err(disconnected)?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await
            .map_err(disconnected)?;
        Ok(channel)
    }
}

fn disconnected(error: lapin::Error) -> PublishError {
    PublishError::Disconnected(error.to_string())
}

async fn send(channel: &Channel, batch: &[Outgoing]) -> Vec<Result<(), PublishError>> {
    let traceparent = telemetry::propagation::current_traceparent();
    // Writing has a limit, too: a broker that is short of memory stops reading, and lets us wait for ever.
    let deadline = tokio::time::Instant::now() + BATCH_LIMIT;
    let mut pending = Vec::with_capacity(batch.len());
    for (index, message) in batch.iter().enumerate() {
        let publishing = publish(channel, message, index, traceparent.as_deref());
        let published = tokio::time::timeout_at(deadline, publishing).await;
        pending.push(published.unwrap_or(Err(PublishError::Timeout)));
    }

    // The broker returns an unroutable message before it confirms it, but the client library hands
    // the returned message to whichever confirm comes next. So the returned message says itself,
    // by its place in the batch, which one it is.
    let mut returned = HashSet::new();
    let mut results = Vec::with_capacity(batch.len());
    for confirm in pending {
        results.push(match confirm {
            Ok(confirm) => match tokio::time::timeout_at(deadline, confirm).await {
                Ok(Ok(confirmation)) => settle(confirmation, &mut returned),
                Ok(Err(error)) => Err(disconnected(error)),
                Err(_) => Err(PublishError::Timeout),
            },
            Err(error) => Err(error),
        });
    }
    for index in returned {
        if let Some(result) = results.get_mut(index) {
            *result = Err(PublishError::Unroutable);
        }
    }
    results
}

async fn publish(
    channel: &Channel,
    message: &Outgoing,
    index: usize,
    traceparent: Option<&str>,
) -> Result<PublisherConfirm, PublishError> {
    let short = |what: &'static str, text: &str| {
        ShortString::try_new(text).map_err(|_| PublishError::TooLong(what))
    };
    let mut headers = table(&message.headers);
    if let (false, Some(traceparent)) = (headers.contains_key(TRACEPARENT), traceparent) {
        let value = lapin::types::AMQPValue::LongString(traceparent.into());
        headers.insert(TRACEPARENT.into(), value);
    }
    let mut properties = BasicProperties::default()
        .with_headers(headers)
        .with_correlation_id(index.to_string().into())
        .with_delivery_mode(if message.persistent { 2 } else { 1 });
    if let Some(id) = &message.id {
        properties = properties.with_message_id(short("the message id", id)?);
    }
    if let Some(priority) = message.priority {
        properties = properties.with_priority(priority);
    }
    let options = BasicPublishOptions {
        mandatory: message.mandatory,
        ..Default::default()
    };
    channel
        .basic_publish(
            short("the exchange name", &message.exchange)?,
            short("the routing key", &message.routing_key)?,
            options,
            &message.body,
            properties,
        )
        .await
        .map_err(disconnected)
}

/// One confirm's own result; a returned message is noted under its own place.
fn settle(confirmation: Confirmation, returned: &mut HashSet<usize>) -> Result<(), PublishError> {
    let refused = confirmation.is_nack();
    if let Some(message) = confirmation.take_message() {
        let place = message.delivery.properties.correlation_id();
        if let Some(index) = place.as_ref().and_then(|place| place.as_str().parse().ok()) {
            returned.insert(index);
        }
    }
    if refused {
        Err(PublishError::Refused)
    } else {
        Ok(())
    }
}
