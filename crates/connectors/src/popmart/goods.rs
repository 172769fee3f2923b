//! A product as we understand it, whichever generation told of it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use domain::money::Currency;

use crate::json;

/// A product.
#[derive(Clone, Debug, Default)]
pub(crate) struct Goods {
    /// A number or a uuid.
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) sub_title: Option<String>,
    pub(crate) brand: Option<String>,
    pub(crate) series: Option<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) images: Vec<String>,
    pub(crate) videos: Vec<String>,
    pub(crate) description: Option<String>,
    /// By the names that `docs/sources.md` lists.
    pub(crate) attributes: BTreeMap<String, String>,
    /// The shop's own, such as `OUT_OF_STOCK`.
    pub(crate) tags: Vec<String>,
    /// A draw: the buyer picks a box unseen.
    pub(crate) draw: bool,
    pub(crate) new: bool,
    pub(crate) sale: Sale,
    pub(crate) review_count: Option<i32>,
    /// Its own figures, where a list tells them instead of SKUs.
    pub(crate) figures: Figures,
    pub(crate) skus: Vec<Sku>,
}

/// When and whether it is sold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sale {
    pub(crate) shown_from: Option<DateTime<Utc>>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    /// When only some may order.
    pub(crate) window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Whether the shop lists it.
    pub(crate) published: Option<bool>,
    /// Whether it takes orders.
    pub(crate) available: Option<bool>,
    pub(crate) sold_out: bool,
}

/// Price and stock of a product or of a SKU.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) currency: Option<Currency>,
    /// Minor units.
    pub(crate) price: Option<i64>,
    /// The price before a discount, where there is one; minor units.
    pub(crate) list_price: Option<i64>,
    /// Whether stock lets it be bought.
    pub(crate) stocked: Option<bool>,
    /// Units left.
    pub(crate) quantity: Option<i32>,
}

/// One way to buy it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sku {
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) images: Vec<String>,
    pub(crate) figures: Figures,
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Goods {
    /// The product as a whole: its cheapest SKU's price and the stock of all.
    pub(crate) fn whole(&self) -> Figures {
        if self.skus.is_empty() {
            return self.figures;
        }
        let all = || self.skus.iter().map(|sku| sku.figures);
        let cheapest = all()
            .filter(|figures| figures.price.is_some())
            .min_by_key(|figures| figures.price)
            .unwrap_or(self.figures);
        let quantity = all()
            .filter_map(|figures| figures.quantity)
            .reduce(i32::saturating_add);
        let stocked = if all().any(|figures| figures.stocked == Some(true)) {
            Some(true)
        } else if all().all(|figures| figures.stocked == Some(false)) {
            Some(false)
        } else {
            self.figures.stocked
        };
        Figures {
            stocked,
            quantity: quantity.or(self.figures.quantity),
            ..cheapest
        }
    }

    /// Leaves each SKU in once: an answer that names one twice tells the first.
    pub(crate) fn each_sku_once(&mut self) {
        let mut seen = HashSet::new();
        self.skus
            .retain(|sku| sku.id.as_ref().is_none_or(|id| seen.insert(id.clone())));
    }

    /// Whether its title, subtitle or tags hold one of these, in lower case.
    pub(crate) fn says(&self, words: &[&str]) -> bool {
        let texts = self.title.iter().chain(&self.sub_title).chain(&self.tags);
        texts
            .map(|text| text.to_lowercase().replace('_', " "))
            .any(|text| words.iter().any(|word| text.contains(word)))
    }

    /// A limited edition, by the shop's own words.
    pub(crate) fn limited(&self) -> bool {
        self.says(&["limited", "限定"])
    }

    /// Adds a tag once.
    pub(crate) fn tag(&mut self, tag: &str) {
        if !self.tags.iter().any(|known| known == tag) {
            self.tags.push(tag.to_owned());
        }
    }
}

/// Addresses of pictures or films, each once.
pub(crate) fn links(told: impl IntoIterator<Item = String>) -> Vec<String> {
    let whole = |link: String| match link.trim().strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => link.trim().to_owned(),
    };
    let is_link = |link: &String| link.starts_with("https://") || link.starts_with("http://");
    json::distinct(told.into_iter().map(whole).filter(is_link))
}
