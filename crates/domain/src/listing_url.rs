//! Which listing a web address or a bare id means.

use url::Url;

use crate::listing::ListingRef;
use crate::source::Source;

/// Why a text names no listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownListing {
    /// Not an http(s) address.
    #[error("this is not a web address; paste the product page's full https:// address")]
    NotAUrl,
    /// No source of ours lists products there.
    #[error("we do not watch {0} yet; paste a product page of Amazon or PopMart")]
    UnsupportedHost(String),
    /// The right shop, but not a product's page.
    #[error("this is not a product page of {0}; open the product and copy its address")]
    NotAProduct(&'static str),
    /// The id has not the source's form.
    #[error("`{0}` is not a product id of this source")]
    BadId(String),
    /// The source has no shop in that country.
    #[error("`{0}` is not a marketplace of this source")]
    BadMarketplace(String),
}

/// Amazon's shops: host suffix after `amazon.` and country.
const AMAZON: [(&str, &str); 21] = [
    ("com", "US"),
    ("co.uk", "GB"),
    ("de", "DE"),
    ("fr", "FR"),
    ("it", "IT"),
    ("es", "ES"),
    ("nl", "NL"),
    ("se", "SE"),
    ("pl", "PL"),
    ("com.be", "BE"),
    ("ie", "IE"),
    ("com.tr", "TR"),
    ("ae", "AE"),
    ("sa", "SA"),
    ("eg", "EG"),
    ("in", "IN"),
    ("co.jp", "JP"),
    ("sg", "SG"),
    ("com.au", "AU"),
    ("ca", "CA"),
    ("com.mx", "MX"),
];

/// Reads a product page's address.
pub fn parse(text: &str) -> Result<ListingRef, UnknownListing> {
    let url = Url::parse(text.trim()).map_err(|_| UnknownListing::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UnknownListing::NotAUrl);
    }
    let host = url
        .host_str()
        .ok_or(UnknownListing::NotAUrl)?
        .to_ascii_lowercase();
    let host = host
        .strip_prefix("www.")
        .or(host.strip_prefix("m."))
        .unwrap_or(&host);
    if let Some(suffix) = host.strip_prefix("amazon.") {
        let marketplace = AMAZON
            .iter()
            .chain(&[("com.br", "BR")])
            .find(|(ending, _)| *ending == suffix)
            .map(|(_, country)| *country)
            .ok_or_else(|| UnknownListing::UnsupportedHost(host.to_owned()))?;
        return amazon_product(&url, marketplace);
    }
    if host == "popmart.com" {
        return popmart_product(&url);
    }
    Err(UnknownListing::UnsupportedHost(host.to_owned()))
}

/// Checks a source's bare id and marketplace and brings both into their one form.
pub fn from_id(
    source: Source,
    marketplace: &str,
    external_id: &str,
) -> Result<ListingRef, UnknownListing> {
    let marketplace = marketplace.trim().to_ascii_uppercase();
    let external_id = external_id.trim();
    let bad_id = || UnknownListing::BadId(external_id.to_owned());
    let (known_marketplace, external_id) = match source {
        Source::Amazon => (
            marketplace == "BR" || AMAZON.iter().any(|(_, country)| *country == marketplace),
            asin(external_id).ok_or_else(bad_id)?,
        ),
        Source::Popmart => (
            is_country(&marketplace),
            popmart_id(external_id).ok_or_else(bad_id)?,
        ),
    };
    if !known_marketplace {
        return Err(UnknownListing::BadMarketplace(marketplace));
    }
    Ok(ListingRef {
        source,
        marketplace,
        external_id,
    })
}

/// The page a person would open for a listing.
#[must_use]
pub fn page(listing: &ListingRef) -> String {
    match listing.source {
        Source::Amazon => {
            let suffix = AMAZON
                .iter()
                .find(|(_, country)| *country == listing.marketplace)
                .map_or("com.br", |(suffix, _)| *suffix);
            format!("https://www.amazon.{suffix}/dp/{}", listing.external_id)
        }
        Source::Popmart => format!(
            "https://www.popmart.com/{}/products/{}",
            listing.marketplace.to_ascii_lowercase(),
            listing.external_id
        ),
    }
}

