//! A product in the catalogue's terms: the product, and each of its SKUs as a child.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::availability::Availability;
use domain::listing::{Content, ListingRef};
use domain::observation::{Observation, Offer, Values};

use super::SOURCE;
use super::answer::{self, Answer};
use super::price::{Price, yuan};
use super::product::{Product, Sku};
use super::search;
use crate::{Outcome, Target, listing_url};

/// The two numbers of an id: the offer's and, for one of its SKUs, that.
pub(super) fn numbers(external_id: &str) -> (&str, Option<&str>) {
    match external_id.split_once('-') {
        Some((offer, sku)) => (offer, Some(sku)),
        None => (external_id, None),
    }
}

/// What a body says of the targets, by their places. A page of a search tells only of those in it.
pub(super) fn read(
    body: &[u8],
    targets: &[Target],
    observed_at: DateTime<Utc>,
    max_skus: usize,
) -> Vec<(usize, Outcome)> {
    let all = |outcome: Outcome| {
        (0..targets.len())
            .map(|place| (place, outcome.clone()))
            .collect()
    };
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else {
        return all(Outcome::malformed("the answer is not the platform's JSON"));
    };
    let product = match answer::read(&body) {
        Answer::Product(fields) => Product::of_detail(fields),
        Answer::Relation(fields) => Product::of_relation(fields),
        Answer::Refused(refusal) => return all(refusal.outcome()),
        Answer::Unknown => {
            return all(Outcome::malformed(
                "the answer holds neither a product nor an error",
            ));
        }
        Answer::Page(page) => {
            let rows = search::rows(page, observed_at);
            return targets
                .iter()
                .enumerate()
                .filter_map(|(place, target)| {
                    let row = rows.iter().find(|row| row.listing == target.listing)?;
                    Some((place, Outcome::Observed(vec![row.clone()])))
                })
                .collect();
        }
    };
    let seen = Seen::new(&product, observed_at, max_skus);
    targets
        .iter()
        .enumerate()
        .map(|(place, target)| (place, seen.outcome(&target.listing)))
        .collect()
}

/// Where a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// On sale.
    Sold,
    /// Taken down or under review: may come back.
    Paused,
    /// Not published yet.
    Coming,
    /// Deleted.
    Ended,
    /// The platform uses a word that we do not know.
    Unclear,
}

impl Stand {
    /// By `status`. Sources: the platform's API page, which lists the words.
    fn of(status: Option<&str>) -> Self {
        match status
            .map(str::trim)
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            // Some calls leave it out: they tell published products only.
            None | Some("published") => Self::Sold,
            Some(
                "expired" | "auto expired" | "member expired" | "auditing" | "untread" | "modified"
                | "approved",
            ) => Self::Paused,
            Some("new") => Self::Coming,
            Some("deleted" | "member deleted" | "tbd") => Self::Ended,
            Some(_) => Self::Unclear,
        }
    }

    /// What goes with no price.
    fn unsold(self) -> Values {
        Values {
            offer: Offer::None,
            in_stock: Some(false),
            availability: match self {
                Self::Coming => Availability::ComingSoon,
                Self::Ended => Availability::Discontinued,
                Self::Sold | Self::Paused | Self::Unclear => Availability::OutOfStock,
            },
            ..Values::default()
        }
    }
}

struct Seen<'a> {
    product: &'a Product,
    stand: Stand,
    observed_at: DateTime<Utc>,
    max_skus: usize,
}

impl<'a> Seen<'a> {
    fn new(product: &'a Product, observed_at: DateTime<Utc>, max_skus: usize) -> Self {
        Self {
            stand: Stand::of(product.status.as_deref()),
            product,
            observed_at,
            max_skus,
        }
    }

    fn outcome(&self, listing: &ListingRef) -> Outcome {
        let (offer, sku) = numbers(&listing.external_id);
        match &self.product.id {
            Some(id) if id == offer => {}
            Some(_) => return Outcome::malformed("the platform answers about another product"),
            None => return Outcome::malformed("the product has no number"),
        }
        let price = match sku {
            None => self.product.price(),
            Some(wanted) => match self.sku(wanted) {
                Some(sku) => self.product.price_of(sku),
                None => return Outcome::NotFound,
            },
        };
        match price {
            Price::Wrong(text) if matches!(self.stand, Stand::Sold | Stand::Unclear) => {
                return Outcome::malformed(format!(
                    "the price is `{}`, which is no price",
                    answer::plain(&text)
                ));
            }
            Price::Absent if matches!(self.stand, Stand::Sold) => {
                return Outcome::malformed("the product is on sale, but no price is told");
            }
            _ => {}
        }
        match sku.and_then(|wanted| self.sku(wanted)) {
            Some(sku) => Outcome::Observed(vec![self.child(listing.clone(), offer, sku)]),
            None => Outcome::Observed(self.family(listing)),
        }
    }

