//! Ids and addresses of the shop's products.

use domain::listing::ListingRef;
use url::Url;

use super::SOURCE;
use super::regions::Region;
use crate::listing_url::{Address, UnknownListing, bare_host};

/// A product, or one SKU of it: what an external id means.
///
/// Products have numbers in the older generations and uuids in the newest; the two do not map. SKUs
/// have numbers or uuids of their own, counted apart from products: number 3336 is one product and
/// another product's SKU. So a SKU is named after its product, `2155_3336`, which is also the only
/// way to ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    pub(crate) product: &'a str,
    pub(crate) sku: Option<&'a str>,
}

impl<'a> Named<'a> {
    pub(crate) fn of(external_id: &'a str) -> Self {
        match external_id.split_once(BETWEEN) {
            Some((product, sku)) => Self {
                product,
                sku: Some(sku),
            },
            None => Self {
                product: external_id,
                sku: None,
            },
        }
    }
}

const BETWEEN: char = '_';

/// The external id of a SKU.
pub(crate) fn sku_id(product: &str, sku: &str) -> String {
    format!("{product}{BETWEEN}{sku}")
}

/// Which generations know an id of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Signed calls and unsigned files.
    Number,
    /// The RPC.
    Uuid,
}

impl Form {
    pub(crate) fn of(id: &str) -> Option<Self> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let uuid = id.len() == 36
            && id.bytes().enumerate().all(|(place, byte)| match place {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        match id {
            _ if uuid => Some(Self::Uuid),
            id if (1..=12).contains(&id.len()) && digits(id) => Some(Self::Number),
            _ => None,
        }
    }
}

/// Product pages of all generations: `/us/products/2155/slug`, `/fr/products/{uuid}/slug`,
/// `/en-PH/products/slug/{uuid}`, and draws, `/jp/pop-now/box-set/slug/{uuid}`.
///
/// `/us/pop-now/set/195` is no product's page: that number is the draw's own (`spuExtID`) and would
/// be read as quite another product's.
pub(crate) fn recognise(url: &Url) -> Address {
    if bare_host(url) != "popmart.com" {
        return Address::Foreign;
    }
    let segments: Vec<&str> = url
        .path_segments()
        .map(|segments| segments.filter(|segment| !segment.is_empty()).collect())
        .unwrap_or_default();
    product_page(&segments).map_or(Address::NotAProduct, Address::Product)
}

fn product_page(segments: &[&str]) -> Option<ListingRef> {
    let place = segments
        .iter()
        .take(3)
        .position(|segment| matches!(*segment, "products" | "pop-now"))?;
    let (locale, rest) = segments.split_at(place);
    let id = match rest {
        ["products", id, ..] if Form::of(id).is_some() => id,
        ["products", _slug, id, ..] if Form::of(id) == Some(Form::Uuid) => id,
        ["pop-now", "set" | "box-set", id, ..] if Form::of(id) == Some(Form::Uuid) => id,
        ["pop-now", "set" | "box-set", _slug, id, ..] if Form::of(id) == Some(Form::Uuid) => id,
        _ => return None,
    };
    Some(ListingRef {
        source: SOURCE,
        marketplace: country(locale)?.to_owned(),
        external_id: id.to_ascii_lowercase(),
    })
}

/// The country of `us`, `en-PH`, `ca/fr` or `fr/ca`.
fn country(locale: &[&str]) -> Option<&'static str> {
    locale
        .iter()
        .flat_map(|segment| segment.split(['-', '_']).rev())
        .find_map(|part| {
            let code = part.to_ascii_uppercase();
            // The shop's address of the United Kingdom has had both.
            let code = if code == "UK" { "GB" } else { code.as_str() };
            Region::of(code).map(|region| region.country)
        })
}

pub(crate) fn identify(marketplace: &str, external_id: &str) -> Result<ListingRef, UnknownListing> {
    let named = Named::of(external_id);
    let product = Form::of(named.product);
    let fits = match named.sku {
        None => product.is_some(),
        // A SKU's id has the form of its product's.
        Some(sku) => product.is_some() && Form::of(sku) == product,
    };
    if !fits {
        return Err(UnknownListing::BadId(external_id.to_owned()));
    }
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id: external_id.to_ascii_lowercase(),
    })
}

pub(crate) fn page(listing: &ListingRef) -> String {
    format!(
        "https://www.popmart.com/{}/products/{}",
        listing.marketplace.to_ascii_lowercase(),
        Named::of(&listing.external_id).product
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing_url::{from_id, parse};

    const UUID: &str = "0199c3a0-0000-4000-8000-00000000000f";

    #[test]
    fn product_pages_of_all_generations_name_their_listing() {
        let cases = [
            ("/us/products/2155/the-monsters".to_owned(), "US", "2155"),
            ("/uk/products/2155".to_owned(), "GB", "2155"),
            ("/ca/fr/products/2155/les-monstres".to_owned(), "CA", "2155"),
            ("/en/jp/products/2155".to_owned(), "JP", "2155"),
            (format!("/fr/products/{UUID}/une-figurine"), "FR", UUID),
            (format!("/en-PH/products/after-dark/{UUID}"), "PH", UUID),
            (format!("/jp/products/{}", UUID.to_uppercase()), "JP", UUID),
            (format!("/jp/pop-now/box-set/a-draw/{UUID}"), "JP", UUID),
            (format!("/us/pop-now/set/{UUID}?from=home"), "US", UUID),
        ];
        for (path, marketplace, id) in cases {
            let listing = parse(&format!("https://www.popmart.com{path}")).expect(&path);
            assert_eq!(
                (listing.marketplace.as_str(), listing.external_id.as_str()),
                (marketplace, id),
                "{path}"
            );
        }
        assert!(parse("https://m.popmart.com/us/products/1").is_ok());
    }

    #[test]
    fn other_pages_of_the_shop_are_no_products() {
        for path in [
            "/us",
            "/us/collection/11",
            "/us/search/labubu",
            "/us/pop-now/set/195",
            "/us/pop-now/set/195-10002154800585",
            "/us/pop-now/list",
            "/us/products",
            "/us/products/the-monsters",
            "/products/2155",
            "/zz/products/2155",
            "/us/account/orders/products/2155",
        ] {
            let answer = parse(&format!("https://www.popmart.com{path}"));
            assert_eq!(
                answer,
                Err(UnknownListing::NotAProduct("PopMart")),
                "{path}"
            );
        }
        let url = Url::parse("https://popmart.com.evil.example/us/products/1").expect("a URL");
        assert_eq!(recognise(&url), Address::Foreign);
    }

    #[test]
    fn ids_are_numbers_or_uuids_and_skus_are_named_after_their_product() {
        for wrong in [
            &"-".repeat(36),
            "../etc",
            "",
            "2155_",
            "_1",
            "2155_x",
            "1_2_3",
        ] {
            assert!(from_id(SOURCE, "US", wrong).is_err(), "{wrong}");
        }
        assert!(from_id(SOURCE, "US", &format!("2155_{UUID}")).is_err());
        let listing = from_id(SOURCE, "US", &UUID.to_uppercase()).expect("a listing");
        assert_eq!(listing.external_id, UUID);
        let sku = from_id(SOURCE, "us", "2155_3336").expect("a SKU");
        assert_eq!(page(&sku), "https://www.popmart.com/us/products/2155");
        assert_eq!(
            Named::of(&sku.external_id),
            Named {
                product: "2155",
                sku: Some("3336")
            }
        );
        assert_eq!(
            from_id(SOURCE, "CN", "2155"),
            Err(UnknownListing::BadMarketplace("CN".to_owned()))
        );
    }
}
