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
    live_patience: 1,
    credential: &[
        CredentialField::open("client_id", "Client id"),
        CredentialField::secret("client_secret", "Client secret"),
        CredentialField::open("customer_code", "Customer code (sold-to party)"),
        CredentialField::open("send_to_code", "Ship-to code").or_none(),
        CredentialField::secret("password", "Password"),
        CredentialField::secret("seller_password", "Seller password, where it differs").or_none(),
        CredentialField::secret("customer_password", "Account password, where it differs")
            .or_none(),
        CredentialField::open("county_code", "County for stock (six digits, GB/T 2260)").or_none(),
    ],
    monitors: &[
        MonitorKind::Keyword,
        MonitorKind::Category,
        MonitorKind::Brand,
    ],
    presets: &[],
    abilities: &[
        Ability::Batches,
        Ability::Search,
        Ability::LiveReads,
        Ability::Sync,
        Ability::Catalogue,
    ],
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
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Haier::new(&settings, building.executor.clone())))
    },
};

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
