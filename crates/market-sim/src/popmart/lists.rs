//! Lists of products: collections and search, as rows.

use serde_json::{Value, json};

use super::details::{minor, sub_title};
use crate::{images, market::Source, server::FaultKind, world::Seen, world::World};

/// Best sellers, trending, new arrivals: collections that hold products of several series.
const BEST_SELLERS: i64 = 329;
const TRENDING: i64 = 330;
const NEW_ARRIVALS: i64 = 331;

/// Numbers of two of the shop's best known collections, and the invented series that stand there, so that ready-made
/// searches find something.
const STAND_INS: [(i64, &str); 2] = [(223, "MOONLET"), (241, "PIKO & PALS")];

/// A collection: its name and what is in it.
pub(super) struct Collection {
    pub id: i64,
    pub name: String,
    pub products: Vec<Seen>,
}

impl Collection {
    /// The collection of an id in a country; `None` when there is none.
    pub fn find(world: &World, marketplace: &str, id: i64) -> Option<Self> {
        let mut products = world.all(Source::Popmart, Some(marketplace));
        let name = match id {
            BEST_SELLERS => {
                products.retain(|seen| seen.snapshot.in_stock());
                "BEST SELLERS".to_owned()
            }
            TRENDING => "TRENDING".to_owned(),
            NEW_ARRIVALS => {
                products.retain(is_new);
                products.sort_by_key(|seen| std::cmp::Reverse(seen.snapshot.up_time));
                "NEW ARRIVALS".to_owned()
            }
            series => {
                let stand_in = STAND_INS.iter().find(|(number, _)| *number == series);
                let of_series = |seen: &Seen| match stand_in {
                    Some((_, name)) => seen.listing.brand == *name,
                    None => seen
                        .listing
                        .release()
                        .is_some_and(|release| release.collection == series),
                };
                products.retain(of_series);
                products.first()?.listing.brand.clone()
            }
        };
        Some(Self { id, name, products })
    }

    /// The new arrivals of a country.
    pub fn new_arrivals(world: &World, marketplace: &str) -> Option<Self> {
        Self::find(world, marketplace, NEW_ARRIVALS)
    }

    /// One page, counted from 1, in the shape that CDN files and the signed call share.
    pub fn page(&self, world: &World, base: &str, page: usize, page_size: usize) -> Value {
        let cut = cut(world, &self.products, page, page_size);
        let rows: Vec<Value> = cut.rows.into_iter().map(|seen| row(seen, base)).collect();
        json!({
            "total": cut.total,
            "name": self.name,
            "desc": "",
            "id": self.id.to_string(),
            "productData": rows,
        })
    }
}

/// One page of a list.
pub(super) struct Cut<'a> {
    pub rows: Vec<&'a Seen>,
    /// Products in all, as the shop says.
    pub total: usize,
}

/// How many products a list without end says it has.
const ENDLESS: usize = 1_000_000;

/// One page of a list, counted from 1. Under a fault the list never ends: it says so, and holds its first
/// page again.
pub(super) fn cut<'a>(world: &World, all: &'a [Seen], page: usize, page_size: usize) -> Cut<'a> {
    let endless = world
        .faults
        .next_content(Source::Popmart, FaultKind::EndlessPages);
    let page = if endless { 1 } else { page };
    Cut {
        rows: all
            .iter()
            .skip(page.saturating_sub(1).saturating_mul(page_size))
            .take(page_size)
            .collect(),
        total: if endless { ENDLESS } else { all.len() },
    }
}

/// Whether a product is shown among the new arrivals.
pub(super) fn is_new(seen: &Seen) -> bool {
    seen.listing.release().is_some_and(|release| release.fresh)
}

/// Whether the shop calls a product hot: it hardly ever lasts.
pub(super) fn is_hot(seen: &Seen) -> bool {
    seen.listing.scarcity > 0.4
        || seen
            .listing
            .release()
            .is_some_and(|release| release.limited)
}

/// A product in a collection.
fn row(seen: &Seen, base: &str) -> Value {
    let picture = images::url(base, &seen.listing.key, 1);
    let skus: Vec<Value> = seen
        .snapshot
        .skus
        .iter()
        .map(|sku| {
            json!({
                "id": sku.id,
                "price": minor(sku.price),
                "discountPrice": minor(sku.discount_price),
                "currency": seen.listing.price.currency.code(),
                "stock": { "onlineStock": sku.stock, "onlineLockStock": sku.locked },
                "mainImage": picture,
                "isSkuSoldOut": sku.stock == 0,
            })
        })
        .collect();
    json!({
        "id": seen.listing.key.external_id,
        "title": seen.listing.title,
        "subTitle": sub_title(seen),
        "upTime": seen.snapshot.up_time.map_or(0, |start| start.timestamp()),
        "bannerImages": [picture],
        "isHot": is_hot(seen),
        "isNew": is_new(seen),
        "skus": skus,
    })
}

/// A product in a search result: a collection's row with two fields more and one less in its SKUs.
pub(super) fn search_row(seen: &Seen, base: &str) -> Value {
    let mut found = row(seen, base);
    found["type"] = json!("normal");
    found["isAvailable"] = json!(seen.snapshot.in_stock());
    if let Some(skus) = found["skus"].as_array_mut() {
        for sku in skus.iter_mut().filter_map(Value::as_object_mut) {
            sku.remove("isSkuSoldOut");
        }
    }
    found
}

/// Products of a country whose title, subtitle or series holds every word of the term.
pub(super) fn search(world: &World, marketplace: &str, term: &str) -> Vec<Seen> {
    let words: Vec<String> = term.split_whitespace().map(str::to_lowercase).collect();
    let mut found = world.all(Source::Popmart, Some(marketplace));
    found.retain(|seen| {
        let (title, brand) = (&seen.listing.title, &seen.listing.brand);
        let text = format!("{title} {} {brand}", sub_title(seen)).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    });
    found
}
