//! The layer in Redis.
//!
//! Every subject has a random token there, and so has everything together. An answer is stored with the tokens as they
//! were before it was read. Forgetting takes a token away; the next reader puts a new one. So what an older reader
//! stores late is there, and never taken for good.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{FromRedisValue, Pipeline, pipe};

use crate::stamp::Stamp;
use crate::{Answer, Key};

/// Redis counts as away when it takes longer.
const ANSWERS_WITHIN: Duration = Duration::from_millis(100);
/// How long it is left alone then.
const AGAIN: Duration = Duration::from_secs(2);
/// A token outlives every answer stored under it.
const TOKEN_LIFE: Duration = Duration::from_secs(3 * 86_400);
/// Tokens that one command takes away.
const CHUNK: usize = 1_000;
/// Names of answers that are remembered as read often.
const MOST_HOT: isize = 1_000;

/// The address of Redis cannot be used.
#[derive(Debug)]
pub struct UnusableRedis(redis::RedisError);

impl std::fmt::Display for UnusableRedis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not usable as the address of Redis")
    }
}

impl std::error::Error for UnusableRedis {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// What a look found.
#[derive(Debug)]
pub enum Found {
    /// The answer, and how long it is still good.
    Answer(Answer, Duration),
    /// None; what is read now may be stored under this stamp.
    Nothing(Stamp),
    /// Redis is away.
    Away,
}

/// How Redis fares.
#[derive(Debug, Default)]
struct Health {
    /// Left alone until then.
    away_until: Option<Instant>,
    /// Something could not be forgotten: before anything is read there again, all is.
    owes_flush: bool,
}

/// The connection.
pub struct Remote {
    prefix: String,
    connection: ConnectionManager,
    health: Mutex<Health>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// Begins to connect when first used. Needs a runtime.
    pub fn new(url: &str, prefix: &str) -> Result<Self, UnusableRedis> {
        let client = redis::Client::open(url).map_err(UnusableRedis)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(ANSWERS_WITHIN))
            .set_response_timeout(Some(ANSWERS_WITHIN));
        let connection =
            ConnectionManager::new_lazy_with_config(client, config).map_err(UnusableRedis)?;
        Ok(Self {
            prefix: format!("{prefix}cache:"),
            connection,
            health: Mutex::default(),
        })
    }

    /// Looks for an answer.
    pub async fn look(&self, key: &Key) -> Found {
        type Three = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
        let (epoch, token, name) = (self.epoch(), self.token(key.subject), self.name(key));
        let mut look = pipe();
        look.mget(&[&epoch, &token, &name]);
        let Some((three,)): Option<(Three,)> = self.run(&look).await else {
            return Found::Away;
        };
        let (epoch_is, token_is, sealed) = three;
        if let Some(stamp) = Stamp::of(epoch_is, token_is) {
            return match sealed.and_then(|sealed| stamp.open(sealed)) {
                Some((answer, left)) => Found::Answer(answer, left),
                None => Found::Nothing(stamp),
            };
        }
        let mut make = pipe();
        make.cmd("SET")
            .arg(&epoch)
            .arg(&Stamp::token()[..])
            .arg("NX")
            .ignore();
        make.cmd("SET")
            .arg(&token)
            .arg(&Stamp::token()[..])
            .arg("NX");
        make.arg("EX").arg(TOKEN_LIFE.as_secs()).ignore();
        make.mget(&[&epoch, &token]);
        type Two = (Option<Vec<u8>>, Option<Vec<u8>>);
        let made: Option<(Two,)> = self.run(&make).await;
        match made.and_then(|((epoch, token),)| Stamp::of(epoch, token)) {
            Some(stamp) => Found::Nothing(stamp),
            None => Found::Away,
        }
    }

