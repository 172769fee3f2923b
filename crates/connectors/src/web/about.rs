//! What can be said of web shops without asking one.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{SOURCE, Settings, Web};
use crate::about::{Ability, About, Field, Ownership};
use crate::listing_url::{Address, UnknownListing};

/// Any web shop. Registered last: it takes what no other source recognises.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "Web",
    ownership: Ownership::Public,
    marketplaces: &[],
    recognise,
    identify,
    page,
    default_interval_seconds: 86_400,
    credential: &[],
    monitors: &[],
    presets: &[],
    abilities: &[Ability::Candidates, Ability::Conditional],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::Rating,
        Field::ReviewCount,
        Field::Title,
        Field::Brand,
        Field::Category,
        Field::Images,
        Field::Description,
    ],
    settings: include_str!("settings.toml"),
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Web::new(&settings, building.executor.clone())))
    },
};

/// The longest address that is an id as it stands.
const LONGEST: usize = 190;

fn recognise(url: &Url) -> Address {
    let Some(host) = url
        .host_str()
        .filter(|host| host.contains('.') || *host == "localhost")
    else {
        return Address::NotAProduct;
    };
    let mut external_id = host.to_ascii_lowercase();
    if let Some(port) = url.port() {
        external_id.push_str(&format!(":{port}"));
    }
    external_id.push_str(url.path());
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        external_id.push('?');
        external_id.push_str(query);
    }
    match identify(country(host), &external_id) {
        Ok(listing) => Address::Product(listing),
        Err(_) => Address::NotAProduct,
    }
}

/// `host/path?query`.
fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let fits = external_id.len() <= LONGEST
        && Url::parse(&format!("https://{external_id}")).is_ok()
        && !external_id.contains(char::is_whitespace);
    if !fits {
        return Err(UnknownListing::BadId(
            external_id.chars().take(60).collect(),
        ));
    }
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id: external_id.to_owned(),
    })
}

fn page(listing: &ListingRef) -> String {
    format!("https://{}", listing.external_id)
}

/// The country that a host's ending names; `ZZ`, which ISO 3166 gives to nobody, when it names none.
fn country(host: &str) -> &'static str {
    match host.rsplit('.').next() {
        Some("de") => "DE",
        _ => "ZZ",
    }
}
