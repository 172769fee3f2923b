//! Buckets in Redis, which all processes share.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::lease::{Told, Wish};

/// Redis counts as away when it takes longer: a request waits for it.
const ANSWERS_WITHIN: Duration = Duration::from_millis(100);
/// How long it is left alone then.
const AGAIN: Duration = Duration::from_secs(1);

/// The connection.
pub(super) struct Remote {
    prefix: String,
    take: Script,
    connection: ConnectionManager,
    /// Left alone until then.
    away_until: Mutex<Option<Instant>>,
}

impl Remote {
    /// Begins to connect when first used. Needs a runtime.
    pub(super) fn new(url: &str, prefix: &str) -> redis::RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(ANSWERS_WITHIN))
            .set_response_timeout(Some(ANSWERS_WITHIN));
        let client = redis::Client::open(url)?;
        Ok(Self {
            prefix: format!("{prefix}rate:"),
            take: Script::new(include_str!("take.lua")),
            connection: ConnectionManager::new_lazy_with_config(client, config)?,
            away_until: Mutex::default(),
        })
    }

    /// Whether Redis failed so recently that it is left alone.
    pub(super) fn is_away(&self) -> bool {
        self.health().is_some_and(|until| Instant::now() < until)
    }

    /// Takes permits from all these buckets by one call; `None`: Redis is away.
    pub(super) async fn take(&self, wishes: &[(&str, Wish)]) -> Option<Vec<Told>> {
        if self.is_away() {
            return None;
        }
        let mut script = self.take.prepare_invoke();
        for (key, wish) in wishes {
            script.key(format!("{}{key}", self.prefix));
            script
                .arg(wish.period)
                .arg(wish.holds)
                .arg(wish.wanted)
                .arg(wish.back)
                .arg(wish.owed);
        }
        let mut connection = self.connection.clone();
        let answer = script.invoke_async::<Vec<i64>>(&mut connection);
        let why = match tokio::time::timeout(ANSWERS_WITHIN, answer).await {
            Ok(Ok(numbers)) => {
                if self.health().take().is_some() {
                    tracing::info!("Redis is back: rates are limited together again");
                }
                return Some(numbers.chunks_exact(3).map(told).collect());
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        if self.health().replace(Instant::now() + AGAIN).is_none() {
            tracing::warn!(why, "Redis is away: each process limits rates by itself");
        }
        metrics::counter!("rate_limits_alone_total").increment(1);
        None
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.away_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(numbers: &[i64]) -> Told {
    let number = |place: usize| numbers.get(place).copied().unwrap_or(0).max(0);
    Told {
        granted: u32::try_from(number(0)).unwrap_or(u32::MAX),
        left: u32::try_from(number(1)).unwrap_or(u32::MAX),
        wait: number(2).unsigned_abs(),
    }
}
