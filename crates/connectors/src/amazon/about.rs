//! What can be said of Amazon without asking it.

use std::sync::Arc;

use domain::listing::ListingRef;
use url::Url;

use super::shop::Shop;
use super::{Amazon, SOURCE, Settings};
use crate::about::{Ability, About, Cadence, Field, MonitorKind, Ownership, Preset};
use crate::listing_url::{Address, UnknownListing, bare_host};

/// Amazon.
pub const ABOUT: About = About {
    source: SOURCE,
    name: "Amazon",
    ownership: Ownership::Public,
    marketplaces: &[
        "US", "GB", "DE", "FR", "IT", "ES", "NL", "SE", "PL", "BE", "IE", "TR", "AE", "SA", "EG",
        "IN", "JP", "SG", "AU", "CA", "MX", "BR",
    ],
    recognise,
    identify,
    page,
    usual: Cadence::Daily { hour: 2 },
    // A run starts a machine before it looks.
    live_patience: 3,
    credential: &[],
    monitors: &[MonitorKind::Keyword, MonitorKind::Category],
    presets: &[Preset {
        name: "Bluetooth headphones",
        kind: MonitorKind::Keyword,
        term: "bluetooth headphones",
        marketplace: "US",
    }],
    abilities: &[
        Ability::Batches,
        Ability::Search,
        Ability::Variants,
        Ability::Paid,
    ],
    fields: &[
        Field::Price,
        Field::ListPrice,
        Field::BuyBox,
        Field::Availability,
        Field::StockQuantity,
        Field::Ranks,
        Field::Rating,
        Field::ReviewCount,
        Field::Title,
        Field::Brand,
        Field::Category,
        Field::Images,
        Field::Videos,
        Field::Description,
        Field::Features,
        Field::Attributes,
        Field::PreOrder,
    ],
    build: |building| {
        let settings = Settings::read(building.settings)?;
        Ok(Arc::new(Amazon::new(&settings, building.executor.clone())?))
    },
};

fn recognise(url: &Url) -> Address {
    let host = bare_host(url);
    let Some(suffix) = host.strip_prefix("amazon.") else {
        return Address::Foreign;
    };
    let Some(shop) = Shop::at(suffix) else {
        return Address::Foreign;
    };
    let segments: Vec<&str> = url
        .path_segments()
        .map(Iterator::collect)
        .unwrap_or_default();
    let after = |marker: &[&str]| {
        segments
            .windows(marker.len() + 1)
            .find(|window| window.starts_with(marker))
            .and_then(|window| window.last().copied())
    };
    let external_id = after(&["dp"])
        .or_else(|| after(&["gp", "product"]))
        .or_else(|| after(&["gp", "aw", "d"]))
        .and_then(asin);
    match external_id {
        Some(external_id) => Address::Product(listing(shop.marketplace, external_id)),
        None => Address::NotAProduct,
    }
}

fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    asin(external_id)
        .map(|external_id| listing(marketplace, external_id))
        .ok_or_else(|| UnknownListing::BadId(external_id.to_owned()))
}

fn page(listing: &ListingRef) -> String {
    let path = format!("/dp/{}", listing.external_id);
    match Shop::of(&listing.marketplace) {
        Some(shop) => shop.url(&path),
        None => format!("https://www.amazon.com{path}"),
    }
}

fn listing(marketplace: &str, external_id: String) -> ListingRef {
    ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id,
    }
}

fn asin(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    (upper.len() == 10 && upper.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(upper)
}

#[cfg(test)]
mod tests {
    use crate::listing_url::{UnknownListing, from_id, page, parse};

    use super::SOURCE;

    #[test]
    fn product_pages_name_their_listing() {
        for (url, marketplace, asin) in [
            (
                "https://www.amazon.com.au/Loop-Quiet/dp/B0D3V6Y38G/ref=sr_1_1?th=1",
                "AU",
                "B0D3V6Y38G",
            ),
            (
                "https://amazon.co.uk/gp/product/b0d3v6y38g",
                "GB",
                "B0D3V6Y38G",
            ),
            (
                "https://www.amazon.com.br/dp/B0D3V6Y38G",
                "BR",
                "B0D3V6Y38G",
            ),
            (
                "https://www.amazon.de/gp/aw/d/B0D3V6Y38G",
                "DE",
                "B0D3V6Y38G",
            ),
        ] {
            let listing = parse(url).expect("a listing");
            assert_eq!(listing.source, SOURCE);
            assert_eq!(
                (listing.marketplace.as_str(), listing.external_id.as_str()),
                (marketplace, asin)
            );
        }
    }

    #[test]
    fn other_pages_of_the_shop_are_refused_with_what_to_do() {
        assert_eq!(
            parse("https://www.amazon.com/gp/help"),
            Err(UnknownListing::NotAProduct("Amazon"))
        );
    }

    #[test]
    fn ids_are_brought_into_one_form() {
        let listing = from_id(SOURCE, "us", " b0d3v6y38g ").expect("a listing");
        assert_eq!(listing.external_id, "B0D3V6Y38G");
        assert_eq!(parse(&page(&listing)), Ok(listing));
        assert!(from_id(SOURCE, "XX", "B0D3V6Y38G").is_err());
        assert!(from_id(SOURCE, "US", "../etc").is_err());
    }
}
