//! The standing catalogue. All brands, series, ASINs and ids are invented.

pub(crate) mod alibaba1688;
pub(crate) mod amazon;
mod amazon_abroad;
mod amazon_us;
pub(crate) mod haier;
pub(crate) mod popmart;
pub(crate) mod web;

use super::listing::Listing;

/// Every listing of the catalogue, Amazon first.
pub(crate) fn listings() -> Vec<Listing> {
    let amazon = amazon_us::ROWS
        .iter()
        .chain(amazon_abroad::ROWS)
        .map(amazon::listing);
    amazon
        .chain(popmart::listings())
        .chain(haier::listings())
        .chain(alibaba1688::listings())
        .chain(web::listings())
        .collect()
}
