//! What can be said of web shops without asking one.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{SOURCE, Settings, Web, address};
use crate::about::{Ability, About, Cadence, Field, Ownership};
use crate::listing_url::Address;

/// Any web shop. Registered last: it takes what no other source recognises. Whether a page holds a
/// product is for reading to find out; a shop's front page may.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "Web",
    ownership: Ownership::Public,
    marketplaces: &[],
    recognise,
    identify: address::identify,
    page,
    usual: Cadence::Daily { hour: 2 },
    live_patience: 1,
    credential: &[],
    monitors: &[],
    presets: &[],
    abilities: &[Ability::Variants, Ability::Candidates, Ability::Conditional],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::StockQuantity,
        Field::Rating,
        Field::ReviewCount,
        Field::Title,
        Field::Brand,
        Field::Category,
        Field::Images,
        Field::Description,
        Field::Attributes,
        Field::PreOrder,
    ],
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Web::new(&settings, building.executor.clone())))
    },
};

fn recognise(url: &Url) -> Address {
    match address::listing(url) {
        Some(listing) => Address::Product(listing),
        None => Address::NotAProduct,
    }
}

/// Empty where the id holds only the beginning of the address.
fn page(listing: &ListingRef) -> String {
    address::page(&listing.external_id).map_or_else(String::new, String::from)
}
