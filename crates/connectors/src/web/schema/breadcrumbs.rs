//! The way to a page: <https://schema.org/BreadcrumbList>.

use super::item::Item;
use crate::web::text;

/// The longest way on a page, from the root, parts joined by ` > `.
pub(in crate::web) fn read(items: &[Item]) -> Option<String> {
    let direct = items.iter();
    let inside = items.iter().flat_map(|item| item.items("breadcrumb"));
    let ways = direct
        .chain(inside)
        .filter(|item| item.is(&["BreadcrumbList"]));
    let way = ways.map(parts).max_by_key(Vec::len)?;
    (!way.is_empty()).then(|| way.join(" > "))
}

fn parts(list: &Item) -> Vec<String> {
    let mut parts: Vec<(u32, String)> = list
        .items("itemListElement")
        .take(20)
        .filter_map(|element| {
            let named = element
                .text("name")
                .or_else(|| element.items("item").find_map(|item| item.text("name")));
            let place = element
                .text("position")
                .and_then(|place| place.parse().ok());
            Some((place.unwrap_or(u32::MAX), text::line(named?, 80)?))
        })
        .collect();
    parts.sort_by_key(|(place, _)| *place);
    parts.into_iter().map(|(_, name)| name).collect()
}
