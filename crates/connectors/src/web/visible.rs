//! Prices and stock as a person sees them: by the names that shops give to the elements around them.

use super::finding::Finding;
use super::html::{Document, Element};
use super::page::Page;
use super::price::{self, Price};
use super::{availability, text};

/// Parts of the names of elements that hold a price.
const PRICE: &[&str] = &[
    "price", "preis", "prix", "precio", "prezzo", "prijs", "cena", "kakaku", "kosten",
];
/// Parts of the names of elements that hold another amount.
const NOT_THE_PRICE: &[&str] = &[
    "old",
    "was",
    "list-price",
    "listprice",
    "compare",
    "strike",
    "original",
    "crossed",
    "rrp",
    "uvp",
    "msrp",
    "before",
    "prev",
    "save",
    "saving",
    "discount",
    "unit",
    "per-",
    "shipping",
    "install",
    "monthly",
    "label",
    "range-filter",
    "filter",
    "deposit",
    "points",
    "reward",
];
/// Among these, the names of elements that hold what it was before.
const BEFORE: &[&str] = &[
    "old",
    "was",
    "list-price",
    "listprice",
    "compare",
    "strike",
    "original",
    "crossed",
    "rrp",
    "uvp",
    "msrp",
    "before",
    "prev",
];
/// Parts of the names of elements that tell whether it can be had.
const STOCK: &[&str] = &[
    "stock",
    "avail",
    "inventory",
    "sold-out",
    "soldout",
    "lager",
    "add-to-cart",
    "addtocart",
    "buy-button",
    "lieferbar",
    "zaiko",
];
/// Parts of the names of places that show other products.
const ELSEWHERE: &[&str] = &[
    "related",
    "recommend",
    "upsell",
    "cross-sell",
    "crosssell",
    "carousel",
    "similar",
    "recently",
    "minicart",
    "mini-cart",
    "footer",
    "menu",
    "also-",
    "bestseller",
    "sponsored",
];
/// Larger elements are no price but a part of the page with many.
const LARGEST: usize = 40;
/// More would be a list of products.
const MOST: usize = 300;

/// What a person would see.
pub(super) fn read(document: &Document, page: &Page) -> Finding {
    let mut out = Finding::default();
    let heading = document.first("h1").map_or(0, Element::place);
    let named = |element: &Element<'_>, parts: &[&str]| {
        !element.is_cut() && element.size() <= LARGEST && has(*element, parts)
    };
    let held: Vec<Element<'_>> = document
        .elements()
        .filter(|element| named(element, PRICE) || struck_out(*element))
        .take(MOST)
        .filter(|element| !elsewhere(*element))
        .collect();
    let mut prices: Vec<(usize, Price)> = Vec::new();
    let mut before: Vec<(usize, Price)> = Vec::new();
    for element in &held {
        // The innermost is the most exact.
        let holds_another = held.iter().any(|other| {
            let inner = other.place() > element.place()
                && other.place() <= element.place() + element.size();
            inner && price::shown(&other.text(), page.currency, &page.locale).is_ok()
        });
        if holds_another {
            continue;
        }
        let struck = was(*element);
        if !struck && (has(*element, NOT_THE_PRICE) || element.tag() == "ins" && held.len() == 1) {
            continue;
        }
        match price::shown(&element.text(), page.currency, &page.locale) {
            Ok(found) if struck => before.push((element.place(), found)),
            Ok(found) => prices.push((element.place(), found)),
            Err(wrong @ (price::NoPrice::Ambiguous(_) | price::NoPrice::NoCurrency(_))) => {
                if out.troubles.len() < 3 {
                    out.troubles.push(wrong.to_string());
                }
            }
            Err(_) => {}
        }
    }
    let chosen = prices
        .iter()
        .find(|(place, _)| *place > heading)
        .or(prices.first());
    if let Some((place, found)) = chosen {
        out.figures.price = Some(found.minor);
        out.figures.currency = Some(found.currency);
        out.figures.up_to = found.up_to;
        let near = before
            .iter()
            .find(|(other, _)| other.abs_diff(*place) <= 2 * LARGEST)
            .map(|(_, was)| was.minor);
        out.figures.list_price = found.was.or(near).filter(|was| *was > found.minor);
    }
    out.figures.availability = document
        .elements()
        .filter(|element| element.place() > heading)
        .filter(|element| named(element, STOCK) || element.tag() == "button")
        .take(MOST)
        .filter(|element| !elsewhere(*element))
        .find_map(|element| availability::phrase(&element.text()));
    out.content.title = page.heading.as_deref().and_then(text::name);
    out
}

/// Whether a shop marks an old or a new price by the element alone.
fn struck_out(element: Element<'_>) -> bool {
    matches!(element.tag(), "del" | "s" | "ins") && !element.is_cut()
}

/// Whether an element's own names have one of these parts.
fn has(element: Element<'_>, parts: &[&str]) -> bool {
    [
        "class",
        "id",
        "itemprop",
        "data-testid",
        "data-test",
        "data-role",
    ]
    .iter()
    .filter_map(|name| element.attr(name))
    .any(|names| {
        let names = names.to_ascii_lowercase();
        parts.iter().any(|part| names.contains(part))
    })
}

/// Whether it or what closely holds it is struck through or called the old price.
fn was(element: Element<'_>) -> bool {
    std::iter::once(element)
        .chain(element.around().take(3))
        .any(|one| {
            matches!(one.tag(), "del" | "s" | "strike") || (has(one, PRICE) && has(one, BEFORE))
        })
}

/// Whether it is hidden or about other products.
fn elsewhere(element: Element<'_>) -> bool {
    std::iter::once(element).chain(element.around()).any(|one| {
        let style = one.attr("style").unwrap_or_default().replace(' ', "");
        matches!(one.tag(), "nav" | "footer" | "aside")
            || one.attr("hidden").is_some()
            || style.contains("display:none")
            || has(one, ELSEWHERE)
    })
}
