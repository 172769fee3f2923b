//! The connection to Redis: what is up, what is away, and what is told without waiting.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, RedisResult, Script, ScriptInvocation};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Sharing;
use crate::standing::millis;

/// A new connection may take this long, in the background.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Words on their way to Redis. More are dropped: slots end by themselves.
const WORDS: usize = 1024;

/// What Redis is told without anybody waiting for it.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) key: String,
    pub(super) what: What,
    /// Pointless from then on.
    pub(super) until: Instant,
}

#[derive(Debug)]
pub(super) enum What {
    /// Out of a set: a slot that is free, or a worker where nobody waits any more.
    Gone(String),
    /// This worker has somebody who waits, until the word's end.
    Wants,
}

/// The one connection of a process, and whether it is of use.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) sharing: Sharing,
    /// Names this process among the others.
    pub(super) worker: String,
    pub(super) start: Script,
    pub(super) end: Script,
    pub(super) put: Script,
    gone: Script,
    wants: Script,
    client: redis::Client,
    connection: Mutex<ConnectionManager>,
    /// While Redis is away: when to try it again.
    outage: Mutex<Option<Instant>>,
    words: mpsc::Sender<Word>,
}

impl Link {
    pub(super) fn open(url: &str, sharing: Sharing) -> RedisResult<Arc<Self>> {
        let client = redis::Client::open(url)?;
        let connection = connect(&client)?;
        let (words, waiting) = mpsc::channel(WORDS);
        let link = Arc::new(Self {
            sharing,
            worker: format!("{:032x}", rand::random::<u128>()),
            start: Script::new(include_str!("start.lua")),
            end: Script::new(include_str!("end.lua")),
            put: Script::new(include_str!("put.lua")),
            gone: Script::new("return redis.call('ZREM', KEYS[1], ARGV[1])"),
            wants: Script::new(include_str!("wants.lua")),
            client,
            connection: Mutex::new(connection),
            outage: Mutex::new(None),
            words,
        });
        tokio::spawn(pass_on(Arc::downgrade(&link), waiting));
        Ok(link)
    }

    /// Whether Redis failed so recently that it is left alone.
    pub(super) fn is_away(&self) -> bool {
        let outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        outage.is_some_and(|retry| Instant::now() < retry)
    }

    /// Redis's answer; nothing while it is away.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Option<T> {
        if self.is_away() {
            return None;
        }
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let answer = script.invoke_async(&mut connection);
        match tokio::time::timeout(self.sharing.answer_within, answer).await {
            Ok(Ok(answer)) => {
                self.found();
                Some(answer)
            }
            Ok(Err(error)) => {
                self.lost(&error.to_string());
                None
            }
            Err(_) => {
                self.lost("no answer in time");
                None
            }
        }
    }

    /// Passes a word on in the order given, sooner or later.
    pub(super) fn tell(&self, word: Word) {
        if self.words.try_send(word).is_err() {
            tracing::debug!("too much to tell Redis; a word is dropped");
        }
    }

    fn found(&self) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        if outage.take().is_some() {
            tracing::info!("Redis is back: politeness is shared again");
        }
    }

    fn lost(&self, why: &str) {
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        let retry = Instant::now() + self.sharing.retry_after;
        if outage.replace(retry).is_none() {
            tracing::warn!(
                why,
                "Redis is away: politeness goes by this process's share of the limits"
            );
        }
        drop(outage);
        // A new one each time: a connection that died silently would never tell.
        match connect(&self.client) {
            Ok(connection) => {
                *self
                    .connection
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = connection;
            }
            Err(error) => tracing::debug!(%error, "the old connection stays"),
        }
    }
}

/// A connection that is being made in the background.
fn connect(client: &redis::Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(CONNECT_LIMIT))
        .set_response_timeout(None);
    let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
    let mut driven = connection.clone();
    tokio::spawn(async move {
        let ping = redis::cmd("PING");
        let answer = ping.exec_async(&mut driven);
        // Whoever asks next learns how this ended.
        let _ = tokio::time::timeout(CONNECT_LIMIT, answer).await;
    });
    Ok(connection)
}

/// Delivers each word, through outages, until it is pointless. Ends with the link.
async fn pass_on(link: Weak<Link>, mut words: mpsc::Receiver<Word>) {
    while let Some(word) = words.recv().await {
        loop {
            let left = word.until.saturating_duration_since(Instant::now());
            let Some(link) = link.upgrade().filter(|_| !left.is_zero()) else {
                break;
            };
            let told: Option<i64> = match &word.what {
                What::Gone(member) => link.run(link.gone.key(&word.key).arg(member)).await,
                What::Wants => {
                    let mut script = link.wants.key(&word.key);
                    script.arg(&link.worker).arg(millis(left).max(1));
                    link.run(&script).await
                }
            };
            if told.is_some() {
                break;
            }
            let pause = link.sharing.retry_after;
            drop(link);
            tokio::time::sleep(pause).await;
        }
    }
}
