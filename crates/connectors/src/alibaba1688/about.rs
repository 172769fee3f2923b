//! What can be said of 1688 without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{Alibaba1688, SOURCE, Settings};
use crate::about::{Ability, About, CredentialField, Field, MonitorKind, Ownership};
use crate::listing_url::{Address, UnknownListing, bare_host};

/// 1688.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "1688",
    ownership: Ownership::Tenant,
    marketplaces: &["CN"],
    recognise,
    identify,
    page,
    default_interval_seconds: 86_400,
    credential: &[
        field("app_key", "App key", false, false),
        field("app_secret", "App secret", true, false),
        field("refresh_token", "Refresh token", true, false),
        field(
            "access_token",
            "Access token, if you have a fresh one",
            true,
            true,
        ),
    ],
    monitors: &[MonitorKind::Keyword],
    presets: &[],
    abilities: &[Ability::Search, Ability::Variants],
    fields: &[
        Field::Price,
        Field::Availability,
        Field::StockQuantity,
        Field::Title,
        Field::Category,
        Field::Images,
        Field::Videos,
        Field::Description,
        Field::Attributes,
    ],
    settings: include_str!("settings.toml"),
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Alibaba1688::new(
            &settings,
            building.executor.clone(),
        )))
    },
};

const fn field(
    name: &'static str,
    label: &'static str,
    secret: bool,
    optional: bool,
) -> CredentialField {
    CredentialField {
        name,
        label,
        secret,
        optional,
    }
}

/// `detail.1688.com/offer/{id}.html` and `m.1688.com/offer/{id}.html`.
fn recognise(url: &Url) -> Address {
    let host = bare_host(url);
    if host != "1688.com" && !host.ends_with(".1688.com") {
        return Address::Foreign;
    }
    let segments: Vec<&str> = url
        .path_segments()
        .map(Iterator::collect)
        .unwrap_or_default();
    match segments.as_slice() {
        ["offer", page] => match identify("CN", page.trim_end_matches(".html")) {
            Ok(listing) => Address::Product(listing),
            Err(_) => Address::NotAProduct,
        },
        _ => Address::NotAProduct,
    }
}

/// An offer's number, or `offer-sku` for one of its SKUs.
fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let number = |text: &str| {
        (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let fits = match external_id.split_once('-') {
        Some((offer, sku)) => number(offer) && number(sku),
        None => number(external_id),
    };
    if !fits {
        return Err(UnknownListing::BadId(external_id.to_owned()));
    }
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id: external_id.to_owned(),
    })
}

fn page(listing: &ListingRef) -> String {
    let offer = listing.external_id.split('-').next().unwrap_or_default();
    format!("https://detail.1688.com/offer/{offer}.html")
}
