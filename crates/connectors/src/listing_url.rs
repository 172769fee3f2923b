//! Which listing a web address or a bare id means: asks the registered sources in their order.

use domain::listing::ListingRef;
use domain::source::Source;
use url::Url;

use crate::registry;

/// Why a text names no listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownListing {
    /// Not an http(s) address.
    #[error("this is not a web address; paste the product page's full https:// address")]
    NotAUrl,
    /// No source of ours lists products there.
    #[error("we cannot watch {0}; paste a product page's address")]
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
    /// There is no such source.
    #[error("`{0}` is not a source")]
    UnknownSource(String),
}

/// What a source makes of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Another source's.
    Foreign,
    /// One of its product pages.
    Product(ListingRef),
    /// Its shop, but no product's page.
    NotAProduct,
}

/// A person's text as a web address. What browsers' address bars show without its scheme is taken for
/// https: pages that are read are the public ones.
///
/// # Errors
/// It is none.
pub fn address(text: &str) -> Result<Url, UnknownListing> {
    let text = text.trim();
    let read = if is_bare(text) {
        egress::web_address(&format!("https://{text}"))
    } else {
        egress::web_address(text)
    };
    read.map_err(|_| UnknownListing::NotAUrl)
}

/// Whether a text begins with a host's name: words with points between, of which the last is an ending
/// such as `de`.
fn is_bare(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let port = host.split_once(':').map_or("1", |(_, port)| port);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let label = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    ending.is_some_and(|ending| {
        ending.chars().count() >= 2 && ending.starts_with(char::is_alphabetic)
    }) && name.chars().all(label)
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a product page's address.
///
/// # Errors
/// What to do instead, for the person who pasted it.
pub fn parse(text: &str) -> Result<ListingRef, UnknownListing> {
    let url = address(text)?;
    let host = url.host_str().ok_or(UnknownListing::NotAUrl)?.to_owned();
    for about in registry::ALL {
        match (about.recognise)(&url) {
            Address::Foreign => {}
            Address::Product(listing) => return Ok(listing),
            Address::NotAProduct => return Err(UnknownListing::NotAProduct(about.name)),
        }
    }
    Err(UnknownListing::UnsupportedHost(host))
}

/// Checks a source's bare id and marketplace and brings both into their one form.
///
/// # Errors
/// What is wrong with them.
pub fn from_id(
    source: Source,
    marketplace: &str,
    external_id: &str,
) -> Result<ListingRef, UnknownListing> {
    let about = registry::about(source)
        .ok_or_else(|| UnknownListing::UnknownSource(source.as_str().to_owned()))?;
    let marketplace = marketplace.trim().to_ascii_uppercase();
    let fits = match about.marketplaces {
        [] => is_country(&marketplace),
        known => known.contains(&marketplace.as_str()),
    };
    if !fits {
        return Err(UnknownListing::BadMarketplace(marketplace));
    }
    (about.identify)(&marketplace, external_id.trim())
}

/// The page a person would open for a listing.
pub fn page(listing: &ListingRef) -> String {
    registry::about(listing.source)
        .map(|about| (about.page)(listing))
        .unwrap_or_default()
}

/// A host without the part that says nothing: `www.` or `m.`.
pub(crate) fn bare_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let bare = host.strip_prefix("www.").or(host.strip_prefix("m."));
    bare.map(str::to_owned).unwrap_or(host)
}

/// Whether a text has the form of an ISO 3166 code.
pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_web_address_is_told_so() {
        for text in [
            "B0D3V6Y38G",
            "ftp://amazon.com/dp/B0D3V6Y38G",
            "",
            "javascript:alert(1)",
            r"https://amazon.com\@10.0.0.1/dp/B0D3V6Y38G",
            "12.99",
            "//amazon.com/dp/B0D3V6Y38G",
            "mailto:me@shop.example",
            "me@shop.example",
            "a kettle.de",
            "shop.example:dp/1",
            ".",
        ] {
            assert_eq!(parse(text), Err(UnknownListing::NotAUrl), "{text}");
        }
    }

    #[test]
    fn an_address_without_its_scheme_is_one_over_tls() {
        let amazon = parse("www.amazon.de/dp/B0D3V6Y38G?th=1").expect("a product");
        assert_eq!(amazon.marketplace, "DE");
        for text in ["shop.example.de/p/1", " shop.example.de/p/1#reviews "] {
            let page = parse(text).expect("a page");
            assert_eq!(page.external_id, "shop.example.de/p/1");
        }
        let url = address("bücher.example:8443/p?a=b").expect("an address");
        assert_eq!(url.as_str(), "https://xn--bcher-kva.example:8443/p?a=b");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn any_id_is_read_or_refused(source in 0..registry::ALL.len(), place in ".{0,3}", id in ".*") {
            let source = registry::ALL[source].source;
            if let Ok(listing) = from_id(source, &place, &id) {
                let again = from_id(source, &listing.marketplace, &listing.external_id);
                prop_assert_eq!(again, Ok(listing));
            }
        }
    }
}
