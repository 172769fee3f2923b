//! What can be said of PopMart without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{Popmart, SOURCE, Settings};
use crate::about::{Ability, About, Field, MonitorKind, Ownership};
use crate::listing_url::{Address, UnknownListing, bare_host, is_country};

/// PopMart.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "PopMart",
    ownership: Ownership::Public,
    marketplaces: &[],
    recognise,
    identify,
    page,
    default_interval_seconds: 300,
    credential: &[],
    monitors: &[
        MonitorKind::Keyword,
        MonitorKind::Brand,
        MonitorKind::Series,
        MonitorKind::NewArrivals,
        MonitorKind::LimitedEditions,
    ],
    presets: &[],
    abilities: &[Ability::Search, Ability::Variants],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::StockQuantity,
        Field::Title,
        Field::Brand,
        Field::Series,
        Field::Category,
        Field::Images,
        Field::New,
        Field::Limited,
        Field::PreOrder,
        Field::BlindBox,
    ],
    settings: include_str!("settings.toml"),
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Popmart::new(&settings, building.executor.clone())))
    },
};

/// `/{country}/products/{id}/{slug}`, the draw pages `/{country}/pop-now/set/{id}` included.
fn recognise(url: &Url) -> Address {
    if bare_host(url) != "popmart.com" {
        return Address::Foreign;
    }
    let segments: Vec<&str> = url
        .path_segments()
        .map(Iterator::collect)
        .unwrap_or_default();
    let (country, candidate) = match segments.as_slice() {
        [country, "products", id, ..] | [country, "pop-now", "set", id, ..] => (*country, *id),
        _ => return Address::NotAProduct,
    };
    let marketplace = country.to_ascii_uppercase();
    match product_id(candidate).filter(|_| is_country(&marketplace)) {
        Some(external_id) => Address::Product(ListingRef {
            source: SOURCE,
            marketplace,
            external_id,
        }),
        None => Address::NotAProduct,
    }
}

fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let external_id =
        product_id(external_id).ok_or_else(|| UnknownListing::BadId(external_id.to_owned()))?;
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id,
    })
}

fn page(listing: &ListingRef) -> String {
    format!(
        "https://www.popmart.com/{}/products/{}",
        listing.marketplace.to_ascii_lowercase(),
        listing.external_id
    )
}

/// Numbers (2024-25 API) or UUIDs (2026 API).
fn product_id(text: &str) -> Option<String> {
    let number =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    (number || uuid).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use crate::listing_url::{UnknownListing, from_id, parse};

    use super::SOURCE;

    #[test]
    fn product_pages_name_their_listing() {
        let listing = parse("https://www.popmart.com/us/products/2155/the-monsters").expect("one");
        assert_eq!(
            (listing.source, listing.external_id.as_str()),
            (SOURCE, "2155")
        );
        assert_eq!(listing.marketplace, "US");
        assert_eq!(
            parse("https://www.popmart.com/us/collection/11"),
            Err(UnknownListing::NotAProduct("PopMart"))
        );
    }

    #[test]
    fn ids_are_numbers_or_uuids() {
        assert!(from_id(SOURCE, "US", &"-".repeat(36)).is_err());
        assert!(from_id(SOURCE, "US", "../etc").is_err());
        let uuid = "0199C3A0-0000-7000-8000-00000000000f";
        let listing = from_id(SOURCE, "US", uuid).expect("a listing");
        assert_eq!(listing.external_id, uuid.to_lowercase());
    }
}
