//! A web page's address as a listing's id, and back.
//!
//! An id is `host[:port]/path[?query]`: without what does not choose the page (scheme, `www.`,
//! fragment, tracking parameters, the order of parameters), so that one page is one listing however
//! its address was copied. Public pages are read over TLS; only a host that could not have a
//! certificate for everybody (an IP address, `localhost`, a port of its own) keeps plain HTTP, by an
//! `http:` in front. A variant that its page tells apart is `<id>#<sku>`. An address too long for an
//! id becomes `<its beginning>##<hash>`; the address itself then travels beside the id.

use domain::listing::ListingRef;
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::{SOURCE, country, query};
use crate::listing_url::UnknownListing;

/// The longest id of a page, in bytes; a variant's has room for [`LONGEST_SKU`] more.
const LONGEST: usize = 190;
/// How much of a long address stays readable.
const HEAD: usize = 140;
/// The longest name of a variant that is part of an id as it stands.
const LONGEST_SKU: usize = 48;
/// Hexadecimal digits of a hash in an id.
const HASH: usize = 32;

/// The listing of a page; `None` for what nobody could publish a page under.
pub(super) fn listing(url: &Url) -> Option<ListingRef> {
    let marketplace = country::of_host(url.host_str()?);
    Some(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id: id(url)?,
    })
}

/// The id of a page's address.
fn id(url: &Url) -> Option<String> {
    let whole = whole_id(url)?;
    Some(if whole.len() <= LONGEST {
        whole
    } else {
        shortened(&whole)
    })
}

fn whole_id(url: &Url) -> Option<String> {
    let proper = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none();
    if !proper {
        return None;
    }
    let host = match url.host()? {
        Host::Domain(name) => bare(name)?.to_owned(),
        literal => literal.to_string(),
    };
    let mut id = String::new();
    if url.scheme() == "http" && private_looking(url) {
        id.push_str("http:");
    }
    id.push_str(&host);
    if let Some(port) = url.port() {
        id.push_str(&format!(":{port}"));
    }
    id.push_str(&unified(without_session(url.path())));
    let query = query::meaningful(url.query().unwrap_or_default());
    if !query.is_empty() {
        id.push('?');
        id.push_str(&unified(&query));
    }
    Some(id)
}

/// A host's name without `www.`; `None` when the public could not reach it by that name.
pub(super) fn bare(name: &str) -> Option<&str> {
    let name = name.trim_end_matches('.');
    if name == "localhost" {
        return Some(name);
    }
    let stripped = name.strip_prefix("www.").filter(|rest| rest.contains('.'));
    let bare = stripped.unwrap_or(name);
    bare.contains('.').then_some(bare)
}

/// Whether an address is one that no public certificate covers.
fn private_looking(url: &Url) -> bool {
    url.port().is_some()
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            _ => true,
        }
}

/// A path without the session id that some shops put into it.
fn without_session(path: &str) -> &str {
    match path.to_ascii_lowercase().find(";jsessionid=") {
        Some(place) => &path[..place],
        None => path,
    }
}

/// Percent-encodings in one form: capitals, and none where none is needed (RFC 3986, 6.2.2).
fn unified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('%') {
        out.push_str(&rest[..place]);
        let code = rest.get(place + 1..place + 3);
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
            }
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => {
                out.push('%');
                rest = &rest[place + 1..];
                continue;
            }
        }
        rest = &rest[place + 3..];
    }
    out.push_str(rest);
    out
}

/// A readable beginning and a hash of the whole.
fn shortened(whole: &str) -> String {
    // What the url crate leaves is ASCII.
    let head: String = whole.chars().take(HEAD).collect();
    format!("{head}##{}", hash(whole))
}

fn hash(text: &str) -> String {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    digest[..HASH].to_owned()
}

/// The id of a page's variant by the shop's own name for it.
pub(super) fn child(page: &str, sku: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/+".contains(c);
    let sku = sku.trim();
    let name = if sku.len() <= LONGEST_SKU && !sku.is_empty() && sku.chars().all(plain) {
        sku.to_owned()
    } else {
        format!("~{}", hash(sku))
    };
    format!("{page}#{name}")
}

/// A page's id and, where the id is a variant's, which.
pub(super) fn parts(id: &str) -> (&str, Option<&str>) {
    let from = id.find("##").map_or(0, |place| place + 2);
    match id[from..].find('#') {
        Some(place) => (&id[..from + place], Some(&id[from + place + 1..])),
        None => (id, None),
    }
}

