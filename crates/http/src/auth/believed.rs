//! Answers of the identity service that are believed for seconds, unless it says that they are untrue by now.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use moka::future::Cache;
use uuid::Uuid;

use super::{Change, LookupError};

/// How long an answer is believed when nobody says otherwise.
pub(super) const KEPT: Duration = Duration::from_secs(15);

/// While the identity service is away, what it said goes on for this long after it said so: nobody can end anything
/// without it.
pub(super) const AWAY: Duration = Duration::from_secs(300);

/// Longer than this nobody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers kept at most.
const CAPACITY: u64 = 50_000;

/// An answer that a change came between is asked for again, so often.
const TRIES: u32 = 3;

/// What an answer is about.
pub(super) trait About: Send + Sync + 'static {
    /// The ids in changes that make it untrue.
    fn ids(&self) -> [Uuid; 3];
    /// Whether this change makes it untrue.
    fn is_changed_by(&self, change: &Change) -> bool;
}

/// An answer.
#[derive(Debug)]
pub(super) struct Told<T> {
    pub(super) value: T,
    /// When it was asked for.
    pub(super) at: Instant,
    outdated: AtomicBool,
}

impl<T> Told<T> {
    pub(super) const fn new(value: T, at: Instant) -> Self {
        Self {
            value,
            at,
            outdated: AtomicBool::new(false),
        }
    }

    /// Whether it may still be believed without asking.
    pub(super) fn holds(&self) -> bool {
        !self.outdated.load(Ordering::Acquire)
    }

    pub(super) fn outdate(&self) {
        self.outdated.store(true, Ordering::Release);
    }
}

/// When which id was last heard of: an answer on its way meanwhile may be from before.
#[derive(Debug, Default)]
pub(super) struct Heard {
    ids: Mutex<(HashMap<Uuid, Instant>, Option<Instant>)>,
}

impl Heard {
    /// Answers take no longer than this.
    const SPAN: Duration = Duration::from_secs(10);

    pub(super) fn note(&self, change: &Change, now: Instant) {
        let mut heard = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let id = match change {
            Change::Session(id) | Change::ApiKey(id) | Change::Tenant(id) => *id,
            Change::Member { user_id, .. } => *user_id,
            Change::SigningKeys => return,
            Change::Everything => {
                heard.1 = Some(now);
                return;
            }
        };
        if heard.0.len() >= 1_000 {
            heard
                .0
                .retain(|_, at| now.saturating_duration_since(*at) < Self::SPAN);
        }
        heard.0.insert(id, now);
    }

    fn since(&self, began: Instant, ids: &[Uuid]) -> bool {
        let heard = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        heard.1.is_some_and(|at| at >= began)
            || ids
                .iter()
                .any(|id| heard.0.get(id).is_some_and(|at| *at >= began))
    }
}

/// Answers by key.
pub(super) struct Believed<K, T> {
    heard: Arc<Heard>,
    /// `None`: there is no such thing, which can never change.
    fresh: Cache<K, Option<Arc<Told<T>>>>,
    last: Cache<K, Arc<Told<T>>>,
}

impl<K, T> Believed<K, T>
where
    K: Hash + Eq + Copy + Send + Sync + 'static,
    T: About,
{
    pub(super) fn new(heard: Arc<Heard>) -> Self {
        let fresh = Cache::builder().max_capacity(CAPACITY).time_to_live(KEPT);
        let last = Cache::builder().max_capacity(CAPACITY).time_to_live(AWAY);
        Self {
            heard,
            fresh: fresh.build(),
            last: last.build(),
        }
    }

    /// What is believed of `key` without asking.
    pub(super) async fn known(&self, key: &K) -> Option<Arc<Told<T>>> {
        let told = self.fresh.get(key).await??;
        told.holds().then_some(told)
    }

    /// What is believed of `key`; asks when nothing is. Of several at once one asks.
    pub(super) async fn find<F>(
        &self,
        key: K,
        ask: impl Fn() -> F + Send,
    ) -> Result<Option<Arc<Told<T>>>, Arc<LookupError>>
    where
        F: Future<Output = Result<Option<T>, LookupError>> + Send,
    {
        for _ in 0..TRIES {
            let found = match self.fresh.get(&key).await {
                Some(found) => found,
                None => {
                    let answer = self.answer(key, &ask);
                    self.fresh.try_get_with(key, answer).await?
                }
            };
            match found {
                Some(told) if !told.holds() => self.fresh.invalidate(&key).await,
                found => return Ok(found),
            }
        }
        Err(Arc::new(LookupError::new(
            "it changes faster than it can be read",
        )))
    }

    async fn answer<F>(
        &self,
        key: K,
        ask: &(impl Fn() -> F + Send),
    ) -> Result<Option<Arc<Told<T>>>, LookupError>
    where
        F: Future<Output = Result<Option<T>, LookupError>> + Send,
    {
        let began = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, ask())
            .await
            .unwrap_or_else(|late| Err(LookupError::new(late)));
        match answer {
            Ok(Some(value)) => {
                let told = Arc::new(Told::new(value, began));
                // A change finds the last answer only, so nothing may rest on the one before.
                if let Some(before) = self.last.get(&key).await {
                    before.outdate();
                }
                // Kept where a change finds it, and only then looked at: so a change comes before or after, not between.
                self.last.insert(key, Arc::clone(&told)).await;
                if self.heard.since(began, &told.value.ids()) {
                    told.outdate();
                }
                Ok(Some(told))
            }
            Ok(None) => {
                self.last.invalidate(&key).await;
                Ok(None)
            }
            Err(cause) => match self.last.get(&key).await {
                Some(told) if told.at.elapsed() < AWAY => {
                    tracing::warn!(error = %cause, "the identity service is away; what it said last goes on");
                    told.outdated.store(false, Ordering::Release);
                    if self.heard.since(began, &told.value.ids()) {
                        told.outdate();
                    }
                    Ok(Some(told))
                }
                _ => Err(cause),
            },
        }
    }

    /// Heeds a change.
    pub(super) async fn forget(&self, key: &K) {
        self.fresh.invalidate(key).await;
        if let Some(told) = self.last.remove(key).await {
            told.outdate();
        }
    }

    /// Heeds changes of which only what they are about tells whom they concern.
    pub(super) async fn forget_changed(&self, changes: &[Change]) {
        let changed: Vec<K> = self
            .last
            .iter()
            .filter(|(_, told)| {
                changes
                    .iter()
                    .any(|change| told.value.is_changed_by(change))
            })
            .map(|(key, _)| *key)
            .collect();
        for key in changed {
            self.forget(&key).await;
        }
    }

    /// Asks about everything again; until there is an answer, and only if there is none, what was said last counts.
    pub(super) fn doubt_all(&self) {
        for (_, told) in &self.last {
            told.outdate();
        }
        self.fresh.invalidate_all();
    }
}
