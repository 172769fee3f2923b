//! Offers: <https://schema.org/Offer>, <https://schema.org/AggregateOffer>.

use domain::money::Currency;

use super::item::Item;
use crate::web::finding::{Figures, Variant};
use crate::web::page::Page;
use crate::web::price::{self, Price};
use crate::web::{availability, text};

/// A product's offers, read.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) figures: Figures,
    pub(super) variants: Vec<Variant>,
    pub(super) seller: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) troubles: Vec<String>,
}

/// One offer.
struct One<'a> {
    item: &'a Item,
    figures: Figures,
    sku: Option<String>,
}

/// More offers than a page shows.
const MOST: usize = 2_000;

/// Reads the offers of a product.
pub(super) fn read(product: &Item, page: &Page) -> Offers {
    let mut out = Offers::default();
    let mut singles = Vec::new();
    for offer in product.items("offers") {
        if offer.is(&["AggregateOffer"]) {
            let nested = offer.items("offers").filter(|inner| {
                inner.either(&["price", "priceSpecification"]).is_some()
                    || inner.items("priceSpecification").next().is_some()
            });
            let before = singles.len();
            singles.extend(nested.map(|inner| (inner, Some(offer))));
            if singles.len() == before {
                out.figures = aggregate(offer, page, &mut out.troubles);
            }
        } else {
            singles.push((offer, None));
        }
    }
    let read: Vec<One<'_>> = singles
        .into_iter()
        .take(MOST)
        .map(|(item, around)| One {
            item,
            figures: single(item, around, page, &mut out.troubles),
            sku: sku(item),
        })
        .collect();
    if let Some(chosen) = main(&read, page, &mut out) {
        out.seller = chosen
            .item
            .either(&["seller", "offeredBy"])
            .and_then(text::name);
        let condition = chosen.item.text("itemCondition");
        out.condition = condition.map(|word| super::item::bare(word).to_owned());
    }
    out.variants = variants(&read, page);
    out
}

/// What a group of variants says as one: the lowest that can be had.
pub(super) fn summary(all: &[Figures]) -> Figures {
    let priced = |buyable: bool| {
        all.iter()
            .filter(move |one| one.price.is_some())
            .filter(move |one| {
                !buyable || one.availability.and_then(availability::buyable) != Some(false)
            })
    };
    let chosen = priced(true)
        .min_by_key(|one| one.price)
        .or_else(|| priced(false).min_by_key(|one| one.price))
        .or(all.first());
    let mut figures = chosen.cloned().unwrap_or_default();
    let highest = priced(false)
        .filter(|one| one.currency == figures.currency)
        .filter_map(|one| one.up_to.or(one.price))
        .max();
    figures.up_to = highest.filter(|highest| Some(*highest) > figures.price);
    figures
}

