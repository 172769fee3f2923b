//! Every exchange and queue, and nothing else knows their names.
//!
//! All processes declare all of it, so that an event published before its consumer first starts
//! still finds the consumer's queue.

use std::sync::Arc;

use domain::source::Source;
use lapin::options::{
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

/// Which services hear which events: (service, routing-key patterns).
///
/// A line here is a queue `<prefix><service>.events`; the service named must consume it.
pub const SUBSCRIPTIONS: &[(&str, &[&str])] = &[
    ("crawler", &["catalog.tracking.*", "identity.tenant.*"]),
    (
        "core",
        &[
            "crawl.source.*",
            "crawl.target.*",
            "crawl.crawl.*",
            "*.quota.*",
        ],
    ),
    ("user", &["*.audit.recorded"]),
];

/// Deliveries of one message before it is dead-lettered. A delivery counts when its consumer died
/// or lost the connection with the message in hand; a poisonous message must not do that for ever.
const DELIVERY_LIMIT: i64 = 20;
/// Tasks a source's queue holds before it refuses more. The dispatcher keeps at most a minute of
/// work here; the backlog itself lives in Postgres.
const CRAWL_QUEUE_LIMIT: i64 = 10_000;
/// Events a service may be behind before publishing to it is refused.
const EVENTS_QUEUE_LIMIT: i64 = 200_000;
/// Mails that may wait for a worker; the backlog itself lives in Postgres.
const MAIL_QUEUE_LIMIT: i64 = 10_000;
/// Dead letters kept; beyond it the oldest are dropped.
const DEAD_QUEUE_LIMIT: i64 = 100_000;

/// Urgency of a crawl task; each has a queue of its own, so that none waits behind another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Manual work and first crawls: at once.
    High,
    /// Monitors: within five minutes.
    Medium,
    /// Schedules.
    Low,
}

impl Priority {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name in queue names and routing keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The names under one prefix. Tests use a prefix each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    prefix: String,
    crawled: Arc<[Source]>,
}

impl Topology {
    /// Names that all begin with `prefix`, such as `bellwether.` or the empty text, and the queues of these sources.
    pub fn new(prefix: impl Into<String>, crawled: impl IntoIterator<Item = Source>) -> Self {
        Self {
            prefix: prefix.into(),
            crawled: crawled.into_iter().collect(),
        }
    }

    /// Topic exchange for events.
    pub fn events_exchange(&self) -> String {
        format!("{}events", self.prefix)
    }

    /// Direct exchange for crawl tasks; the routing key is the queue's name without prefix.
    pub fn crawl_exchange(&self) -> String {
        format!("{}crawl", self.prefix)
    }

    /// Fanout exchange for messages that nobody can handle.
    pub fn dead_exchange(&self) -> String {
        format!("{}dead", self.prefix)
    }

    /// The queue behind [`Topology::dead_exchange`].
    pub fn dead_queue(&self) -> String {
        format!("{}dead", self.prefix)
    }

    /// Routing key of a crawl task.
    pub fn crawl_key(source: Source, priority: Priority) -> String {
        format!("crawl.{}.{}", source.as_str(), priority.as_str())
    }

    /// The queue of one source's tasks of one priority.
    pub fn crawl_queue(&self, source: Source, priority: Priority) -> String {
        format!("{}{}", self.prefix, Self::crawl_key(source, priority))
    }

    /// The queue of events for a service named in [`SUBSCRIPTIONS`].
    pub fn events_queue(&self, service: &str) -> String {
        format!("{}{service}.events", self.prefix)
    }

    /// The queue of mails to send.
    pub fn mail_queue(&self) -> String {
        format!("{}mail", self.prefix)
    }

    /// Declares everything. Repeating it changes nothing.
    pub(crate) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        let exchanges = [
            (self.events_exchange(), ExchangeKind::Topic),
            (self.crawl_exchange(), ExchangeKind::Direct),
            (self.dead_exchange(), ExchangeKind::Fanout),
        ];
        for (name, kind) in exchanges {
            let options = ExchangeDeclareOptions {
                durable: true,
                ..Default::default()
            };
            channel
                .exchange_declare(name.into(), kind, options, FieldTable::default())
                .await?;
        }

