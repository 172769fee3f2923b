//! The other ASINs of a product's family.
//!
//! A page tells little of them: at most a price. So a variant becomes an observation of its own, under the listing
//! whose page it is, only where its price is known; by its id alone it is no more than an attribute. The default
//! input asks for no variant prices, so that a family of forty does not become forty listings unasked.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::money::Money;
use domain::observation::{Observation, Offer, Values};

use super::price::Zero;
use super::row::Told;
use crate::json::Object;
use crate::listing_url;

/// Most variants of one product that are listed, and most ids that are named.
const MOST: usize = 500;

/// One other ASIN.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) asin: String,
    /// What tells it apart: a colour, a size.
    pub(crate) name: Option<String>,
    pub(crate) price: Option<Money>,
    pub(crate) image: Option<String>,
    /// Whether it can be chosen, where the page tells.
    pub(crate) available: Option<bool>,
}

/// A family, in the page's order.
#[derive(Debug, Default)]
pub(crate) struct Variants {
    all: Vec<Variant>,
    places: HashMap<String, usize>,
}

impl Variants {
    /// Adds one; an ASIN that is known already only gets what was not known of it.
    pub(crate) fn add(&mut self, variant: Variant) {
        let known = self.places.get(&variant.asin);
        match known.and_then(|place| self.all.get_mut(*place)) {
            None => {
                self.places.insert(variant.asin.clone(), self.all.len());
                self.all.push(variant);
            }
            Some(known) => {
                known.name = known.name.take().or(variant.name);
                known.price = known.price.or(variant.price);
                known.image = known.image.take().or(variant.image);
                known.available = known.available.or(variant.available);
            }
        }
    }

    /// Those with a price as observations under `parent`, and the ids of the others. Neither the listing itself nor
    /// the ASIN that answered for it is a variant of it.
    pub(crate) fn split(
        self,
        parent: &ListingRef,
        answered: Option<&str>,
        observed_at: DateTime<Utc>,
    ) -> (Vec<Observation>, String) {
        let (mut priced, mut others) = (Vec::new(), Vec::new());
        for variant in self.all.into_iter().take(MOST) {
            let own = variant.asin == parent.external_id
                || answered.is_some_and(|asin| asin.eq_ignore_ascii_case(&variant.asin));
            let listing = listing_url::from_id(parent.source, &parent.marketplace, &variant.asin);
            let (false, Ok(listing)) = (own, listing) else {
                continue;
            };
            match variant.price {
                Some(price) => {
                    priced.push(variant.observation(listing, price, parent, observed_at))
                }
                None => others.push(variant.asin),
            }
        }
        (priced, others.join(", "))
    }
}

impl Variant {
    /// A variant's price. What a selector shows, such as `2 options from $9.99`, is not always one:
    /// then the variant is known by its id, and the product is read all the same.
    pub(crate) fn price(row: Object<'_>, listing: &ListingRef) -> Option<Money> {
        row.money("price", &listing.marketplace, Zero::MeansNone)
            .ok()
            .flatten()
    }

    fn observation(
        self,
        listing: ListingRef,
        price: Money,
        parent: &ListingRef,
        observed_at: DateTime<Utc>,
    ) -> Observation {
        let content = Content {
            url: Some(listing_url::page(&listing)),
            title: self.name,
            images: self.image.into_iter().collect(),
            ..Content::default()
        };
        Observation {
            listing,
            parent_external_id: Some(parent.external_id.clone()),
            observed_at,
            values: Values {
                offer: Offer::Offered,
                currency: Some(price.currency.code().to_owned()),
                price: Some(price.minor),
                availability: match self.available {
                    Some(true) => Availability::InStock,
                    Some(false) => Availability::OutOfStock,
                    None => Availability::Unknown,
                },
                in_stock: self.available,
                ..Values::default()
            },
            content: Some(content),
        }
    }
}