    /// Stores what was read.
    pub async fn put(&self, key: &Key, answer: &Answer, stamp: &Stamp, life: Duration) {
        let mut put = pipe();
        put.cmd("SET")
            .arg(self.name(key))
            .arg(stamp.seal(answer, life));
        put.arg("PX")
            .arg(u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1))
            .ignore();
        let _: Option<()> = self.run(&put).await;
    }

    /// Forgets all answers about these subjects.
    pub async fn forget(&self, subjects: &[i64]) {
        for subjects in subjects.chunks(CHUNK) {
            let mut forget = pipe();
            let forget_these = forget.cmd("UNLINK");
            for subject in subjects {
                forget_these.arg(self.token(*subject));
            }
            forget_these.ignore();
            if self.run::<()>(&forget).await.is_none() {
                self.health().owes_flush = true;
                return;
            }
        }
    }

    /// Forgets everything; says whether that is done. Otherwise it will be before anything is read again.
    pub async fn flush(&self) -> bool {
        self.health().owes_flush = true;
        let mut renew = pipe();
        renew
            .cmd("SET")
            .arg(self.epoch())
            .arg(&Stamp::token()[..])
            .ignore();
        let done = self.send::<()>(&renew).await.is_some();
        if done {
            self.health().owes_flush = false;
        }
        done
    }

    /// Notes how often answers were read; what was read before counts half.
    pub async fn note_reads(&self, reads: &[(String, u32)]) {
        let hot = format!("{}hot", self.prefix);
        let mut note = pipe();
        note.cmd("ZUNIONSTORE")
            .arg(&hot)
            .arg(1)
            .arg(&hot)
            .arg("WEIGHTS")
            .arg(0.5)
            .ignore();
        for (name, times) in reads {
            note.cmd("ZINCRBY").arg(&hot).arg(*times).arg(name).ignore();
        }
        note.cmd("ZREMRANGEBYRANK")
            .arg(&hot)
            .arg(0)
            .arg(-MOST_HOT - 1)
            .ignore();
        note.cmd("EXPIRE")
            .arg(&hot)
            .arg(TOKEN_LIFE.as_secs())
            .ignore();
        let _: Option<()> = self.run(&note).await;
    }

    /// What was read most, the most first.
    pub async fn most_read(&self) -> Vec<String> {
        let mut ask = pipe();
        ask.cmd("ZREVRANGE")
            .arg(format!("{}hot", self.prefix))
            .arg(0)
            .arg(MOST_HOT - 1);
        let names: Option<(Vec<String>,)> = self.run(&ask).await;
        names.map(|(names,)| names).unwrap_or_default()
    }

    fn epoch(&self) -> String {
        format!("{}epoch", self.prefix)
    }

    fn token(&self, subject: i64) -> String {
        format!("{}v:{subject}", self.prefix)
    }

    fn name(&self, key: &Key) -> String {
        let Key {
            class,
            tenant,
            subject,
            variant,
        } = key;
        format!("{}a:{class}:{tenant}:{subject}:{variant}", self.prefix)
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs commands; nothing while Redis is away.
    async fn run<T: FromRedisValue>(&self, commands: &Pipeline) -> Option<T> {
        let owes_flush = {
            let health = self.health();
            if health
                .away_until
                .is_some_and(|until| Instant::now() < until)
            {
                return None;
            }
            health.owes_flush
        };
        if owes_flush {
            self.flush().await.then_some(())?;
        }
        self.send(commands).await
    }

    async fn send<T: FromRedisValue>(&self, commands: &Pipeline) -> Option<T> {
        let mut connection = self.connection.clone();
        let answer = commands.query_async::<T>(&mut connection);
        let why = match tokio::time::timeout(ANSWERS_WITHIN, answer).await {
            Ok(Ok(answer)) => {
                if self.health().away_until.take().is_some() {
                    tracing::info!("Redis is back: answers are shared again");
                }
                return Some(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        let mut health = self.health();
        if health.away_until.replace(Instant::now() + AGAIN).is_none() {
            tracing::warn!(why, "Redis is away: each process keeps its own answers");
        }
        None
    }
}
