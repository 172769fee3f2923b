//! Whose item is it? Answers may name another ASIN than the one asked for.

use domain::listing::ListingRef;

use super::wire::Probe;
use crate::Target;
use crate::listing_url;

/// Whom an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// The target at this place.
    Target(usize),
    /// It names a target's ASIN, but another country's shop answered.
    OtherShop(usize),
    /// None of ours.
    Nobody,
}

/// Looks, in this order, at the address that was asked for, the one that answered, the ASIN before
/// a redirect to a variant, and the ASIN itself.
pub(crate) fn find(probe: &Probe, targets: &[Target]) -> Match {
    let addressed =
        |text: &Option<String>| text.as_deref().and_then(|url| listing_url::parse(url).ok());
    let (asked, answered) = (addressed(&probe.input), addressed(&probe.url));
    let shop = shop(probe, answered.as_ref());

    for candidate in [&asked, &answered].into_iter().flatten() {
        if let Some(place) = targets
            .iter()
            .position(|target| target.listing == *candidate)
        {
            return Match::Target(place);
        }
    }
    let mut elsewhere = Match::Nobody;
    for asin in [&probe.original_asin, &probe.asin].into_iter().flatten() {
        for (place, target) in targets.iter().enumerate() {
            if !target.listing.external_id.eq_ignore_ascii_case(asin) {
                continue;
            }
            match &shop {
                Some(shop) if *shop != target.listing.marketplace => {
                    elsewhere = Match::OtherShop(place);
                }
                _ => return Match::Target(place),
            }
        }
    }
    elsewhere
}

/// The country whose shop answered, where the item tells.
fn shop(probe: &Probe, answered: Option<&ListingRef>) -> Option<String> {
    answered
        .map(|listing| listing.marketplace.clone())
        .or_else(|| {
            let code = probe.loaded_country_code.as_deref()?;
            // "UK" is not an ISO code but common; any ASIN shows whether we know the shop.
            let code = if code.eq_ignore_ascii_case("UK") {
                "GB"
            } else {
                code
            };
            let listing = listing_url::from_id(super::SOURCE, code, "B000000000").ok()?;
            Some(listing.marketplace)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(marketplace: &str, asin: &str) -> Target {
        let listing =
            listing_url::from_id(super::super::SOURCE, marketplace, asin).expect("a listing");
        Target::new(listing)
    }

    fn probe(json: &str) -> Probe {
        serde_json::from_str(json).expect("a probe")
    }

    #[test]
    fn the_address_asked_for_wins_over_the_asin_that_answered() {
        let targets = [target("US", "B0CLD7RNM8"), target("US", "B0CM9DB6WF")];
        let item =
            probe(r#"{"url":"https://www.amazon.com/dp/B0CM9DB6WF?psc=1","asin":"B0CLD7RNM8"}"#);
        assert_eq!(find(&item, &targets), Match::Target(1));
    }

    #[test]
    fn a_redirect_to_a_variant_belongs_to_the_one_asked_for() {
        let targets = [target("US", "B000000001")];
        let item = probe(
            r#"{"url":"https://www.amazon.com/dp/B000000002","asin":"B000000002",
                "originalAsin":"B000000001"}"#,
        );
        assert_eq!(find(&item, &targets), Match::Target(0));
    }

    #[test]
    fn another_countrys_shop_is_not_the_one_asked_for() {
        let targets = [target("US", "B0D3V6Y38G"), target("AU", "B0D3V6Y38G")];
        let item = probe(
            r#"{"url":"https://www.amazon.com.au/dp/B0D3V6Y38G","asin":"B0D3V6Y38G",
                "input":"https://www.amazon.com.au/s?k=travel"}"#,
        );
        assert_eq!(find(&item, &targets), Match::Target(1));
        assert_eq!(find(&item, &targets[..1]), Match::OtherShop(0));
        let item = probe(r#"{"asin":"B0D3V6Y38G","loadedCountryCode":"AU"}"#);
        assert_eq!(find(&item, &targets), Match::Target(1));
    }

    #[test]
    fn an_item_without_a_shop_is_found_by_its_asin() {
        let targets = [target("CA", "B004AP8MNS")];
        assert_eq!(
            find(&probe(r#"{"asin":"b004ap8mns"}"#), &targets),
            Match::Target(0)
        );
        assert_eq!(find(&probe("{}"), &targets), Match::Nobody);
    }
}
