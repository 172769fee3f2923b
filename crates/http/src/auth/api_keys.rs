//! API keys, kept for a moment.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use uuid::Uuid;

use super::{
    ApiKeyRecord, Change, IdentityLookup, KeyAnswer, KeyUse, LookupError,
    api_key_form::{LENGTH, is_well_formed},
    believed::{About, Believed, Heard, Told},
};

/// Keys whose digests can be found by id: as many as are believed.
const CAPACITY: u64 = 50_000;

/// A key that works, or one that was ours.
pub(super) struct Key {
    pub(super) answer: Answer,
    /// The last span in which its use was noted.
    noted: AtomicU32,
}

pub(super) enum Answer {
    Works(ApiKeyRecord),
    Ended { tenant_id: Uuid, key_id: Uuid },
}

impl Key {
    /// Whether it is for some addresses only.
    pub(super) const fn is_bound(&self) -> bool {
        match &self.answer {
            Answer::Works(record) => !record.allowed.is_empty(),
            Answer::Ended { .. } => true,
        }
    }

    /// Whether it may be used from there.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        match &self.answer {
            Answer::Works(record) => {
                let mut allowed = record.allowed.iter();
                record.allowed.is_empty() || allowed.any(|network| network.contains(&address))
            }
            Answer::Ended { .. } => false,
        }
    }

    const fn tenant_and_id(&self) -> (Uuid, Uuid) {
        match &self.answer {
            Answer::Works(record) => (record.tenant_id, record.key_id),
            Answer::Ended { tenant_id, key_id } => (*tenant_id, *key_id),
        }
    }
}

impl About for Key {
    fn ids(&self) -> [Uuid; 3] {
        let (tenant_id, key_id) = self.tenant_and_id();
        [key_id, tenant_id, tenant_id]
    }

    fn is_changed_by(&self, change: &Change) -> bool {
        matches!(change, Change::Tenant(id) if *id == self.tenant_and_id().0)
    }
}

/// API keys by the digest of their text.
pub(super) struct ApiKeys {
    lookup: Arc<dyn IdentityLookup>,
    believed: Believed<[u8; 32], Key>,
    digests: Cache<Uuid, [u8; 32]>,
    /// Grows whenever uses are taken away to be told.
    span: AtomicU32,
    used: Mutex<HashMap<Uuid, KeyUse>>,
}

impl ApiKeys {
    pub(super) fn new(lookup: Arc<dyn IdentityLookup>, heard: Arc<Heard>) -> Self {
        Self {
            lookup,
            believed: Believed::new(heard),
            digests: Cache::new(CAPACITY),
            span: AtomicU32::new(1),
            used: Mutex::default(),
        }
    }

    /// What is known of the key with this text; `None` when there never was one. Noise is told from keys without asking.
    pub(super) async fn find(
        &self,
        text: &[u8],
    ) -> Result<Option<Arc<Told<Key>>>, Arc<LookupError>> {
        if text.len() != LENGTH {
            return Ok(None);
        }
        let digest = secrets::sha256(text);
        // What is known was well formed.
        if let Some(known) = self.believed.known(&digest).await {
            return Ok(Some(known));
        }
        if !is_well_formed(text) {
            return Ok(None);
        }
        self.believed.find(digest, || self.ask(digest)).await
    }

    async fn ask(&self, digest: [u8; 32]) -> Result<Option<Key>, LookupError> {
        let answer = match self.lookup.api_key(digest).await? {
            KeyAnswer::Unknown => return Ok(None),
            KeyAnswer::Ended { tenant_id, key_id } => Answer::Ended { tenant_id, key_id },
            KeyAnswer::Known(record) => Answer::Works(record),
        };
        let key = Key {
            answer,
            noted: AtomicU32::new(0),
        };
        self.digests.insert(key.tenant_and_id().1, digest).await;
        Ok(Some(key))
    }

    /// Whether a key that was shown a while ago works yet.
    pub(super) async fn works(&self, key_id: Uuid) -> Result<bool, Arc<LookupError>> {
        let Some(digest) = self.digests.get(&key_id).await else {
            return Ok(false);
        };
        let key = self.believed.find(digest, || self.ask(digest)).await?;
        Ok(key.is_some_and(|key| match &key.value.answer {
            Answer::Works(record) => record.expires_at.is_none_or(|end| end > Utc::now()),
            Answer::Ended { .. } => false,
        }))
    }

    /// Heeds a change of one key.
    pub(super) async fn forget(&self, key_id: Uuid) {
        if let Some(digest) = self.digests.get(&key_id).await {
            self.believed.forget(&digest).await;
        }
    }

    /// The answers about keys.
    pub(super) const fn believed(&self) -> &Believed<[u8; 32], Key> {
        &self.believed
    }

    /// Remembers that a key is used; a look at a number unless it is the first time since uses were told.
    pub(super) fn note_use(&self, key: &Key, now: impl FnOnce() -> DateTime<Utc>) {
        let span = self.span.load(Ordering::Relaxed);
        if key.noted.load(Ordering::Relaxed) == span {
            return;
        }
        key.noted.store(span, Ordering::Relaxed);
        let (tenant_id, key_id) = key.tenant_and_id();
        let at = now();
        let used = KeyUse {
            tenant_id,
            key_id,
            at,
        };
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key_id, used);
    }

    /// Tells which keys were used since the last time. What cannot be told now is told the next time.
    pub(super) async fn tell_uses(&self) -> Result<(), LookupError> {
        self.span.fetch_add(1, Ordering::Relaxed);
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        if used.is_empty() {
            return Ok(());
        }
        let told = self.lookup.note_uses(used.values().copied().collect());
        let told = told.await;
        if told.is_err() {
            let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            for (key_id, use_) in used {
                all.entry(key_id).or_insert(use_);
            }
        }
        told
    }
}