/// The address of an id; `None` when the id holds only its beginning.
pub(super) fn page(id: &str) -> Option<Url> {
    let (page, _) = parts(id);
    if page.contains("##") {
        return None;
    }
    let text = match page.strip_prefix("http:") {
        Some(rest) => format!("http://{rest}"),
        None => format!("https://{page}"),
    };
    Url::parse(&text).ok()
}

/// Where to fetch a listing: the address somebody pasted where it is the listing's own, because it
/// has the `www.` that this shop wants; else the one its id names.
pub(super) fn fetchable(listing: &ListingRef, pasted: &str) -> Option<Url> {
    let (own, _) = parts(&listing.external_id);
    let pasted = Url::parse(pasted)
        .ok()
        .filter(|url| id(url).as_deref() == Some(own));
    let mut url = pasted.or_else(|| page(own))?;
    url.set_fragment(None);
    if url.scheme() == "http" && !private_looking(&url) {
        // Fails only for schemes that an id cannot have.
        url.set_scheme("https").ok()?;
    }
    let query = query::meaningful(url.query().unwrap_or_default());
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    Some(url)
}

/// The same page under `www.`, where its host has a name that could have lost it.
pub(super) fn with_www(url: &Url) -> Option<Url> {
    let Host::Domain(name) = url.host()? else {
        return None;
    };
    if name.starts_with("www.") || private_looking(url) {
        return None;
    }
    let mut other = url.clone();
    other.set_host(Some(&format!("www.{name}"))).ok()?;
    Some(other)
}

/// Checks an id and brings it into its one form. An ending that names a country outweighs the
/// marketplace; a host without one is believed to sell where its tracker says.
pub(super) fn identify(marketplace: &str, id: &str) -> Result<ListingRef, UnknownListing> {
    let bad = || UnknownListing::BadId(id.chars().take(60).collect());
    let (own, variant) = parts(id);
    let (external_id, host) = match own.split_once("##") {
        Some((head, hash)) => {
            let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let whole = head.len() == HEAD && hash.len() == HASH && hash.bytes().all(hex);
            let url = page(head).filter(|_| whole).ok_or_else(bad)?;
            (own.to_owned(), url)
        }
        None => {
            let url = page(own).ok_or_else(bad)?;
            (self::id(&url).ok_or_else(bad)?, url)
        }
    };
    let external_id = match variant {
        None => external_id,
        Some(sku) if is_variant(sku) => format!("{external_id}#{sku}"),
        Some(_) => return Err(bad()),
    };
    let named = country::of_host(host.host_str().unwrap_or_default());
    let marketplace = match (named, country::find(marketplace)) {
        (country::NOWHERE, Some(told)) => told,
        (country::NOWHERE, None) if marketplace != country::NOWHERE => {
            return Err(UnknownListing::BadMarketplace(marketplace.to_owned()));
        }
        (named, _) => named,
    };
    Ok(ListingRef {
        source: SOURCE,
        marketplace: marketplace.to_owned(),
        external_id,
    })
}

