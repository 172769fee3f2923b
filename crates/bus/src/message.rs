//! Messages as callers see them.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::source::Source;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::topology::{Priority, Topology};

/// Header with the W3C trace context.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// A message to publish.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Full exchange name, from [`Topology`].
    pub exchange: String,
    /// Routing key.
    pub routing_key: String,
    /// Identity of the message, for logs and for consumers that remember what they saw.
    pub id: Option<String>,
    /// Text headers. `traceparent` is added from the current span when absent.
    pub headers: BTreeMap<String, String>,
    /// The encoded message.
    pub body: Vec<u8>,
    /// Survives a restart of the broker.
    pub persistent: bool,
    /// Broker-side priority within a queue; most queues ignore it.
    pub priority: Option<u8>,
    /// Whether reaching no queue is an error.
    pub mandatory: bool,
}

impl Outgoing {
    /// A persistent event. That nobody listens to it is no error.
    pub fn event(topology: &Topology, routing_key: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            exchange: topology.events_exchange(),
            routing_key: routing_key.into(),
            id: None,
            headers: BTreeMap::new(),
            body,
            persistent: true,
            priority: None,
            mandatory: false,
        }
    }

    /// A persistent crawl task, which must reach its queue.
    pub fn crawl_task(
        topology: &Topology,
        source: Source,
        priority: Priority,
        body: Vec<u8>,
    ) -> Self {
        Self {
            exchange: topology.crawl_exchange(),
            mandatory: true,
            ..Self::event(topology, Topology::crawl_key(source, priority), body)
        }
    }

    /// A persistent mail task, which must reach its queue.
    pub fn mail_task(topology: &Topology, body: Vec<u8>) -> Self {
        Self {
            exchange: String::new(),
            mandatory: true,
            ..Self::event(topology, topology.mail_queue(), body)
        }
    }

    /// Sets [`Outgoing::id`].
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets one header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

/// A message received. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The encoded message.
    pub body: Bytes,
    /// The key it was published with.
    pub routing_key: String,
    /// The publisher's id for it.
    pub id: Option<String>,
    /// Headers that are text.
    pub headers: BTreeMap<String, String>,
    /// It may have been handled before, wholly or in part.
    pub redelivered: bool,
}

impl Incoming {
    pub(crate) fn of(delivery: &mut Delivery) -> Self {
        let properties = &delivery.properties;
        Self {
            id: properties.message_id().as_ref().map(ToString::to_string),
            headers: properties.headers().as_ref().map(texts).unwrap_or_default(),
            routing_key: delivery.routing_key.to_string(),
            redelivered: delivery.redelivered,
            body: Bytes::from(std::mem::take(&mut delivery.data)),
        }
    }

    /// The message as it was published, straight into `queue`. What the broker or a consumer noted on it is left out.
    pub(crate) fn again(self, queue: &str) -> Outgoing {
        let own = |(name, _): &(String, String)| !name.starts_with("x-");
        Outgoing {
            exchange: String::new(),
            routing_key: queue.to_owned(),
            id: self.id,
            headers: self.headers.into_iter().filter(own).collect(),
            body: self.body.to_vec(),
            persistent: true,
            priority: None,
            mandatory: true,
        }
    }

    /// The publisher's trace context, if it sent one.
    pub fn traceparent(&self) -> Option<&str> {
        self.headers.get(TRACEPARENT).map(String::as_str)
    }
}

fn texts(table: &FieldTable) -> BTreeMap<String, String> {
    table
        .into_iter()
        .filter_map(|(name, value)| match value {
            AMQPValue::LongString(text) => Some((name.to_string(), text.to_string())),
            AMQPValue::ShortString(text) => Some((name.to_string(), text.to_string())),
            _ => None,
        })
        .collect()
}

/// Headers as AMQP wants them. Names too long for AMQP are left out.
pub(crate) fn table(headers: &BTreeMap<String, String>) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in headers {
        if let Ok(name) = ShortString::try_new(name.as_str()) {
            table.insert(name, AMQPValue::LongString(value.as_str().into()));
        }
    }
    table
}
