//! Crawls that somebody watches live.
//!
//! Each is read twice a second, once for all its watchers of this process and only while there are any. Reading was
//! preferred to notifications: reports are a hot path, and every notification takes a lock of the whole database at its
//! commit; a watched crawl costs two small reads a second however fast it goes, and any number of crawler processes may
//! report to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use db::{ApiPool, TenantTx};
use sea_orm::DbErr;
use tokio::sync::watch;
use uuid::Uuid;

use crate::http::holds;
use crate::rules::story::Hold;
use crate::storage::crawls::{self, Crawl};

/// How often a watched crawl is read.
const EVERY: Duration = Duration::from_millis(500);

/// A tenant's crawl.
type Key = (Uuid, Uuid);

/// A crawl as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) crawl: Crawl,
    pub(crate) holds: Vec<Hold>,
}

impl Seen {
    /// Whether nothing of it is under way any more.
    pub(crate) const fn is_over(&self) -> bool {
        self.crawl.finished_at.is_some()
    }
}

/// What is known of a watched crawl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Live {
    /// It was not read yet.
    Unknown,
    /// As it stands.
    Seen(Seen),
    /// There is no such crawl any more.
    Gone,
}

/// The watched crawls of this process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Watching {
    pool: ApiPool,
    per_tenant: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    crawls: HashMap<Key, watch::Sender<Live>>,
    watchers: HashMap<Uuid, usize>,
}

impl Watching {
    pub(crate) fn new(pool: ApiPool, per_tenant: usize) -> Self {
        Self {
            pool,
            per_tenant,
            open: Arc::default(),
        }
    }

    /// A crawl as it stands; `None`: the tenant has none with this id.
    pub(crate) async fn look(&self, tenant_id: Uuid, id: Uuid) -> Result<Option<Seen>, DbErr> {
        let tx = TenantTx::begin(&self.pool, tenant_id).await?;
        let Some(crawl) = crawls::get(&tx, id).await? else {
            return Ok(None);
        };
        let holds = holds(&tx, std::slice::from_ref(&crawl), Utc::now()).await?;
        tx.commit().await?;
        Ok(Some(Seen { crawl, holds }))
    }

    /// Follows a crawl; `None`: the tenant has as many watchers as may be.
    pub(crate) fn watch(&self, tenant_id: Uuid, id: Uuid) -> Option<Watcher> {
        let mut open = self.open();
        let watchers = open.watchers.entry(tenant_id).or_default();
        if *watchers >= self.per_tenant {
            return None;
        }
        *watchers += 1;
        let key = (tenant_id, id);
        let known = open.crawls.get(&key).map(watch::Sender::subscribe);
        let mut live = known.unwrap_or_else(|| {
            let (sender, live) = watch::channel(Live::Unknown);
            open.crawls.insert(key, sender.clone());
            tokio::spawn(self.clone().read(key, sender));
            live
        });
        // What was read before may be newer than what the watcher saw.
        live.mark_changed();
        Some(Watcher {
            live,
            _place: Place {
                open: Arc::clone(&self.open),
                tenant_id,
            },
        })
    }

    /// Reads a crawl until it is over or nobody watches it.
    async fn read(self, key: Key, sender: watch::Sender<Live>) {
        loop {
            let live = match self.look(key.0, key.1).await {
                Ok(Some(seen)) => Some(Live::Seen(seen)),
                Ok(None) => Some(Live::Gone),
                Err(error) => {
                    tracing::warn!(%error, crawl.id = %key.1, "a watched crawl cannot be read; trying again");
                    None
                }
            };
            let over = match &live {
                Some(Live::Seen(seen)) => seen.is_over(),
                Some(Live::Gone) => true,
                _ => false,
            };
            if let Some(live) = live {
                sender.send_if_modified(|known| {
                    let changed = *known != live;
                    *known = live;
                    changed
                });
            }
            let alone = tokio::time::timeout(EVERY, sender.closed()).await.is_ok();
            if !over && !alone {
                continue;
            }
            // Under the lock nobody begins to watch: who comes later begins anew.
            let mut open = self.open();
            if over || sender.receiver_count() == 0 {
                open.crawls.remove(&key);
                return;
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who watches.
pub(crate) struct Watcher {
    live: watch::Receiver<Live>,
    _place: Place,
}

impl Watcher {
    /// The next change, or what is known at first; [`Live::Gone`] when there will be none.
    pub(crate) async fn next(&mut self) -> Live {
        if self.live.changed().await.is_err() {
            return Live::Gone;
        }
        self.live.borrow_and_update().clone()
    }
}

/// A watcher's place among its tenant's; given back when dropped, also when the caller hangs up.
struct Place {
    open: Arc<Mutex<Open>>,
    tenant_id: Uuid,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.watchers.get_mut(&self.tenant_id) {
            *count -= 1;
            if *count == 0 {
                open.watchers.remove(&self.tenant_id);
            }
        }
    }
}
