//! The market itself, without any I/O: what is listed, and what each listing looks like at any instant.

mod catalogue;
mod dynamics;
mod invent;
mod listing;
mod money;
mod noise;
mod place;
mod snapshot;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};

pub(crate) use dynamics::Conditions;
pub use listing::{
    Appliance, Charset, Detail, Glyph, Listing, ListingKey, Markup, Offering, Release, Seller,
    Shown, Sku, Source, Supplier, Tempo, Wholesale, WholesaleSku,
};
pub use money::{Money, MoneyError};
pub(crate) use noise::Noise;
pub use place::{
    AMAZON, AmazonPlace, HAIER, POPMART, alibaba1688_currency, amazon_host, amazon_place,
    haier_currency, popmart_currency, web_currency,
};
pub use snapshot::{AMAZON_SHOWN_STOCK, Availability, Rank, SkuState, Snapshot};

/// A seeded market. Two markets of one seed are the same market, at every instant.
#[derive(Debug, Clone)]
pub struct Market {
    noise: Noise,
    listings: Arc<Vec<Arc<Listing>>>,
    by_key: Arc<HashMap<ListingKey, Arc<Listing>>>,
}

impl Market {
    /// The market of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let noise = Noise::new(seed);
        let listings: Vec<_> = catalogue::listings().into_iter().map(Arc::new).collect();
        let by_key = listings
            .iter()
            .map(|l| (l.key.clone(), Arc::clone(l)))
            .collect();
        Self {
            noise,
            listings: Arc::new(listings),
            by_key: Arc::new(by_key),
        }
    }

    /// Everything that is listed without anybody's doing, in a fixed order.
    #[must_use]
    pub fn catalogue(&self) -> &[Arc<Listing>] {
        &self.listings
    }

    /// A listing of the catalogue.
    #[must_use]
    pub fn find(&self, key: &ListingKey) -> Option<&Arc<Listing>> {
        self.by_key.get(key)
    }

    /// What a shop shows of a listing at an instant, past or future.
    #[must_use]
    pub fn at(&self, listing: &Listing, instant: DateTime<Utc>) -> Snapshot {
        self.conditions(listing, instant).settle(listing)
    }

    /// What moves about a listing, before it is settled what is shown.
    pub(crate) fn conditions(&self, listing: &Listing, instant: DateTime<Utc>) -> Conditions {
        Conditions::of(self.noise, listing, instant)
    }

    /// A believable listing for a key that the catalogue does not have, the same one each time; `None` for a
    /// marketplace that the source does not serve.
    pub(crate) fn invent(&self, key: &ListingKey) -> Option<Listing> {
        invent::listing(self.noise, key)
    }
}

#[cfg(test)]
mod tests;
