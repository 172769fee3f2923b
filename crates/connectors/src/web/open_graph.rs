//! Open Graph (<https://ogp.me>) with the product fields that Facebook's and Pinterest's readers use.

use super::finding::Finding;
use super::html::Document;
use super::page::Page;
use super::{availability, price, text};

/// What a page's `og:`, `product:` and `twitter:` tags say.
pub(super) fn read(document: &Document, page: &Page) -> Finding {
    let tags: Vec<(String, &str)> = document
        .elements()
        .filter(|element| element.tag() == "meta")
        .filter_map(|element| {
            let name = element.attr("property").or_else(|| element.attr("name"))?;
            let content = element
                .attr("content")
                .filter(|content| !content.is_empty())?;
            Some((name.to_ascii_lowercase(), content))
        })
        .collect();
    let tag = |names: &[&str]| {
        names.iter().find_map(|name| {
            let found = tags.iter().find(|(known, _)| known == name);
            found.map(|(_, content)| *content)
        })
    };
    let mut out = Finding::default();
    let currency = tag(&[
        "product:sale_price:currency",
        "product:price:currency",
        "og:price:currency",
        "product:original_price:currency",
    ]);
    let currency = currency.map_or(page.currency, |code| price::currency(code, &page.locale));
    let sale = tag(&["product:sale_price:amount", "product:sale_price"]);
    let regular = tag(&[
        "product:price:amount",
        "og:price:amount",
        "product:price",
        "og:price",
    ]);
    if let Some(amount) = sale.or(regular) {
        match price::machine(amount, currency, &page.locale) {
            Ok(found) => {
                out.figures.price = Some(found.minor);
                out.figures.currency = Some(found.currency);
                out.figures.up_to = found.up_to;
                out.figures.list_price = found.was;
            }
            Err(wrong) => out.troubles.push(wrong.to_string()),
        }
    }
    let listed = tag(&["product:original_price:amount", "og:price:standard_amount"]);
    let listed = listed.or(regular.filter(|_| sale.is_some()));
    let listed =
        listed.and_then(|text| price::machine(text, out.figures.currency, &page.locale).ok());
    if let Some(listed) = listed.filter(|listed| Some(listed.minor) > out.figures.price) {
        out.figures.list_price = Some(listed.minor);
    }
    out.figures.availability =
        tag(&["product:availability", "og:availability"]).and_then(availability::term);
    let content = &mut out.content;
    content.title = tag(&["og:title", "twitter:title"]).and_then(text::name);
    content.description =
        tag(&["og:description", "twitter:description", "description"]).and_then(text::plain);
    content.brand = tag(&["product:brand", "og:brand"]).and_then(text::name);
    content.category = tag(&["product:category"]).and_then(text::name);
    for (key, names) in [
        ("sku", &["product:retailer_item_id", "product:sku"][..]),
        (
            "barcode",
            &["product:ean", "product:gtin", "product:upc", "product:isbn"],
        ),
        ("condition", &["product:condition"]),
        ("material", &["product:material"]),
        ("color", &["product:color"]),
        ("size", &["product:size"]),
    ] {
        if let Some(value) = tag(names).and_then(|value| text::line(value, 200)) {
            content.attributes.insert(key.into(), value);
        }
    }
    for (name, link) in &tags {
        if matches!(
            name.as_str(),
            "og:image" | "og:image:secure_url" | "og:image:url"
        ) && let Some(link) = page.link(link)
            && content.images.len() < 20
            && !content.images.contains(&link)
        {
            content.images.push(link);
        }
    }
    out
}
