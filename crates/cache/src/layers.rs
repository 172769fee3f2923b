//! Both layers together.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use metrics::Counter;
use moka::Expiry;
use uuid::Uuid;

use crate::generations::Generations;
use crate::remote::{Found, Remote, UnusableRedis};
use crate::{Answer, Class, Key};

/// How often an answer is read again when what it is about changes while it is read; then it is not kept.
const TRIES: usize = 3;
/// A larger body is not put into Redis, which all processes fill together: it is kept where it was read.
const LARGEST_SHARED: usize = 256 << 10;
/// What an entry weighs beside its body.
const OVERHEAD: usize = 300;

/// How much is kept, and where.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes of this process's own layer.
    pub memory: u64,
    /// The address of Redis; without it there is no second layer.
    pub redis: Option<String>,
    /// In front of every key there.
    pub prefix: String,
}

/// The cache of a process; cheap to clone.
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    local: moka::future::Cache<Key, Arc<Entry>>,
    generations: Generations,
    remote: Option<Arc<Remote>>,
    trusted: AtomicBool,
}

struct Entry {
    answer: Arc<Answer>,
    /// That of its subject before it was read.
    generation: u64,
    life: Duration,
    /// Since they were noted in Redis.
    reads: AtomicU32,
    /// How often answers of its class were found here. Held, because to look it up takes longer than to find the answer.
    kept: Counter,
}

/// Each entry has its own life.
struct Lives;

impl Expiry<Key, Arc<Entry>> for Lives {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry>, _: Instant) -> Option<Duration> {
        Some(entry.life)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.life)
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

impl Cache {
    /// An empty cache that nobody trusts yet. Needs a runtime.
    ///
    /// # Errors
    /// A malformed address; a Redis that is away is no error.
    pub fn new(settings: &Settings) -> Result<Self, UnusableRedis> {
        let remote = settings.redis.as_deref();
        let remote = remote.map(|url| Remote::new(url, &settings.prefix).map(Arc::new));
        let weight = |key: &Key, entry: &Arc<Entry>| {
            let bytes = entry.answer.body.len() + key.variant.len() + OVERHEAD;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let local = moka::future::Cache::builder()
            .max_capacity(settings.memory)
            .weigher(weight)
            .expire_after(Lives)
            .build();
        Ok(Self {
            shared: Arc::new(Shared {
                local,
                generations: Generations::default(),
                remote: remote.transpose()?,
                trusted: AtomicBool::new(false),
            }),
        })
    }

    /// Says whether this process hears what changes. While it does not, every answer is read anew.
    pub fn trust(&self, hears: bool) {
        self.shared.trusted.store(hears, Ordering::SeqCst);
    }

    /// Whether answers are kept at present.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.shared.trusted.load(Ordering::SeqCst)
    }

    /// The answer, kept or read now. Of several that ask at once one reads.
    ///
    /// # Errors
    /// What `read` says; failures are not kept.
    pub async fn answer<E, F, Fut>(
        &self,
        class: Class,
        tenant: Uuid,
        subject: i64,
        variant: &str,
        read: F,
    ) -> Result<Arc<Answer>, Arc<E>>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Answer, E>>,
        E: Send + Sync + 'static,
    {
        if !self.is_trusted() {
            count(class, "untrusted");
            return Box::pin(read()).await.map(Arc::new).map_err(Arc::new);
        }
        let key = Key {
            class: class.name,
            tenant,
            subject,
            variant: variant.into(),
        };
        let Shared {
            local, generations, ..
        } = &*self.shared;
        // What is read from now on is good for this caller, even if it changes while it is read.
        let asked = generations.of(subject);
        if let Some(entry) = local.get(&key).await
            && entry.generation >= asked
        {
            entry.reads.fetch_add(1, Ordering::Relaxed);
            entry.kept.increment(1);
            return Ok(Arc::clone(&entry.answer));
        }
        // Boxed: it is large, and most answers are found.
        Box::pin(self.fetch(class, &key, asked, read)).await
    }

