//! What is kept of a page between two looks, so that the next can ask whether it changed.

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::ListingRef;
use domain::observation::{Observation, Offer, Values};
use egress::Response;
use serde::{Deserialize, Serialize};

use super::SOURCE;
use crate::{MEMO_LIMIT, Outcome, Target};

/// Grows with every change in how pages are read: an unchanged page then says something else.
const VERSION: u32 = 1;

/// What is kept of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memo {
    version: u32,
    /// Where it was read, after redirects: its marks hold there alone.
    url: String,
    etag: Option<String>,
    modified: Option<String>,
    /// The choice that it was read by.
    strategy: Option<String>,
    seen: Vec<Seen>,
}

/// An observation's figures; its content is known to whoever keeps the listing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    id: String,
    parent: Option<String>,
    offered: Option<bool>,
    currency: Option<String>,
    price: Option<i64>,
    list_price: Option<i64>,
    availability: Availability,
    in_stock: Option<bool>,
    stock: Option<i32>,
    rating: Option<i32>,
    reviews: Option<i32>,
}

impl Memo {
    /// What to keep of an answer; `None` when the shop gives nothing to ask by, or it is too much.
    pub(super) fn of(
        response: &Response,
        url: &str,
        target: &Target,
        outcome: &Outcome,
    ) -> Option<Vec<u8>> {
        let Outcome::Observed(observations) = outcome else {
            return None;
        };
        let mark = |name: &str| {
            response
                .header(name)
                .map(str::to_owned)
                .filter(|mark| mark.len() <= 512)
        };
        let memo = Self {
            version: VERSION,
            url: url.to_owned(),
            etag: mark("etag"),
            modified: mark("last-modified"),
            strategy: target.strategy.clone(),
            seen: observations.iter().map(Seen::of).collect(),
        };
        if memo.etag.is_none() && memo.modified.is_none() {
            return None;
        }
        serde_json::to_vec(&memo)
            .ok()
            .filter(|bytes| bytes.len() <= MEMO_LIMIT)
    }

    /// What was kept, where it still says what would be read.
    pub(super) fn read(target: &Target) -> Option<Self> {
        let memo: Self = serde_json::from_slice(&target.memo).ok()?;
        let about = memo
            .seen
            .first()
            .is_some_and(|seen| seen.id == target.listing.external_id);
        let same = memo.version == VERSION && memo.strategy == target.strategy;
        Some(memo).filter(|_| about && same)
    }

    /// The headers that ask whether the page changed, for its address alone.
    pub(super) fn marks(&self, url: &str) -> Vec<(&'static str, &str)> {
        let marks = [
            ("if-none-match", &self.etag),
            ("if-modified-since", &self.modified),
        ];
        let held = marks.into_iter().filter(|_| self.url == url);
        held.filter_map(|(name, mark)| Some((name, mark.as_deref()?)))
            .collect()
    }

    /// The same figures at a new instant.
    pub(super) fn again(&self, listing: &ListingRef, at: DateTime<Utc>) -> Outcome {
        let again = self
            .seen
            .iter()
            .map(|seen| seen.observation(&listing.marketplace, at));
        Outcome::Observed(again.collect())
    }
}

impl Seen {
    fn of(observation: &Observation) -> Self {
        let values = &observation.values;
        Self {
            id: observation.listing.external_id.clone(),
            parent: observation.parent_external_id.clone(),
            offered: match values.offer {
                Offer::Offered => Some(true),
                Offer::None => Some(false),
                Offer::NotCollected => None,
            },
            currency: values.currency.clone(),
            price: values.price,
            list_price: values.list_price,
            availability: values.availability,
            in_stock: values.in_stock,
            stock: values.stock_quantity,
            rating: values.rating_hundredths,
            reviews: values.review_count,
        }
    }

    fn observation(&self, marketplace: &str, at: DateTime<Utc>) -> Observation {
        Observation {
            listing: ListingRef {
                source: SOURCE,
                marketplace: marketplace.to_owned(),
                external_id: self.id.clone(),
            },
            parent_external_id: self.parent.clone(),
            observed_at: at,
            values: Values {
                offer: match self.offered {
                    Some(true) => Offer::Offered,
                    Some(false) => Offer::None,
                    None => Offer::NotCollected,
                },
                currency: self.currency.clone(),
                price: self.price,
                list_price: self.list_price,
                availability: self.availability,
                in_stock: self.in_stock,
                stock_quantity: self.stock,
                rating_hundredths: self.rating,
                review_count: self.reviews,
                ..Values::default()
            },
            content: None,
        }
    }
}
