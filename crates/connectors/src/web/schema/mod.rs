//! schema.org data, in whichever of its three notations, as one kind of item.

mod breadcrumbs;
mod item;
mod json_ld;
mod microdata;
mod offer;
mod product;
mod rdfa;
mod repair;

pub(super) use breadcrumbs::read as breadcrumbs;
pub(super) use product::read as product;

use super::html::Document;
use item::Item;

/// Items of a page's `application/ld+json` scripts.
pub(super) fn json_ld(page: &Document) -> Vec<Item> {
    json_ld::items(page)
}

/// Items of a page's `itemscope` elements.
pub(super) fn microdata(page: &Document) -> Vec<Item> {
    microdata::items(page)
}

/// Items of a page's `typeof` elements.
pub(super) fn rdfa(page: &Document) -> Vec<Item> {
    rdfa::items(page)
}
