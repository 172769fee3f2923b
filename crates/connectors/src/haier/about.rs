//! What can be said of Haier without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{Haier, SOURCE, Settings};
use crate::about::{Ability, About, Cadence, CredentialField, Field, MonitorKind, Ownership};
use crate::listing_url::{Address, UnknownListing};

/// Haier.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "Haier",
    ownership: Ownership::Tenant,
    marketplaces: &["CN"],
    recognise,
    identify,
    page,
    usual: Cadence::Every {
        seconds: 3_600,
        low_stock_seconds: Some(900),
    },
    credential: &[
        field("client_id", "Client id", false, false),
        field("client_secret", "Client secret", true, false),
        field(
            "customer_code",
            "Customer code (sold-to party)",
            false,
            false,
        ),
        field("send_to_code", "Ship-to code", false, true),
        field("password", "Password", true, false),
        field(
            "seller_password",
            "Seller password, where it differs",
            true,
            true,
        ),
        field(
            "customer_password",
            "Account password, where it differs",
            true,
            true,
        ),
        field(
            "county_code",
            "County for stock (six digits, GB/T 2260)",
            false,
            true,
        ),
    ],
    monitors: &[
        MonitorKind::Keyword,
        MonitorKind::Category,
        MonitorKind::Brand,
    ],
    presets: &[],
    abilities: &[Ability::Batches, Ability::Search, Ability::LiveReads],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::StockQuantity,
        Field::Title,
        Field::Brand,
        Field::Category,
        Field::Images,
        Field::Attributes,
    ],
    settings: include_str!("settings.toml"),
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Haier::new(&settings, building.executor.clone())))
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

/// The distributor's goods have no public pages.
fn recognise(_: &Url) -> Address {
    Address::Foreign
}

/// A product code: letters and digits, such as `GA0SZC00U`.
fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let code = product_code(external_id);
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id: code.ok_or_else(|| UnknownListing::BadId(external_id.to_owned()))?,
    })
}

/// A product code in its one form; `None` when it cannot be one.
pub(super) fn product_code(text: &str) -> Option<String> {
    let fits = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then(|| text.to_ascii_uppercase())
}

fn page(_: &ListingRef) -> String {
    String::new()
}
