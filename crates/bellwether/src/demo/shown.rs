//! The simulated listings as the rest of us name them.

use anyhow::Context;
use connectors::listing_url;
use domain::listing::ListingRef;
use market_sim::Listing;

/// A simulated listing with the name and the address that a person would track it by.
pub struct Shown<'a> {
    /// As the market knows it.
    pub listing: &'a Listing,
    /// As we do.
    pub name: ListingRef,
    /// Its page; none where goods have no pages.
    pub url: Option<String>,
}

impl<'a> Shown<'a> {
    /// A listing of the market that is served at `market_url`.
    pub fn of(listing: &'a Listing, market_url: &str) -> anyhow::Result<Self> {
        let key = &listing.key;
        let url = match key.url() {
            none if none.is_empty() => None,
            // The simulated web shop is where the market is served.
            path if path.starts_with('/') => Some(format!("{market_url}{path}")),
            url => Some(url),
        };
        let name = match &url {
            Some(url) => listing_url::parse(url),
            None => listing_url::from_id(
                key.source.name().parse()?,
                &key.marketplace,
                &key.external_id,
            ),
        };
        let name = name.with_context(|| format!("name {key}"))?;
        Ok(Self { listing, name, url })
    }
}
