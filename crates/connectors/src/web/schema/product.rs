//! Products: <https://schema.org/Product>, <https://schema.org/ProductGroup>.

use domain::listing::Content;

use super::item::{Item, Value};
use super::offer;
use crate::json;
use crate::web::finding::{Figures, Finding, Variant};
use crate::web::page::Page;
use crate::web::{rating, text};

const PRODUCTS: &[&str] = &[
    "Product",
    "ProductGroup",
    "ProductModel",
    "IndividualProduct",
    "SomeProducts",
    "Vehicle",
    "Car",
];

/// Most pictures that are kept.
const MOST_IMAGES: usize = 20;
/// Most variants that become listings.
const MOST_VARIANTS: usize = 300;

/// What items say of the product that the page is about; `None` when they hold no product.
pub(in crate::web) fn read(items: &[Item], page: &Page) -> Option<Finding> {
    let mut all = Vec::new();
    for item in items {
        collect(item, &mut all);
    }
    match about(&all, page) {
        Main::None => None,
        Main::One(product) => Some(finding(product, page)),
        Main::Variants(products) => Some(siblings(&products, page)),
        Main::Many(count) => Some(Finding {
            troubles: vec![format!("the page lists {count} products")],
            ..Finding::default()
        }),
    }
}

/// Products at the top, or what the page says it is mainly about.
fn collect<'a>(item: &'a Item, out: &mut Vec<&'a Item>) {
    if item.is(PRODUCTS) {
        out.push(item);
        return;
    }
    for property in ["mainEntity", "mainEntityOfPage", "itemOffered", "about"] {
        out.extend(item.items(property).filter(|inner| inner.is(PRODUCTS)));
    }
}

enum Main<'a> {
    None,
    One(&'a Item),
    Variants(Vec<&'a Item>),
    Many(usize),
}

/// Which of a page's products it is about.
fn about<'a>(all: &[&'a Item], page: &Page) -> Main<'a> {
    let offered: Vec<&Item> = all
        .iter()
        .copied()
        .filter(|item| {
            item.all("offers").next().is_some() || item.all("hasVariant").next().is_some()
        })
        .collect();
    let all = if offered.is_empty() { all } else { &offered };
    match all {
        [] => return Main::None,
        [one] => return Main::One(one),
        _ => {}
    }
    if let Some(group) = all
        .iter()
        .find(|item| item.all("hasVariant").next().is_some())
    {
        return Main::One(group);
    }
    let group = |item: &Item| {
        let named = item.text("inProductGroupWithID").map(str::to_owned);
        named.or_else(|| {
            item.items("isVariantOf").find_map(|group| {
                group
                    .either(&["productGroupID", "name"])
                    .map(str::to_owned)
                    .or_else(|| group.id.clone())
            })
        })
    };
    let first = group(all[0]);
    if first.is_some() && all.iter().all(|item| group(item) == first) {
        return Main::Variants(all.to_vec());
    }
    let only = |fits: &dyn Fn(&Item) -> bool| {
        let mut fitting = all.iter().copied().filter(|item| fits(item));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    };
    let here = |item: &Item| {
        let named = [
            item.text("url"),
            item.id.as_deref(),
            item.text("mainEntityOfPage"),
        ];
        named
            .into_iter()
            .flatten()
            .any(|address| page.is_at(address))
    };
    let headed = |item: &Item| {
        let name = item.text("name").and_then(text::name);
        name.is_some() && name == page.heading
    };
    if let Some(one) = only(&here).or_else(|| only(&headed)) {
        return Main::One(one);
    }
    // Some templates write the same product twice.
    let name = |item: &Item| item.text("name").map(str::to_owned);
    if name(all[0]).is_some() && all.iter().all(|item| name(item) == name(all[0])) {
        return Main::One(all[0]);
    }
    Main::Many(all.len())
}

fn finding(product: &Item, page: &Page) -> Finding {
    let offers = offer::read(product, page);
    let mut out = Finding {
        figures: offers.figures,
        content: content(product, page),
        variants: offers.variants,
        troubles: offers.troubles,
    };
    let mut attribute = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.content.attributes.entry(name.into()).or_insert(value);
        }
    };
    attribute("seller", offers.seller);
    attribute("condition", offers.condition);
    let named: Vec<&Item> = product.items("hasVariant").take(MOST_VARIANTS).collect();
    if !named.is_empty() {
        let (variants, troubles) = variants(&named, page);
        out.troubles.extend(troubles);
        if !out.figures.tell() {
            let figures: Vec<Figures> = variants.iter().map(|one| one.figures.clone()).collect();
            out.figures =
                selected(&named, &variants, page).unwrap_or_else(|| offer::summary(&figures));
        }
        out.variants = variants;
    }
    rate(product, &mut out.figures);
    let told = product.items("hasVariant").count().max(out.variants.len());
    out.variants.truncate(MOST_VARIANTS);
    if told > MOST_VARIANTS {
        let left_out = (told - MOST_VARIANTS).to_string();
        out.content
            .attributes
            .insert("variants_left_out".into(), left_out);
    }
    out
}

