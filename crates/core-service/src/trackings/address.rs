//! Which listing a request means.

use std::net::IpAddr;

use connectors::Ability;
use connectors::about::Ownership;
use connectors::listing_url::{self, UnknownListing};
use domain::listing::ListingRef;
use domain::source::Source;
use http_kit::{ApiError, ApiResult};
use url::{Host, Url};

use super::store::Named;

/// How a listing may be named: by its page's address, or by source, marketplace and the source's own id.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The page.
    pub url: Option<&'a str>,
    /// One of the registry's.
    pub source: Option<Source>,
    /// ISO 3166.
    pub marketplace: Option<&'a str>,
    /// The source's own id.
    pub external_id: Option<&'a str>,
    /// How it is to be read, where the source knows several ways.
    pub strategy: Option<&'a str>,
}

/// Names the listing that is wanted. With `allow_private`, addresses in private networks are accepted.
///
/// A strategy makes it the tenant's own: a public listing is read for all tenants alike, and one tenant's choice must
/// not change another's figures.
///
/// # Errors
/// 422 with the field that is wrong.
pub fn named(wanted: Wanted<'_>, allow_private: bool) -> ApiResult<Named> {
    let listing = listing(wanted, allow_private)?;
    let about = connectors::about(listing.source)
        .ok_or_else(|| ApiError::invalid("source", "is not a source"))?;
    let candidates = about.abilities.contains(&Ability::Candidates);
    if wanted.strategy.is_some() && !candidates {
        let message = format!("{} is read in one way only; leave it out", about.name);
        return Err(ApiError::invalid("strategy", message));
    }
    // Any page's address says more than its listing's name: the scheme, and what an id has no room for.
    let url = match wanted.url.and_then(|url| listing_url::address(url).ok()) {
        Some(mut url) if candidates => {
            url.set_fragment(None);
            url.into()
        }
        _ => listing_url::page(&listing),
    };
    Ok(Named {
        owned: about.ownership == Ownership::Tenant || wanted.strategy.is_some(),
        listing,
        url,
    })
}

fn listing(wanted: Wanted<'_>, allow_private: bool) -> ApiResult<ListingRef> {
    let Wanted {
        url,
        source,
        marketplace,
        external_id,
        strategy: _,
    } = wanted;
    match (url, source, marketplace, external_id) {
        (Some(url), None, None, None) => {
            at_the_door(url, allow_private)?;
            listing_url::parse(url).map_err(|unknown| ApiError::invalid("url", unknown.to_string()))
        }
        (None, Some(source), Some(marketplace), Some(external_id)) => {
            let listing =
                listing_url::from_id(source, marketplace, external_id).map_err(|unknown| {
                    let field = match unknown {
                        UnknownListing::UnknownSource(_) => "source",
                        UnknownListing::BadMarketplace(_) => "marketplace",
                        _ => "external_id",
                    };
                    ApiError::invalid(field, unknown.to_string())
                })?;
            let page = listing_url::page(&listing);
            if !page.is_empty() {
                reachable(&page, allow_private)
                    .map_err(|why| ApiError::invalid("external_id", why))?;
            }
            Ok(listing)
        }
        (Some(_), ..) => Err(ApiError::invalid(
            "url",
            "stands alone: send either url, or source, marketplace and external_id",
        )),
        (None, source, marketplace, _) => {
            let missing = match (source, marketplace) {
                (None, None) => "url",
                (None, _) => "source",
                (_, None) => "marketplace",
                _ => "external_id",
            };
            Err(ApiError::invalid(
                missing,
                "is required: send either url, or source, marketplace and external_id",
            ))
        }
    }
}

fn at_the_door(text: &str, allow_private: bool) -> ApiResult<()> {
    reachable(text, allow_private).map_err(|why| ApiError::invalid("url", why))
}

/// Refuses what could never be fetched, in words, before it is kept. What a name resolves to is the guard's to decide,
/// whenever it is fetched.
fn reachable(text: &str, allow_private: bool) -> Result<(), &'static str> {
    // As its reader will take it; what that refuses is looked at as it stands.
    let url = listing_url::address(text).ok();
    let Some(url) = url.or_else(|| Url::parse(text.trim()).ok()) else {
        return Ok(()); // no address at all, which its reader says better
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "holds a user name or a password; paste the address as anybody can open it, without them",
        );
    }
    // Browsers and servers read these differently; a shop's page needs none.
    if text.contains('\\') {
        return Err("holds a backslash; paste the product page's address as the browser shows it");
    }
    let private = match url.host() {
        None => false,
        Some(Host::Ipv4(address)) => !egress::is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !egress::is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    };
    if private && !allow_private {
        return Err(
            "is an address in a private network, which we do not read; paste a shop's public address",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn private_addresses_and_credentials_are_refused_at_the_door() {
        for url in [
            "http://127.0.0.1/p/1",
            "http://2130706433/p/1",
            "http://0x7f.1/p/1",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.1.2.3:8080/p",
            "http://[::1]/p",
            "http://[::ffff:10.0.0.1]/p",
            "http://localhost:5432/p",
            "http://LOCALHOST./p",
            "https://shop.localhost/p",
            "shop.localhost/p",
            "shop.localhost:5432/p",
        ] {
            let why = reachable(url, false).expect_err(url);
            assert!(why.contains("private network"), "{url}: {why}");
            assert_eq!(reachable(url, true), Ok(()), "{url}");
        }
        for url in [
            "https://me:secret@shop.example/p",
            "https://me@shop.example/p",
        ] {
            let why = reachable(url, true).expect_err(url);
            assert!(why.contains("password") && !why.contains("secret"), "{why}");
        }
        assert!(reachable("https://shop.example\\@evil.example/p", true).is_err());
        assert_eq!(
            reachable("https://shop.example/p/1?colour=red", false),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = reachable(&text, false);
        }
    }
}
