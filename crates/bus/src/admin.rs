//! What an operator looks at and repairs by hand: counts, dead letters, replays.

use std::time::Duration;

use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection};

use crate::connection::{Bus, BusError};
use crate::message::Incoming;

/// How long an operator waits for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// A queue and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueCount {
    /// Its full name.
    pub name: String,
    /// Messages that wait.
    pub ready: u32,
    /// Who takes them.
    pub consumers: u32,
}

/// A message that nobody could handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The publisher's id.
    pub id: Option<String>,
    /// The queue it died in; absent when nobody wrote it down.
    pub queue: Option<String>,
    /// The key it was published with.
    pub routing_key: String,
    /// Why it died.
    pub reason: String,
    /// The trace it belongs to: the second part of its W3C `traceparent`.
    pub trace_id: Option<String>,
    /// Bytes of its body.
    pub bytes: usize,
}

/// Which dead letters are meant.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// Only those that died in this queue (its full name).
    pub queue: Option<String>,
    /// Only the one with this id.
    pub id: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Letters {
    fn fit(&self, letter: &DeadLetter) -> bool {
        let is = |wanted: &Option<String>, text: &Option<String>| {
            wanted.is_none() || wanted.as_ref() == text.as_ref()
        };
        is(&self.queue, &letter.queue) && is(&self.id, &letter.id)
    }
}

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Back in the queue they died in.
    pub replayed: usize,
    /// Fitting letters that stay, because their queue is not known or would not take them.
    pub kept: usize,
}

impl Bus {
    /// Every queue of this installation and what is in it.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn queues(&self) -> Result<Vec<QueueCount>, BusError> {
        let connection = self.operator().await?;
        let mut counts = Vec::new();
        for name in self.topology().queues() {
            let channel = connection.create_channel().await.map_err(failed)?;
            let passive = QueueDeclareOptions {
                passive: true,
                ..Default::default()
            };
            let queue = channel
                .queue_declare(name.as_str().into(), passive, FieldTable::default())
                .await
                .map_err(failed)?;
            counts.push(QueueCount {
                name,
                ready: queue.message_count(),
                consumers: queue.consumer_count(),
            });
            close(&channel).await;
        }
        Ok(counts)
    }

    /// The oldest dead letters that fit; they stay where they are.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn dead_letters(&self, wanted: &Letters) -> Result<Vec<DeadLetter>, BusError> {
        let mut letters = Vec::new();
        self.each_dead(wanted, |_, letter| {
            letters.push(letter);
            std::future::ready(Ok(false))
        })
        .await?;
        Ok(letters)
    }

    /// Puts dead letters that fit back into the queue they died in, each confirmed before it leaves
    /// the dead letters. One that dies again is not replayed twice by one call.
    ///
    /// # Errors
    /// When the broker does not answer; what was replayed before that stays replayed.
    pub async fn replay(&self, wanted: &Letters) -> Result<Replayed, BusError> {
        let (publisher, topology) = (self.publisher(), self.topology().clone());
        let known = topology.queues();
        let mut done = Replayed::default();
        self.each_dead(wanted, |message, letter| {
            let queue = letter.queue.filter(|queue| known.contains(queue));
            let again = queue.map(|queue| message.again(&queue));
            let publisher = &publisher;
            async move {
                match again {
                    Some(again) => Ok(publisher.publish_one(again).await.is_ok()),
                    None => Ok(false),
                }
            }
        })
        .await
        .map(|moved| {
            for gone in moved {
                match gone {
                    true => done.replayed += 1,
                    false => done.kept += 1,
                }
            }
            done
        })
    }

    /// Deletes what waits in one of our queues; how many that were.
    ///
    /// # Errors
    /// A name that is none of ours, or a broker that does not answer.
    pub async fn purge(&self, queue: &str) -> Result<u32, BusError> {
        if !self.topology().queues().iter().any(|known| known == queue) {
            return Err(BusError::Operate(format!(
                "`{queue}` is none of our queues"
            )));
        }
        let connection = self.operator().await?;
        let channel = connection.create_channel().await.map_err(failed)?;
        let purged = channel
            .queue_purge(queue.into(), QueuePurgeOptions::default())
            .await
            .map_err(failed)?;
        close(&channel).await;
        Ok(purged)
    }

    /// Shows each fitting dead letter once to `take`, which says whether it is gone now.
    async fn each_dead<F>(
        &self,
        wanted: &Letters,
        mut take: impl FnMut(Incoming, DeadLetter) -> F,
    ) -> Result<Vec<bool>, BusError>
    where
        F: Future<Output = Result<bool, BusError>>,
    {
        let connection = self.operator().await?;
        let channel = connection.create_channel().await.map_err(failed)?;
        let dead = self.topology().dead_queue();
        let (mut shown, mut kept) = (Vec::new(), Vec::new());
        // The first message tells how many wait behind it; what dies meanwhile is not looked at.
        let mut left = None;
        while shown.len() < wanted.limit && left != Some(0) {
            let got = channel
                .basic_get(dead.as_str().into(), BasicGetOptions::default())
                .await
                .map_err(failed)?;
            let Some(BasicGetMessage {
                mut delivery,
                message_count,
                ..
            }) = got
            else {
                break;
            };
            left = Some(left.map_or(message_count, |left: u32| left - 1));
            let message = Incoming::of(&mut delivery);
            let letter = letter(&message);
            let gone = match wanted.fit(&letter) {
                true => {
                    let gone = take(message, letter).await?;
                    shown.push(gone);
                    gone
                }
                false => false,
            };
            match gone {
                true => delivery
                    .ack(BasicAckOptions::default())
                    .await
                    .map(drop)
                    .map_err(failed)?,
                // Given back at the end: at once, it would come again at once.
                false => kept.push(delivery),
            }
        }
        for delivery in kept {
            let back = BasicNackOptions {
                requeue: true,
                multiple: false,
            };
            delivery.nack(back).await.map_err(failed)?;
        }
        close(&channel).await;
        Ok(shown)
    }

    async fn operator(&self) -> Result<std::sync::Arc<Connection>, BusError> {
        match tokio::time::timeout(CONNECT_LIMIT, self.connection()).await {
            Ok(Some(connection)) => Ok(connection),
            _ => Err(BusError::Operate("the broker does not answer".into())),
        }
    }
}

fn letter(message: &Incoming) -> DeadLetter {
    let header = |name: &str| message.headers.get(name).cloned();
    DeadLetter {
        id: message.id.clone(),
        // Ours when a handler parked it, the broker's when it was delivered too often.
        queue: header("x-queue").or_else(|| header("x-first-death-queue")),
        routing_key: message.routing_key.clone(),
        reason: header("x-reason")
            .or_else(|| header("x-first-death-reason"))
            .unwrap_or_else(|| "unknown".into()),
        trace_id: message
            .traceparent()
            .and_then(|parent| parent.split('-').nth(1))
            .map(str::to_owned),
        bytes: message.body.len(),
    }
}

async fn close(channel: &Channel) {
    if let Err(error) = channel.close(200, "done".into()).await {
        tracing::debug!(%error, "a channel did not close");
    }
}

fn failed(error: lapin::Error) -> BusError {
    BusError::Operate(error.to_string())
}