    fn sku(&self, wanted: &str) -> Option<&'a Sku> {
        let mut skus = self.product.skus.iter();
        skus.find(|sku| sku.id.as_deref() == Some(wanted))
    }

    /// The product, then its SKUs.
    fn family(&self, listing: &ListingRef) -> Vec<Observation> {
        let mut content = self.content(listing);
        let mut known = HashSet::new();
        let (mut children, mut left_out) = (Vec::new(), 0_usize);
        for sku in &self.product.skus {
            // A SKU without a number cannot be followed; a number that comes twice is one SKU.
            let Some(id) = sku.id.as_deref().filter(|id| known.insert(*id)) else {
                continue;
            };
            if children.len() >= self.max_skus {
                left_out += 1;
                continue;
            }
            let child = format!("{}-{id}", listing.external_id);
            if let Ok(child) = listing_url::from_id(SOURCE, &listing.marketplace, &child) {
                children.push(self.child(child, &listing.external_id, sku));
            }
        }
        if left_out > 0 {
            content
                .attributes
                .insert("variants_left_out".to_owned(), left_out.to_string());
        }
        let units = self.product.units();
        let mut values = self.values(self.product.price(), units);
        values.rating_hundredths = self.product.rating_hundredths;
        let parent = Observation {
            listing: listing.clone(),
            parent_external_id: None,
            observed_at: self.observed_at,
            values,
            content: Some(content),
        };
        std::iter::once(parent).chain(children).collect()
    }

    fn child(&self, listing: ListingRef, offer: &str, sku: &Sku) -> Observation {
        let product = self.product;
        let kind: Vec<&str> = sku
            .properties
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        let title = match (&product.title, kind.is_empty()) {
            (Some(title), false) => Some(format!("{title} – {}", kind.join(" / "))),
            (title, true) => title.clone(),
            (None, false) => Some(kind.join(" / ")),
        };
        let mut attributes = sku.attributes.clone();
        for (name, value) in &sku.properties {
            attributes.add(name, value.clone());
        }
        attributes.set("variant_of", Some(offer.to_owned()));
        // What holds for every SKU of the offer, and what a buyer of one asks.
        for name in [
            "min_order_quantity",
            "unit",
            "supplier",
            "supplier_id",
            "ships_from",
        ] {
            attributes.set(name, product.attributes.0.get(name).cloned());
        }
        Observation {
            values: self.values(product.price_of(sku), sku.stock),
            content: Some(Content {
                url: Some(listing_url::page(&listing)),
                title,
                brand: product.brand.clone(),
                category: product.category.clone(),
                images: match &sku.image {
                    Some(image) => vec![image.clone()],
                    None => product.images.iter().take(1).cloned().collect(),
                },
                attributes: attributes.0,
                ..Content::default()
            }),
            listing,
            parent_external_id: Some(offer.to_owned()),
            observed_at: self.observed_at,
        }
    }

    fn content(&self, listing: &ListingRef) -> Content {
        let product = self.product;
        Content {
            url: Some(listing_url::page(listing)),
            title: product.title.clone(),
            brand: product.brand.clone(),
            category: product.category.clone(),
            images: product.images.clone(),
            videos: product.videos.clone(),
            description: product.description.clone(),
            features: product.features.clone(),
            attributes: product.attributes.0.clone(),
            ..Content::default()
        }
    }

    fn values(&self, price: Price, units: Option<i64>) -> Values {
        if !matches!(self.stand, Stand::Sold | Stand::Unclear) {
            return self.stand.unsold();
        }
        let stock = units.and_then(|units| i32::try_from(units).ok());
        let in_stock = match self.stand {
            Stand::Sold => units.map(|units| units > 0),
            _ => None,
        };
        Values {
            availability: match in_stock {
                Some(true) => Availability::InStock,
                Some(false) => Availability::OutOfStock,
                None => Availability::Unknown,
            },
            in_stock,
            stock_quantity: stock,
            ..priced(price)
        }
    }
}

/// A price tag. The platform shows it also while sold out, so it is an offer whatever the stock.
pub(super) fn priced(price: Price) -> Values {
    match (price, yuan()) {
        (Price::Known { price, list }, Some(currency)) => Values {
            offer: Offer::Offered,
            currency: Some(currency.code().to_owned()),
            price: Some(price),
            list_price: list,
            ..Values::default()
        },
        _ => Values::default(),
    }
}