    /// Reads what this process does not have, or not young enough.
    async fn fetch<E, F, Fut>(
        &self,
        class: Class,
        key: &Key,
        asked: u64,
        read: F,
    ) -> Result<Arc<Answer>, Arc<E>>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Answer, E>>,
        E: Send + Sync + 'static,
    {
        let local = &self.shared.local;
        for _ in 0..TRIES {
            let filled = local.try_get_with_by_ref(key, self.fill(class, key, &read));
            let entry = filled.await?;
            if entry.generation >= asked {
                return Ok(Arc::clone(&entry.answer));
            }
            // It was there, or on its way, from before what this caller must see.
            local.invalidate(key).await;
        }
        read().await.map(Arc::new).map_err(Arc::new)
    }

    /// From Redis, or read now.
    async fn fill<E, F, Fut>(&self, class: Class, key: &Key, read: &F) -> Result<Arc<Entry>, E>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Answer, E>>,
    {
        let generation = self.shared.generations.of(key.subject);
        let entry = |answer, life| {
            Arc::new(Entry {
                answer: Arc::new(answer),
                generation,
                life,
                reads: AtomicU32::new(0),
                kept: counter(class, "kept"),
            })
        };
        let found = match &self.shared.remote {
            Some(remote) => remote.look(key).await,
            None => Found::Away,
        };
        let stamp = match found {
            Found::Answer(answer, left) => {
                count(class, "shared");
                return Ok(entry(answer, left.min(class.life)));
            }
            Found::Nothing(stamp) => Some(stamp),
            Found::Away => None,
        };
        count(class, "read");
        let answer = read().await?;
        let shared = self.shared.remote.as_ref();
        if let (Some(remote), Some(stamp)) = (shared, stamp)
            && answer.body.len() <= LARGEST_SHARED
        {
            let (remote, key, answer) = (Arc::clone(remote), key.clone(), answer.clone());
            // Nobody waits for it; its stamp says when it was read.
            tokio::spawn(async move { remote.put(&key, &answer, &stamp, class.life).await });
        }
        Ok(entry(answer, class.life))
    }

    /// Makes all answers about these subjects worthless: here, and in Redis if it is there.
    pub async fn forget(&self, subjects: &[i64]) {
        let forget = || {
            subjects
                .iter()
                .for_each(|subject| self.shared.generations.forget(*subject))
        };
        forget();
        // Whoever hears tells Redis; before this process hears again, it flushes all.
        if let Some(remote) = self.shared.remote.as_ref().filter(|_| self.is_trusted()) {
            remote.forget(subjects).await;
            // Meanwhile somebody may have taken it from there.
            forget();
        }
    }

    /// Makes everything worthless.
    pub async fn flush(&self) {
        self.shared.generations.forget_all();
        if let Some(remote) = &self.shared.remote {
            remote.flush().await;
            self.shared.generations.forget_all();
        }
    }

    /// Remembers in Redis what of a class was read here since the last time.
    pub async fn note_reads(&self, class: Class) {
        let Some(remote) = &self.shared.remote else {
            return;
        };
        let reads: Vec<(String, u32)> = (self.shared.local.iter())
            .filter(|(key, _)| key.class == class.name && key.variant.is_empty())
            .map(|(key, entry)| {
                let name = format!("{}/{}", key.tenant, key.subject);
                (name, entry.reads.swap(0, Ordering::Relaxed))
            })
            .filter(|(_, reads)| *reads > 0)
            .collect();
        if !reads.is_empty() {
            remote.note_reads(&reads).await;
        }
    }

    /// Whose answers about what were read most, in all processes; nothing while Redis is away.
    pub async fn most_read(&self) -> Vec<(Uuid, i64)> {
        let Some(remote) = &self.shared.remote else {
            return Vec::new();
        };
        let names = remote.most_read().await;
        let read = |name: &String| {
            let (tenant, subject) = name.split_once('/')?;
            Some((tenant.parse().ok()?, subject.parse().ok()?))
        };
        names.iter().filter_map(read).collect()
    }
}

fn count(class: Class, how: &'static str) {
    counter(class, how).increment(1);
}

fn counter(class: Class, how: &'static str) -> Counter {
    metrics::counter!("cache_answers_total", "class" => class.name, "how" => how)
}
