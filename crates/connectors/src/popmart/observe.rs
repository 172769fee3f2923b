//! Observations of a product and of each of its SKUs.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::listing::{Content, Flags, ListingRef};
use domain::observation::{Observation, Offer, Values};

use super::address::{Named, sku_id};
use super::goods::{Figures, Goods, Sku};
use super::state::State;
use crate::{Outcome, listing_url};

/// Most SKUs of one product that become listings. No product has shown more than a few dozen; an
/// answer with more is broken or hostile, and must not fill the catalogue.
pub(crate) const MOST_SKUS: usize = 2_000;

/// How one answer is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<'a> {
    /// What was asked for, or a listing of the same shop: source and marketplace count.
    pub(crate) listing: &'a ListingRef,
    /// The instant of the observation.
    pub(crate) observed_at: DateTime<Utc>,
}

impl Telling<'_> {
    /// The product first, then its SKUs.
    pub(crate) fn all(self, goods: &Goods) -> Vec<Observation> {
        let parent = self.product(goods);
        let content = parent.content.clone().unwrap_or_default();
        let skus = goods.skus.iter().take(MOST_SKUS);
        let children: Vec<Observation> = skus
            .filter_map(|sku| self.sku(goods, sku, &content))
            .collect();
        std::iter::once(parent).chain(children).collect()
    }

    /// What was asked for: the product with its SKUs, or one SKU alone.
    pub(crate) fn asked(self, goods: &Goods) -> Outcome {
        let Some(wanted) = Named::of(&self.listing.external_id).sku else {
            return Outcome::Observed(self.all(goods));
        };
        let content = self.product(goods).content.unwrap_or_default();
        let found = goods
            .skus
            .iter()
            .find(|sku| sku.id.as_deref() == Some(wanted));
        match found.and_then(|sku| self.sku(goods, sku, &content)) {
            Some(seen) => Outcome::Observed(vec![seen]),
            None => Outcome::NotFound,
        }
    }

    /// The product as a whole.
    pub(crate) fn product(self, goods: &Goods) -> Observation {
        let state = State::of(goods, self.observed_at);
        let whole = goods.whole();
        let in_stock = state.whole_in_stock(whole.stocked);
        let listing = self.named(goods.id.clone());
        let none = goods.skus.is_empty() && whole.price.is_none() && in_stock == Some(false);
        let mut values = Values {
            availability: state.availability(in_stock),
            in_stock,
            review_count: goods.review_count,
            ..values(whole)
        };
        if none {
            // Nothing is for sale, and the shop says so.
            values.offer = Offer::None;
        }
        Observation {
            content: Some(content(goods, &listing, state, in_stock)),
            listing,
            parent_external_id: None,
            observed_at: self.observed_at,
            values,
        }
    }

    /// A SKU; `None` for one without an id, which cannot be followed.
    fn sku(self, goods: &Goods, sku: &Sku, parent: &Content) -> Option<Observation> {
        let state = State::of(goods, self.observed_at);
        let id = sku_id(&goods.id, sku.id.as_deref()?);
        let listing =
            listing_url::from_id(self.listing.source, &self.listing.marketplace, &id).ok()?;
        let in_stock = state.in_stock(sku.figures.stocked);
        let title = match (&goods.title, &sku.title) {
            (Some(title), Some(kind)) => Some(format!("{title} – {kind}")),
            (title, kind) => kind.clone().or_else(|| title.clone()),
        };
        let images = if sku.images.is_empty() {
            parent.images.clone()
        } else {
            sku.images.clone()
        };
        let mut attributes = parent.attributes.clone();
        attributes.extend(sku.attributes.clone());
        Some(Observation {
            listing,
            parent_external_id: Some(goods.id.clone()),
            observed_at: self.observed_at,
            values: Values {
                availability: state.availability(in_stock),
                in_stock,
                ..values(sku.figures)
            },
            content: Some(Content {
                title,
                images,
                attributes,
                ..parent.clone()
            }),
        })
    }

    fn named(self, external_id: String) -> ListingRef {
        ListingRef {
            external_id,
            ..self.listing.clone()
        }
    }
}

/// A price tag. The shop shows it also while sold out, so it is an offer whatever the stock.
fn values(figures: Figures) -> Values {
    let price = figures.price;
    Values {
        offer: match price {
            Some(_) => Offer::Offered,
            None => Offer::NotCollected,
        },
        currency: figures
            .currency
            .filter(|_| price.is_some())
            .map(|currency| currency.code().to_owned()),
        price,
        list_price: figures.list_price,
        stock_quantity: figures.quantity,
        ..Values::default()
    }
}

fn content(goods: &Goods, listing: &ListingRef, state: State, in_stock: Option<bool>) -> Content {
    let pre_order = state.pre_order(in_stock);
    let mut attributes = goods.attributes.clone();
    let date = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let sale = &goods.sale;
    attributes.extend(
        sale.from
            .map(|from| ("release_date".to_owned(), date(from))),
    );
    let (start, end) = match sale.window {
        (None, None) if pre_order && state.announced() => (sale.shown_from, sale.from),
        (None, None) if pre_order => (sale.from, sale.until),
        window => window,
    };
    attributes.extend(start.map(|start| ("pre_order_start".to_owned(), date(start))));
    attributes.extend(end.map(|end| ("pre_order_end".to_owned(), date(end))));
    if !goods.tags.is_empty() {
        attributes.insert("tags".to_owned(), goods.tags.join(", "));
    }
    if goods.skus.len() > MOST_SKUS {
        let left_out = goods.skus.len() - MOST_SKUS;
        attributes.insert("variants_left_out".to_owned(), left_out.to_string());
        tracing::warn!(
            product = goods.id,
            skus = goods.skus.len(),
            "more SKUs than become listings"
        );
    }
    let category = goods.categories.first().cloned();
    // The shop tells a blind box in one place or another: as a draw, in words, or as a category.
    let blind_box = goods.draw
        || goods.says(&["blind box"])
        || goods
            .categories
            .iter()
            .any(|name| name.to_lowercase().contains("blind box"));
    Content {
        url: Some(listing_url::page(listing)),
        title: goods.title.clone(),
        brand: goods.brand.clone(),
        series: goods.series.clone().or_else(|| goods.brand.clone()),
        category,
        images: goods.images.clone(),
        videos: goods.videos.clone(),
        description: goods.description.clone(),
        features: Vec::new(),
        attributes,
        flags: Flags {
            new: goods.new,
            limited: goods.limited(),
            pre_order,
            blind_box,
        },
    }
}