        let mut dead = quorum();
        set(
            &mut dead,
            "x-max-length",
            AMQPValue::LongLongInt(DEAD_QUEUE_LIMIT),
        );
        declare_queue(channel, &self.dead_queue(), dead).await?;
        bind(channel, &self.dead_queue(), &self.dead_exchange(), "").await?;

        for source in self.crawled.iter().copied() {
            for priority in Priority::ALL {
                let queue = self.crawl_queue(source, priority);
                declare_queue(channel, &queue, self.work_queue(CRAWL_QUEUE_LIMIT)).await?;
                let key = Self::crawl_key(source, priority);
                bind(channel, &queue, &self.crawl_exchange(), &key).await?;
            }
        }
        // Published to by its name, so it needs no exchange.
        let mail = self.work_queue(MAIL_QUEUE_LIMIT);
        declare_queue(channel, &self.mail_queue(), mail).await?;
        for (service, keys) in SUBSCRIPTIONS {
            let queue = self.events_queue(service);
            declare_queue(channel, &queue, self.work_queue(EVENTS_QUEUE_LIMIT)).await?;
            for key in *keys {
                bind(channel, &queue, &self.events_exchange(), key).await?;
            }
        }
        Ok(())
    }

    /// Every queue under this prefix.
    pub fn queues(&self) -> Vec<String> {
        let crawl = self
            .crawled
            .iter()
            .flat_map(|source| Priority::ALL.map(|priority| self.crawl_queue(*source, priority)));
        let events = SUBSCRIPTIONS
            .iter()
            .map(|(service, _)| self.events_queue(service));
        crawl
            .chain(events)
            .chain([self.mail_queue(), self.dead_queue()])
            .collect()
    }

    /// Deletes everything, messages included.
    pub(crate) async fn delete(&self, channel: &Channel) -> lapin::Result<()> {
        for queue in self.queues() {
            channel
                .queue_delete(queue.into(), QueueDeleteOptions::default())
                .await?;
        }
        let exchanges = [
            self.events_exchange(),
            self.crawl_exchange(),
            self.dead_exchange(),
        ];
        for exchange in exchanges {
            channel
                .exchange_delete(exchange.into(), ExchangeDeleteOptions::default())
                .await?;
        }
        Ok(())
    }

    /// Arguments of a queue whose messages must not get lost.
    fn work_queue(&self, limit: i64) -> FieldTable {
        let mut arguments = quorum();
        set(
            &mut arguments,
            "x-delivery-limit",
            AMQPValue::LongLongInt(DELIVERY_LIMIT),
        );
        set(
            &mut arguments,
            "x-max-length",
            AMQPValue::LongLongInt(limit),
        );
        // A full queue refuses the publisher, who still has the row; it never drops.
        set(&mut arguments, "x-overflow", text("reject-publish"));
        set(
            &mut arguments,
            "x-dead-letter-exchange",
            text(&self.dead_exchange()),
        );
        set(
            &mut arguments,
            "x-dead-letter-strategy",
            text("at-least-once"),
        );
        arguments
    }
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    set(&mut arguments, "x-queue-type", text("quorum"));
    arguments
}

fn set(arguments: &mut FieldTable, name: &str, value: AMQPValue) {
    arguments.insert(name.into(), value);
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

async fn declare_queue(channel: &Channel, name: &str, arguments: FieldTable) -> lapin::Result<()> {
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .queue_declare(name.into(), options, arguments)
        .await?;
    Ok(())
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            key.into(),
            options,
            arguments,
        )
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_prefix_and_keys_do_not() {
        let topology = Topology::new("t1.", []);
        assert_eq!(
            topology.crawl_queue(Source::named("amazon"), Priority::High),
            "t1.crawl.amazon.high"
        );
        assert_eq!(
            Topology::crawl_key(Source::named("popmart"), Priority::Low),
            "crawl.popmart.low"
        );
        assert_eq!(topology.events_queue("crawler"), "t1.crawler.events");
        assert_eq!(topology.dead_queue(), "t1.dead");
        assert_eq!(topology.mail_queue(), "t1.mail");
    }
}
