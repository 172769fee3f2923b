//! The market as one running simulator sees it: the pure market plus what control has changed.

mod overrides;

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

pub(crate) use overrides::Overrides;

use crate::{
    alibaba1688::AccessTokens,
    apify::Runs,
    haier::Tokens,
    mail::Inbox,
    market::{Listing, ListingKey, Market, Snapshot, Source},
    options::SimOptions,
    server::{Faults, RequestLog},
    shop::Robots,
};

/// Everything a running simulator knows.
#[derive(Debug)]
pub(crate) struct World {
    pub options: SimOptions,
    pub market: Market,
    pub faults: Faults,
    pub log: RequestLog,
    pub runs: Runs,
    pub tokens: Tokens,
    pub access_tokens: AccessTokens,
    pub robots: Robots,
    pub inbox: Inbox,
    /// Milliseconds that control has moved the clock by.
    offset: AtomicI64,
    placed: RwLock<HashMap<ListingKey, Placed>>,
}

/// What control has done to one listing.
#[derive(Debug, Clone, Default)]
struct Placed {
    /// Replaces or adds to the catalogue.
    listing: Option<Arc<Listing>>,
    overrides: Overrides,
    /// Served verbatim until the next `set`.
    sample: Option<Value>,
}

/// A listing as it is seen now.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub listing: Arc<Listing>,
    pub snapshot: Snapshot,
}

/// What a source has to say about a listing.
#[derive(Debug, Clone)]
pub(crate) enum Look {
    /// Serve this answer as it is.
    Sample(Value),
    /// Serve what the market shows.
    Seen(Box<Seen>),
    /// There is no such listing.
    Unknown,
}

impl World {
    pub fn new(options: SimOptions) -> Self {
        Self {
            market: Market::new(options.seed),
            options,
            faults: Faults::default(),
            log: RequestLog::default(),
            runs: Runs::default(),
            tokens: Tokens::default(),
            access_tokens: AccessTokens::default(),
            robots: Robots::default(),
            inbox: Inbox::default(),
            offset: AtomicI64::new(0),
            placed: RwLock::default(),
        }
    }

    /// The market's current instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.options.clock.now() + TimeDelta::milliseconds(self.offset.load(Ordering::Relaxed))
    }

    /// Moves the market's clock against the real one.
    pub fn set_offset(&self, offset: TimeDelta) {
        self.offset
            .store(offset.num_milliseconds(), Ordering::Relaxed);
    }

    /// Forgets all that control has done.
    pub fn reset(&self) {
        self.placed
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.offset.store(0, Ordering::Relaxed);
        self.faults.clear();
        self.log.clear();
        self.robots.clear();
        self.inbox.clear();
        self.runs.clear();
        self.tokens.clear();
        self.access_tokens.clear();
    }

    /// What the source answers for a listing now.
    pub fn look(&self, key: &ListingKey) -> Look {
        if let Some(sample) = self.placed(key).and_then(|placed| placed.sample) {
            return Look::Sample(sample);
        }
        self.see(key)
            .map_or(Look::Unknown, |seen| Look::Seen(Box::new(seen)))
    }

    /// What the market shows of a listing now, whatever sample is served for it.
    pub fn see(&self, key: &ListingKey) -> Option<Seen> {
        let placed = self.placed(key).unwrap_or_default();
        let listing = placed.listing.or_else(|| self.market.find(key).cloned())?;
        Some(self.seen(listing, &placed.overrides))
    }

    /// All listings of a source in a marketplace, in a fixed order: the catalogue, then what control created.
    pub fn all(&self, source: Source, marketplace: Option<&str>) -> Vec<Seen> {
        let placed = self
            .placed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let catalogue = self
            .market
            .catalogue()
            .iter()
            .map(|listing| listing.key.clone());
        let mut created: Vec<_> = placed
            .keys()
            .filter(|key| self.market.find(key).is_none())
            .cloned()
            .collect();
        created.sort_by(|a, b| a.external_id.cmp(&b.external_id));
        catalogue
            .chain(created)
            .filter(|key| key.source == source)
            .filter(|key| marketplace.is_none_or(|wanted| key.marketplace == wanted))
            .filter_map(|key| {
                let entry = placed.get(&key);
                let listing = entry
                    .and_then(|entry| entry.listing.clone())
                    .or_else(|| self.market.find(&key).cloned())?;
                Some(self.seen(
                    listing,
                    entry.map_or(&Overrides::default(), |e| &e.overrides),
                ))
            })
            .filter(|seen| seen.snapshot.availability != crate::market::Availability::NotFound)
            .collect()
    }

    /// Changes a listing, or creates it. A sample that was served for it is no longer.
    /// `None` when the source does not serve the marketplace.
    pub fn set(&self, key: &ListingKey, title: Option<String>, change: Overrides) -> Option<Seen> {
        let known = self.placed(key).and_then(|placed| placed.listing);
        let mut listing = match known.or_else(|| self.market.find(key).cloned()) {
            Some(listing) => listing,
            None => Arc::new(self.market.invent(key)?),
        };
        if let Some(title) = title {
            listing = Arc::new(Listing {
                title,
                ..(*listing).clone()
            });
        }
        let mut all = self.placed.write().unwrap_or_else(PoisonError::into_inner);
        let placed = all.entry(key.clone()).or_default();
        placed.sample = None;
        placed.listing = Some(Arc::clone(&listing));
        placed.overrides.merge(change);
        let overrides = placed.overrides.clone();
        drop(all);
        Some(self.seen(listing, &overrides))
    }

    /// Serves `body` verbatim for a listing until it is set.
    pub fn set_sample(&self, key: ListingKey, body: Value) {
        let mut all = self.placed.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(key).or_default().sample = Some(body);
    }

    fn seen(&self, listing: Arc<Listing>, overrides: &Overrides) -> Seen {
        let mut conditions = self.market.conditions(&listing, self.now());
        overrides.apply(&listing, &mut conditions);
        Seen {
            snapshot: conditions.settle(&listing),
            listing,
        }
    }

    fn placed(&self, key: &ListingKey) -> Option<Placed> {
        self.placed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }
}
