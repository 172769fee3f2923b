//! Counters of all processes, in Redis.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Script, ScriptInvocation};

use crate::rules::lockout::{Counter, WINDOW};

/// Redis counts as away when it takes longer: about as long as a hash may, which would come next.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);
/// How long it is left alone then.
const AGAIN: Duration = Duration::from_secs(2);

/// The connection and the scripts.
pub(super) struct Shared {
    prefix: String,
    connection: ConnectionManager,
    take: Script,
    give_back: Script,
    away_until: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Begins to connect when first used. Needs a runtime.
    pub(super) fn new(url: &str, prefix: &str) -> anyhow::Result<Self> {
        let client = redis::Client::open(url).context("redis.url")?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(ANSWERS_WITHIN))
            .set_response_timeout(Some(ANSWERS_WITHIN));
        let connection =
            ConnectionManager::new_lazy_with_config(client, config).context("redis.url")?;
        Ok(Self {
            prefix: format!("{prefix}lockout:"),
            connection,
            take: Script::new(include_str!("take.lua")),
            give_back: Script::new(include_str!("give_back.lua")),
            away_until: Mutex::default(),
        })
    }

    /// As [`super::local::Local::take`]; nothing while Redis is away.
    pub(super) async fn take(&self, counters: &[Counter]) -> Option<Option<Duration>> {
        let mut call = self.take.prepare_invoke();
        call.arg(i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX));
        for counter in counters {
            call.key(self.key(counter)).arg(counter.limit);
        }
        let wait = self.run(&call).await?;
        let wait = u64::try_from(wait).ok().filter(|wait| *wait > 0);
        Some(wait.map(Duration::from_millis))
    }

    /// A failure too many is forgotten by itself, so nobody waits for Redis here.
    pub(super) async fn give_back(&self, counters: &[Counter]) {
        let mut call = self.give_back.prepare_invoke();
        for counter in counters {
            call.key(self.key(counter));
        }
        self.run(&call).await;
    }

    fn key(&self, counter: &Counter) -> String {
        format!("{}{}", self.prefix, counter.key)
    }

    async fn run(&self, call: &ScriptInvocation<'_>) -> Option<i64> {
        if self.away(|until| until.is_some_and(|until| Instant::now() < until)) {
            return None;
        }
        let mut connection = self.connection.clone();
        let answer = call.invoke_async::<i64>(&mut connection);
        let why = match tokio::time::timeout(ANSWERS_WITHIN, answer).await {
            Ok(Ok(answer)) => {
                if self.away(|until| until.take().is_some()) {
                    tracing::info!("Redis is back: failed sign-ins are counted together");
                }
                return Some(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        if self.away(|until| until.replace(Instant::now() + AGAIN).is_none()) {
            tracing::warn!(
                why,
                "Redis is away: this process counts failed sign-ins for itself"
            );
        }
        None
    }

    fn away<T>(&self, look: impl FnOnce(&mut Option<Instant>) -> T) -> T {
        look(
            &mut self
                .away_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