fn main<'a, 'b>(read: &'b [One<'a>], page: &Page, out: &mut Offers) -> Option<&'b One<'a>> {
    let first = read.first()?;
    // The offer that this very address selects, such as `?variant=1`.
    let selected = read.iter().find(|one| {
        let link = one
            .item
            .text("url")
            .and_then(|link| page.url.join(link).ok());
        read.len() > 1
            && link.is_some_and(|link| link.query().is_some() && link.query() == page.url.query())
    });
    if let Some(selected) = selected.filter(|one| one.figures.tell()) {
        out.figures = selected.figures.clone();
        return Some(selected);
    }
    let mut currencies: Vec<Currency> =
        read.iter().filter_map(|one| one.figures.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let local = page.locale.currency();
    let wanted = match currencies.as_slice() {
        [] | [_] => None,
        several => match local.filter(|local| several.contains(local)) {
            Some(local) => Some(local),
            None => {
                out.troubles
                    .push("it has offers in several currencies".into());
                return None;
            }
        },
    };
    let fitting: Vec<Figures> = read
        .iter()
        .filter(|one| wanted.is_none() || one.figures.currency == wanted)
        .map(|one| one.figures.clone())
        .collect();
    out.figures = summary(&fitting);
    let of = |one: &&One<'_>| one.figures.price == out.figures.price;
    Some(read.iter().find(of).unwrap_or(first))
}

fn single(offer: &Item, around: Option<&Item>, page: &Page, troubles: &mut Vec<String>) -> Figures {
    let specifications: Vec<&Item> = offer.items("priceSpecification").collect();
    let kind = |item: &Item| {
        item.text("priceType")
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let before = |item: &Item| {
        let kind = kind(item);
        ["listprice", "strikethrough", "srp", "msrp", "regularprice"]
            .iter()
            .any(|word| kind.contains(word))
    };
    // A price for a kilogram is not the product's.
    let per_unit = |item: &Item| item.all("referenceQuantity").next().is_some();
    let current = specifications
        .iter()
        .copied()
        .find(|item| !before(item) && !per_unit(item));
    let named = [Some(offer), current, around]
        .into_iter()
        .flatten()
        .chain(specifications.iter().copied())
        .find_map(|item| item.either(&["priceCurrency", "currency"]));
    let currency = currency(named, page);
    let amount = offer
        .either(&["price", "lowPrice"])
        .or_else(|| current.and_then(|item| item.either(&["price", "minPrice"])));
    let mut figures = Figures {
        availability: stock(offer).or_else(|| stock(around?)),
        stock: offer
            .items("inventoryLevel")
            .find_map(|level| level.text("value"))
            .or_else(|| offer.text("inventoryLevel"))
            .and_then(|text| text.parse().ok())
            .filter(|units: &i32| *units >= 0),
        ..Figures::default()
    };
    put(&mut figures, amount, currency, page, troubles);
    let listed = specifications.iter().copied().find(|item| before(item));
    let listed = listed.and_then(|item| item.text("price"));
    let listed = listed.and_then(|text| price::machine(text, figures.currency, &page.locale).ok());
    if let Some(was) = listed.filter(|was| Some(was.minor) > figures.price) {
        figures.list_price = Some(was.minor);
    }
    figures
}

fn aggregate(offer: &Item, page: &Page, troubles: &mut Vec<String>) -> Figures {
    let currency = currency(offer.either(&["priceCurrency", "currency"]), page);
    let mut figures = Figures {
        availability: stock(offer).or_else(|| offer.items("offers").find_map(stock)),
        ..Figures::default()
    };
    put(
        &mut figures,
        offer.either(&["lowPrice", "price"]),
        currency,
        page,
        troubles,
    );
    let high = offer.text("highPrice");
    let high = high.and_then(|text| price::machine(text, figures.currency, &page.locale).ok());
    let high = high
        .map(|high| high.minor)
        .filter(|high| Some(*high) > figures.price);
    figures.up_to = high.or(figures.up_to);
    figures
}

/// Puts an amount in, or tells why not.
fn put(
    figures: &mut Figures,
    amount: Option<&str>,
    currency: Option<Currency>,
    page: &Page,
    troubles: &mut Vec<String>,
) {
    let Some(amount) = amount else { return };
    match price::machine(amount, currency, &page.locale) {
        Ok(Price {
            minor,
            currency,
            up_to,
            was,
            ..
        }) => {
            figures.price = Some(minor);
            figures.currency = Some(currency);
            figures.up_to = up_to;
            figures.list_price = was;
        }
        Err(wrong) => troubles.push(wrong.to_string()),
    }
}

fn currency(named: Option<&str>, page: &Page) -> Option<Currency> {
    match named {
        Some(text) => price::currency(text, &page.locale),
        None => page.currency,
    }
}

fn stock(offer: &Item) -> Option<domain::availability::Availability> {
    offer.text("availability").and_then(availability::term)
}

fn sku(offer: &Item) -> Option<String> {
    let own = |item: &Item| {
        item.either(&[
            "sku",
            "mpn",
            "gtin13",
            "gtin",
            "gtin12",
            "gtin14",
            "gtin8",
            "productID",
        ])
        .map(str::to_owned)
    };
    own(offer).or_else(|| offer.items("itemOffered").find_map(own))
}

/// Offers that are named apart are variants.
fn variants(read: &[One<'_>], page: &Page) -> Vec<Variant> {
    let mut out: Vec<Variant> = Vec::new();
    for one in read {
        let Some(sku) = one.sku.clone() else {
            return Vec::new();
        };
        if out.iter().any(|known| known.sku == sku) || !one.figures.tell() {
            continue;
        }
        let offered = one.item.items("itemOffered").next();
        let title = offered
            .and_then(|item| item.text("name"))
            .or_else(|| one.item.text("name"));
        let mut variant = Variant {
            sku: sku.clone(),
            figures: one.figures.clone(),
            ..Variant::default()
        };
        variant.content.title = title.and_then(text::name);
        variant.content.url = one.item.text("url").and_then(|link| page.link(link));
        variant.content.attributes.insert("sku".into(), sku);
        out.push(variant);
    }
    if out.len() > 1 { out } else { Vec::new() }
}