/// Products that say they are variants of one.
fn siblings(products: &[&Item], page: &Page) -> Finding {
    let (variants, troubles) = variants(products, page);
    let figures: Vec<Figures> = variants.iter().map(|one| one.figures.clone()).collect();
    let mut out = Finding {
        figures: selected(products, &variants, page).unwrap_or_else(|| offer::summary(&figures)),
        content: content(products[0], page),
        variants,
        troubles,
    };
    let group = products[0].items("isVariantOf").next();
    let name = group
        .and_then(|group| group.text("name"))
        .and_then(text::name);
    out.content.title = name.or(out.content.title);
    rate(products[0], &mut out.figures);
    out
}

/// The figures of the variant that the page's very address selects.
fn selected(items: &[&Item], variants: &[Variant], page: &Page) -> Option<Figures> {
    let query = page.url.query()?;
    let chosen = items.iter().find(|item| {
        let own = item
            .text("url")
            .or_else(|| item.items("offers").find_map(|offer| offer.text("url")));
        let link = own.and_then(|link| page.url.join(link).ok());
        link.is_some_and(|link| link.query() == Some(query))
    })?;
    let sku = sku(chosen)?;
    let variant = variants.iter().find(|variant| variant.sku == sku)?;
    Some(variant.figures.clone())
}

fn variants(items: &[&Item], page: &Page) -> (Vec<Variant>, Vec<String>) {
    let mut out: Vec<Variant> = Vec::new();
    let mut troubles = Vec::new();
    for item in items {
        let offers = offer::read(item, page);
        troubles.extend(offers.troubles);
        let Some(sku) = sku(item).filter(|_| offers.figures.tell()) else {
            continue;
        };
        if out.iter().all(|known| known.sku != sku) {
            out.push(Variant {
                sku,
                figures: offers.figures,
                content: content(item, page),
            });
        }
    }
    (out, troubles)
}

fn sku(item: &Item) -> Option<String> {
    let own = ["sku", "productID", "gtin13", "gtin", "mpn"];
    let offers = || item.items("offers").find_map(|offer| offer.text("sku"));
    item.either(&own).or_else(offers).map(str::to_owned)
}

fn rate(product: &Item, figures: &mut Figures) {
    if let Some(told) = product.items("aggregateRating").next() {
        let count = told
            .either(&["reviewCount", "ratingCount"])
            .and_then(json::counted);
        let stars = told.text("ratingValue");
        figures.reviews = count;
        figures.rating = stars
            .and_then(|stars| {
                rating::hundredths(stars, told.text("bestRating"), told.text("worstRating"))
            })
            // Nobody's rating is none.
            .filter(|_| count != Some(0));
    }
}

fn content(product: &Item, page: &Page) -> Content {
    let name = |property: &str| product.text(property).and_then(text::name);
    let images = ["image", "images", "photo"]
        .into_iter()
        .flat_map(|property| product.all(property))
        .filter_map(|value| match value {
            Value::Text(link) => Some(link.as_str()),
            Value::Item(image) => image.either(&["contentUrl", "url", "thumbnailUrl"]),
        })
        .filter_map(|link| page.link(link));
    let mut out = Content {
        title: name("name"),
        brand: product
            .either(&["brand", "manufacturer"])
            .and_then(text::name),
        category: name("category"),
        description: product.text("description").and_then(text::plain),
        ..Content::default()
    };
    for image in images {
        if out.images.len() < MOST_IMAGES && !out.images.contains(&image) {
            out.images.push(image);
        }
    }
    for (key, properties) in [
        ("sku", &["sku", "productID"][..]),
        (
            "barcode",
            &["gtin13", "gtin", "gtin14", "gtin12", "gtin8", "ean", "isbn"],
        ),
        ("model", &["model", "mpn"]),
        ("manufacturer", &["manufacturer"]),
        ("material", &["material"]),
        ("weight", &["weight"]),
        ("release_date", &["releaseDate"]),
        ("variant_of", &["inProductGroupWithID"]),
        ("color", &["color"]),
        ("size", &["size"]),
    ] {
        if let Some(value) = product
            .either(properties)
            .and_then(|value| text::line(value, 200))
        {
            out.attributes.insert(key.into(), value);
        }
    }
    for named in product.items("additionalProperty").take(40) {
        let (key, value) = (named.text("name"), named.text("value"));
        if let (Some(key), Some(value)) = (key.and_then(|key| text::line(key, 60)), value) {
            let value = text::line(value, 200).unwrap_or_default();
            out.attributes.entry(key).or_insert(value);
        }
    }
    out
}