fn amazon_product(url: &Url, marketplace: &str) -> Result<ListingRef, UnknownListing> {
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
    let candidate = after(&["dp"])
        .or_else(|| after(&["gp", "product"]))
        .or_else(|| after(&["gp", "aw", "d"]))
        .ok_or(UnknownListing::NotAProduct("Amazon"))?;
    let external_id = asin(candidate).ok_or(UnknownListing::NotAProduct("Amazon"))?;
    Ok(ListingRef {
        source: Source::Amazon,
        marketplace: marketplace.to_owned(),
        external_id,
    })
}

/// `/{country}/products/{id}/{slug}`, the draw pages `/{country}/pop-now/set/{id}` included.
fn popmart_product(url: &Url) -> Result<ListingRef, UnknownListing> {
    const NOT_A_PRODUCT: UnknownListing = UnknownListing::NotAProduct("PopMart");
    let mut segments = url.path_segments().ok_or(NOT_A_PRODUCT)?;
    let marketplace = segments.next().unwrap_or_default().to_ascii_uppercase();
    if !is_country(&marketplace) {
        return Err(NOT_A_PRODUCT);
    }
    let rest: Vec<&str> = segments.collect();
    let candidate = match rest.as_slice() {
        ["products", id, ..] | ["pop-now", "set", id, ..] => *id,
        _ => return Err(NOT_A_PRODUCT),
    };
    let external_id = popmart_id(candidate).ok_or(NOT_A_PRODUCT)?;
    Ok(ListingRef {
        source: Source::Popmart,
        marketplace,
        external_id,
    })
}

fn asin(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    (upper.len() == 10 && upper.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(upper)
}

/// Numbers (2024-25 API) or UUIDs (2026 API).
fn popmart_id(text: &str) -> Option<String> {
    let number =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    (number || uuid).then(|| text.to_ascii_lowercase())
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> (Source, String, String) {
        let listing = parse(text).expect("a listing");
        (listing.source, listing.marketplace, listing.external_id)
    }

    #[test]
    fn product_pages_name_their_listing() {
        let amazon = |marketplace: &str, asin: &str| {
            (Source::Amazon, marketplace.to_owned(), asin.to_owned())
        };
        assert_eq!(
            parsed("https://www.amazon.com.au/Loop-Quiet/dp/B0D3V6Y38G/ref=sr_1_1?th=1"),
            amazon("AU", "B0D3V6Y38G")
        );
        assert_eq!(
            parsed("https://amazon.co.uk/gp/product/b0d3v6y38g"),
            amazon("GB", "B0D3V6Y38G")
        );
        assert_eq!(
            parsed("https://www.amazon.com.br/dp/B0D3V6Y38G"),
            amazon("BR", "B0D3V6Y38G")
        );
        assert_eq!(
            parsed("https://www.popmart.com/us/products/2155/the-monsters"),
            (Source::Popmart, "US".to_owned(), "2155".to_owned())
        );
    }

    #[test]
    fn other_pages_are_refused_with_what_to_do() {
        for (text, refusal) in [
            ("B0D3V6Y38G", UnknownListing::NotAUrl),
            ("ftp://amazon.com/dp/B0D3V6Y38G", UnknownListing::NotAUrl),
            (
                "https://amazon.com.evil.example/dp/B0D3V6Y38G",
                UnknownListing::UnsupportedHost("amazon.com.evil.example".into()),
            ),
            (
                "https://www.amazon.com/gp/help",
                UnknownListing::NotAProduct("Amazon"),
            ),
            (
                "https://www.popmart.com/us/collection/11",
                UnknownListing::NotAProduct("PopMart"),
            ),
        ] {
            assert_eq!(parse(text), Err(refusal), "{text}");
        }
    }

    #[test]
    fn ids_are_brought_into_one_form() {
        let listing = from_id(Source::Amazon, "us", " b0d3v6y38g ").expect("a listing");
        assert_eq!(listing.external_id, "B0D3V6Y38G");
        assert_eq!(parse(&page(&listing)), Ok(listing));
        assert!(from_id(Source::Amazon, "XX", "B0D3V6Y38G").is_err());
        assert!(from_id(Source::Popmart, "US", "../etc").is_err());
        assert!(from_id(Source::Popmart, "US", &"-".repeat(36)).is_err());
        let uuid = "0199C3A0-0000-7000-8000-00000000000f";
        let listing = from_id(Source::Popmart, "US", uuid).expect("a listing");
        assert_eq!(listing.external_id, uuid.to_lowercase());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = parse(&text);
        }
    }
}
