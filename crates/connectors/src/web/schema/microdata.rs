//! HTML microdata (WHATWG HTML, 5): `itemscope`, `itemtype`, `itemprop`, `itemref`.

use std::collections::HashMap;

use super::item::{Item, Value, bare};
use crate::web::html::{Document, Element};

/// Top-level items, each with everything inside.
pub(super) fn items(page: &Document) -> Vec<Item> {
    nested(page, "itemscope", "itemtype", "itemprop", value)
}

/// An item and whose property it is: (place of the other, name).
type Opened = (Item, Option<(usize, String)>);

/// Builds items from elements that open one, whose properties belong to the nearest around them.
pub(super) fn nested(
    page: &Document,
    scope: &str,
    kind: &str,
    property: &str,
    value: fn(Element<'_>) -> Option<String>,
) -> Vec<Item> {
    // In the order of the page, so that an item comes before what is inside it.
    let mut found: Vec<Opened> = Vec::new();
    let mut by_place: HashMap<usize, usize> = HashMap::new();
    let referred = references(page);
    for element in page.elements() {
        let opens = element.attr(scope).is_some();
        let names: Vec<String> = element
            .attr(property)
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(|name| bare(name).to_owned())
            .collect();
        if !opens && names.is_empty() {
            continue;
        }
        let owner = std::iter::once(element)
            .filter(|_| !opens)
            .chain(element.around())
            .find_map(|around| {
                by_place
                    .get(&around.place())
                    .or_else(|| by_place.get(referred.get(around.attr("id")?)?))
            })
            .copied();
        if opens {
            let types = element.attr(kind).unwrap_or_default();
            let item = Item {
                types: types
                    .split_ascii_whitespace()
                    .map(|name| bare(name).to_owned())
                    .collect(),
                id: element
                    .attr("itemid")
                    .or_else(|| element.attr("resource"))
                    .map(str::to_owned),
                properties: Vec::new(),
            };
            by_place.insert(element.place(), found.len());
            found.push((item, owner.zip(names.into_iter().next())));
        } else if let Some(owner) = owner
            && let Some(text) = value(element)
        {
            let item = &mut found[owner].0;
            for name in names {
                item.properties.push((name, Value::Text(text.clone())));
            }
        }
    }
    gather(found)
}

/// Puts items into those they belong to, the innermost first. An item with several names goes by its
/// first: copies of copies would grow without end.
fn gather(mut found: Vec<Opened>) -> Vec<Item> {
    let mut top = Vec::new();
    while let Some((mut item, owner)) = found.pop() {
        // Items were put behind the texts from the last to the first.
        let texts = item
            .properties
            .iter()
            .take_while(|(_, value)| matches!(value, Value::Text(_)));
        let texts = texts.count();
        item.properties[texts..].reverse();
        match owner {
            Some((owner, name)) if owner < found.len() => {
                found[owner].0.properties.push((name, Value::Item(item)));
            }
            _ => top.push(item),
        }
    }
    top.reverse();
    top
}

/// Which element's item an element with an id belongs to (`itemref`).
fn references(page: &Document) -> HashMap<&str, usize> {
    page.elements()
        .filter_map(|element| Some((element.place(), element.attr("itemref")?)))
        .flat_map(|(place, ids)| ids.split_ascii_whitespace().map(move |id| (id, place)))
        .collect()
}

/// A property's text, by the element it is on.
pub(super) fn value(element: Element<'_>) -> Option<String> {
    let attribute = match element.tag() {
        "meta" => Some("content"),
        "a" | "link" | "area" => Some("href"),
        "img" | "source" | "video" | "audio" | "embed" | "iframe" => Some("src"),
        "object" => Some("data"),
        "data" | "meter" => Some("value"),
        "time" => Some("datetime"),
        _ => None,
    };
    // Shops write `content` on other elements too, and mean it.
    let text = element
        .attr("content")
        .or_else(|| element.attr(attribute?))
        .map(str::to_owned)
        .or_else(|| (!element.is_cut()).then(|| element.text()))?;
    let text: String = text.chars().take(20_000).collect();
    (!text.trim().is_empty()).then_some(text)
}
