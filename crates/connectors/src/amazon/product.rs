//! What both product actors' items have in common, once each was read in its own words.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, Flags, ListingRef};
use domain::money::Money;
use domain::observation::{CategoryRank, Observation, Offer, Values};

use super::text::{self, Stock};
use super::variants::Variants;
use crate::listing_url;

/// A product as an item tells it.
#[derive(Debug, Default)]
pub(crate) struct Product {
    /// The ASIN that answered, which may be a variant of the one asked for.
    pub(crate) asin: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) price: Option<Money>,
    pub(crate) list_price: Option<Money>,
    pub(crate) stock: Stock,
    pub(crate) seller: Option<String>,
    pub(crate) ranks: Vec<CategoryRank>,
    pub(crate) rating_hundredths: Option<i32>,
    pub(crate) review_count: Option<i32>,
    pub(crate) breadcrumbs: Vec<String>,
    pub(crate) images: Vec<String>,
    pub(crate) videos: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) features: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) variants: Variants,
}

impl Product {
    /// The product as `listing`, then those of its variants that have a price.
    ///
    /// # Errors
    /// The item says nothing at all.
    pub(crate) fn observations(
        mut self,
        listing: &ListingRef,
        observed_at: DateTime<Utc>,
    ) -> Result<Vec<Observation>, String> {
        if self.title.is_none() && self.price.is_none() {
            return Err("it has neither a title nor a price".into());
        }
        if self.stock.no_offer {
            // What stands there is somebody else's price, or yesterday's.
            self.price = None;
        }
        let variants = std::mem::take(&mut self.variants);
        let (children, other) = variants.split(listing, self.asin.as_deref(), observed_at);
        if !other.is_empty() {
            self.attributes.insert("variants".into(), other);
        }
        let values = self.values();
        let mut seen = vec![Observation {
            listing: listing.clone(),
            parent_external_id: None,
            observed_at,
            values,
            content: Some(self.content(listing)),
        }];
        seen.extend(children);
        Ok(seen)
    }

    fn values(&self) -> Values {
        let offer = match (self.price, self.stock.in_stock) {
            (Some(_), _) => Offer::Offered,
            (None, Some(false)) => Offer::None,
            (None, _) => Offer::NotCollected,
        };
        // Two currencies in one item: the price's counts.
        let list_price = self.list_price.filter(|list| {
            self.price
                .is_none_or(|price| price.currency == list.currency)
        });
        let price = self.price.map(|money| money.minor);
        // `price` and the seller describe the featured offer, which is the buy box.
        let seller = self.seller.as_deref().map(text::name);
        Values {
            offer,
            currency: self
                .price
                .or(list_price)
                .map(|money| money.currency.code().to_owned()),
            price,
            list_price: list_price.map(|money| money.minor),
            buy_box_price: price.filter(|_| seller.is_some()),
            buy_box_seller: seller.filter(|_| price.is_some()),
            availability: self.stock.availability,
            in_stock: self.stock.in_stock,
            stock_quantity: self.stock.quantity,
            ranks: self.ranks.clone(),
            rating_hundredths: self.rating_hundredths,
            review_count: self.review_count,
        }
    }

    fn content(self, listing: &ListingRef) -> Content {
        let path = self.breadcrumbs.join(" > ");
        let mut attributes = self.attributes;
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                attributes.insert(name.to_owned(), value);
            }
        };
        put(
            "breadcrumbs",
            Some(path.clone()).filter(|path| !path.is_empty()),
        );
        put("seller", self.seller);
        put(
            "shown_variant",
            self.asin
                .filter(|asin| !asin.eq_ignore_ascii_case(&listing.external_id)),
        );
        Content {
            // The address asked for, without the tracking parts of the one that answered.
            url: Some(listing_url::page(listing)),
            title: self.title,
            brand: self.brand,
            series: None,
            category: (!path.is_empty()).then_some(path),
            images: self.images,
            videos: self.videos,
            description: self.description,
            features: self.features,
            attributes,
            flags: Flags {
                pre_order: self.stock.availability == Availability::PreOrder,
                ..Flags::default()
            },
        }
    }
}

/// Adds a text under a name, if there is one.
pub(crate) fn put(attributes: &mut BTreeMap<String, String>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        attributes.insert(name.to_owned(), value);
    }
}
