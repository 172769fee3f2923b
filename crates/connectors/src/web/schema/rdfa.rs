//! RDFa Lite 1.1 (W3C): `vocab`, `typeof`, `property`, `resource`.

use super::item::Item;
use super::microdata::{nested, value};
use crate::web::html::Document;

/// Top-level items. Open Graph's `property` on `meta` elements stands outside any `typeof` and is
/// passed over by that.
pub(super) fn items(page: &Document) -> Vec<Item> {
    nested(page, "typeof", "typeof", "property", |element| {
        element
            .attr("resource")
            .filter(|_| element.attr("content").is_none() && element.attr("href").is_none())
            .map(str::to_owned)
            .or_else(|| value(element))
    })
}