/// Whether a text is what [`child`] puts behind the page.
fn is_variant(text: &str) -> bool {
    let page = "#";
    match text.strip_prefix('~') {
        Some(hash) => hash.len() == HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => child("", text).strip_prefix(page) == Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id_of(text: &str) -> String {
        listing(&Url::parse(text).expect("a URL"))
            .expect(text)
            .external_id
    }

    #[test]
    fn one_page_is_one_listing_however_its_address_was_copied() {
        let one = "shop.example.de/p/kettle?colour=red&size=M";
        for text in [
            "https://shop.example.de/p/kettle?colour=red&size=M",
            "http://shop.example.de/p/kettle?size=M&colour=red",
            "https://WWW.shop.example.de:443/p/kettle?utm_source=x&size=M&colour=red#reviews",
            "https://www.shop.example.de/p/%6bettle?colour=red&size=M&gclid=1&ref=start",
            "https://shop.example.de./p/../p/kettle?colour=red&size=M&",
        ] {
            assert_eq!(id_of(text), one, "{text}");
        }
    }

    #[test]
    fn hosts_keep_what_distinguishes_them() {
        assert_eq!(id_of("https://bücher.ch/a b"), "xn--bcher-kva.ch/a%20b");
        assert_eq!(
            id_of("http://127.0.0.1:8090/shop/p"),
            "http:127.0.0.1:8090/shop/p"
        );
        assert_eq!(id_of("http://localhost/x"), "http:localhost/x");
        assert_eq!(id_of("https://[::1]:8443/x"), "[::1]:8443/x");
        assert_eq!(id_of("https://m.shop.de/x%c3%a9"), "m.shop.de/x%C3%A9");
        assert_eq!(id_of("https://shop.de/x;jsessionid=1A"), "shop.de/x");
        assert_eq!(id_of("https://shop.de/x%+5%zz"), "shop.de/x%+5%zz");
        for text in ["https://intranet/x", "https://user:word@shop.de/x"] {
            assert_eq!(listing(&Url::parse(text).expect("a URL")), None, "{text}");
        }
    }

    #[test]
    fn an_id_leads_back_to_its_page() {
        let page_of = |id| page(id).map(String::from);
        assert_eq!(
            page_of("shop.de/p?a=1").as_deref(),
            Some("https://shop.de/p?a=1")
        );
        let local = "http:127.0.0.1:8090/shop/p";
        assert_eq!(
            page_of(local).as_deref(),
            Some("http://127.0.0.1:8090/shop/p")
        );
        assert_eq!(
            page_of("shop.de/p#A-1").as_deref(),
            Some("https://shop.de/p")
        );
    }

    #[test]
    fn a_name_may_have_lost_its_www() {
        let other = |text| with_www(&Url::parse(text).expect("a URL")).map(String::from);
        assert_eq!(
            other("https://shop.de/p?a=1").as_deref(),
            Some("https://www.shop.de/p?a=1")
        );
        for text in [
            "https://www.shop.de/p",
            "https://1.1.1.1/p",
            "https://shop.de:8443/p",
            "http://localhost/p",
        ] {
            assert_eq!(other(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_address_is_a_beginning_and_a_hash_and_travels_beside() {
        let long = format!("https://www.shop.de/{}?a=1&utm_medium=x", "x".repeat(300));
        let url = Url::parse(&long).expect("a URL");
        let listing = listing(&url).expect("a listing");
        assert!(listing.external_id.len() <= LONGEST);
        assert_eq!(page(&listing.external_id), None);
        assert_eq!(identify("DE", &listing.external_id), Ok(listing.clone()));
        let fetched = fetchable(&listing, &long).map(String::from);
        let clean = format!("https://www.shop.de/{}?a=1", "x".repeat(300));
        assert_eq!(fetched, Some(clean));
        assert_eq!(fetchable(&listing, "https://elsewhere.de/"), None);
    }

    #[test]
    fn the_ending_outweighs_the_marketplace() {
        let at = |marketplace, id| identify(marketplace, id).map(|found| found.marketplace);
        assert_eq!(at("US", "shop.com/p").as_deref(), Ok("US"));
        assert_eq!(at("ZZ", "shop.com/p").as_deref(), Ok("ZZ"));
        assert_eq!(at("US", "shop.de/p").as_deref(), Ok("DE"));
        assert!(at("XX", "shop.com/p").is_err());
    }

    #[test]
    fn variants_are_named_by_the_shop() {
        let plain = child("shop.de/p", "AB-12/3");
        assert_eq!(plain, "shop.de/p#AB-12/3");
        assert_eq!(parts(&plain), ("shop.de/p", Some("AB-12/3")));
        let odd = child("shop.de/p", "größe M");
        for id in [plain, odd] {
            assert_eq!(identify("DE", &id).map(|found| found.external_id), Ok(id));
        }
        assert!(identify("DE", "shop.de/p#a b").is_err());
        assert!(identify("DE", "shop.de/p#").is_err());
    }

    proptest! {
        #[test]
        fn a_recognised_address_is_its_own_id(path in "[a-zA-Z0-9/%?&=#.;é _~-]{0,400}") {
            let url = Url::parse(&format!("https://www.shop.example.com/{path}")).expect("a URL");
            let found = listing(&url).expect("a listing");
            prop_assert_eq!(identify(&found.marketplace, &found.external_id), Ok(found.clone()));
            prop_assert!(fetchable(&found, url.as_str()).is_some());
        }
    }
}
