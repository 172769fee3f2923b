//! What can be said of 1688 without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::{Alibaba1688, SOURCE, Settings};
use crate::about::{Ability, About, Cadence, CredentialField, Field, MonitorKind, Ownership};
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
    usual: Cadence::Daily { hour: 2 },
    live_patience: 1,
    credential: &[
        CredentialField::open("app_key", "App key"),
        CredentialField::secret("app_secret", "App secret"),
        CredentialField::secret("refresh_token", "Refresh token"),
        CredentialField::secret("access_token", "Access token, if you have a fresh one").or_none(),
    ],
    // A supplier's shop is a keyword of the form `shop:<sellerOpenId>`; categories are numbers.
    monitors: &[MonitorKind::Keyword, MonitorKind::Category],
    presets: &[],
    abilities: &[Ability::Search, Ability::Variants, Ability::Sync],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::Availability,
        Field::StockQuantity,
        Field::Rating,
        Field::Title,
        Field::Brand,
        Field::Category,
        Field::Images,
        Field::Videos,
        Field::Description,
        Field::Features,
        Field::Attributes,
    ],
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Alibaba1688::new(
            &settings,
            building.executor.clone(),
        )))
    },
};

/// `detail.1688.com/offer/{id}.html`, `m.1688.com/offer/{id}.html` and
/// `detail.m.1688.com/page/index.html?offerId={id}`.
fn recognise(url: &Url) -> Address {
    let host = bare_host(url);
    if host != "1688.com" && !host.ends_with(".1688.com") {
        return Address::Foreign;
    }
    let segments: Vec<&str> = url
        .path_segments()
        .map(Iterator::collect)
        .unwrap_or_default();
    let offer = match segments.as_slice() {
        ["offer", page] => page.strip_suffix(".html").unwrap_or(page).to_owned(),
        _ => match url.query_pairs().find(|(name, _)| name == "offerId") {
            Some((_, offer)) => offer.into_owned(),
            None => return Address::NotAProduct,
        },
    };
    match identify("CN", &offer) {
        Ok(listing) => Address::Product(listing),
        Err(_) => Address::NotAProduct,
    }
}

/// An offer's number, or `offer-sku` for one of its SKUs.
fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let number = |text: &str| super::fields::id(text).is_some();
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

#[cfg(test)]
mod tests {
    use crate::listing_url::{UnknownListing, from_id, parse};

    use super::SOURCE;

    #[test]
    fn product_pages_name_their_offer() {
        for page in [
            "https://detail.1688.com/offer/822737307436.html?spm=a2.b",
            "https://m.1688.com/offer/822737307436.html",
            "https://detail.m.1688.com/page/index.html?offerId=822737307436",
        ] {
            let listing = parse(page).expect("an offer");
            assert_eq!(
                (listing.source, listing.external_id.as_str()),
                (SOURCE, "822737307436")
            );
        }
        assert_eq!(
            parse("https://s.1688.com/selloffer/offer_search.htm"),
            Err(UnknownListing::NotAProduct("1688"))
        );
    }

    #[test]
    fn ids_are_numbers_of_64_bits_in_one_form() {
        assert!(from_id(SOURCE, "CN", "9223372036854775807").is_ok());
        assert!(from_id(SOURCE, "CN", "822737307436-5705677587369").is_ok());
        for bad in ["9223372036854775808", "007", "+1", "1-", "1-2-3", "0", ""] {
            assert!(from_id(SOURCE, "CN", bad).is_err(), "{bad}");
        }
    }
}
