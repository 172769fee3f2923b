//! Whose item is it? Answers may name another ASIN than the one asked for.

use std::collections::HashMap;

use domain::listing::ListingRef;

use super::shop::Shop;
use crate::Target;
use crate::json::Object;
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

/// The targets that answers are matched with, by their ASIN.
pub(crate) struct Wanted<'a> {
    targets: &'a [Target],
    /// Places by the ASIN in capitals, in their order.
    places: HashMap<String, Vec<usize>>,
}

impl<'a> Wanted<'a> {
    pub(crate) fn new(targets: &'a [Target]) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::with_capacity(targets.len());
        for (place, target) in targets.iter().enumerate() {
            let asin = target.listing.external_id.to_ascii_uppercase();
            places.entry(asin).or_default().push(place);
        }
        Self { targets, places }
    }

    /// The targets of an ASIN, in their order.
    fn of(&self, asin: &str) -> impl Iterator<Item = (usize, &'a ListingRef)> {
        let places = self.places.get(&asin.to_ascii_uppercase());
        let places = places.map(Vec::as_slice).unwrap_or_default();
        places
            .iter()
            .map(|place| (*place, &self.targets[*place].listing))
    }

    /// The target that is this listing.
    pub(crate) fn place(&self, listing: &ListingRef) -> Option<usize> {
        self.of(&listing.external_id)
            .find(|(_, wanted)| *wanted == listing)
            .map(|(place, _)| place)
    }

    /// The target of an ASIN, in the shop that answered.
    fn named(&self, asin: &str, shop: Option<Shop>) -> Match {
        let mut elsewhere = Match::Nobody;
        for (place, listing) in self.of(asin) {
            match shop {
                Some(shop) if shop.marketplace != listing.marketplace => {
                    elsewhere = Match::OtherShop(place);
                }
                _ => return Match::Target(place),
            }
        }
        elsewhere
    }
}

/// Looks, in this order, at the address that was asked for, the ASIN before a redirect to a variant,
/// the address that answered, and the ASIN itself.
pub(crate) fn find(row: Object<'_>, wanted: &Wanted<'_>) -> Match {
    let asked = addressed(row, "input");
    let answered = answered(row);
    let shop = shop(row, answered.as_ref());
    let asin = row.text("asin");
    let original = row
        .text("originalAsin")
        .filter(|original| Some(original) != asin.as_ref());
    let by_address = |listing: &Option<ListingRef>| {
        let place = listing.as_ref().and_then(|listing| wanted.place(listing));
        place.map_or(Match::Nobody, Match::Target)
    };
    let by_asin = |asin: &Option<String>| {
        asin.as_ref()
            .map_or(Match::Nobody, |asin| wanted.named(asin, shop))
    };
    let found = [
        by_address(&asked),
        by_asin(&original),
        by_address(&answered),
        by_asin(&asin),
    ];
    let first = |fits: fn(&Match) -> bool| found.iter().copied().find(fits);
    first(|found| matches!(found, Match::Target(_)))
        .or_else(|| first(|found| matches!(found, Match::OtherShop(_))))
        .unwrap_or(Match::Nobody)
}

/// Whether an item says neither what it is about nor what was asked for.
pub(crate) fn names_nothing(row: Object<'_>) -> bool {
    row.first_text(&["asin", "url", "dpUrl", "input"]).is_none()
}

/// The listing that a row of a list is about: by the address that answered, or by its ASIN in the shop
/// that answered, or in `marketplace` where it names none.
pub(crate) fn listing(row: Object<'_>, marketplace: &str) -> Option<ListingRef> {
    let answered = answered(row);
    let shop = shop(row, answered.as_ref());
    answered.or_else(|| {
        let place = shop.map_or(marketplace, |shop| shop.marketplace);
        listing_url::from_id(super::SOURCE, place, &row.text("asin")?).ok()
    })
}

fn addressed(row: Object<'_>, key: &str) -> Option<ListingRef> {
    listing_url::parse(&row.text(key)?)
        .ok()
        .filter(|listing| listing.source == super::SOURCE)
}

/// The address that answered; a relative one is of the shop that the row names.
fn answered(row: Object<'_>) -> Option<ListingRef> {
    addressed(row, "url").or_else(|| {
        let path = row.text("dpUrl")?;
        if path.contains("://") {
            return addressed(row, "dpUrl");
        }
        let shop = Shop::at(&row.text("domainCode")?)?;
        listing_url::parse(&shop.url(&path)).ok()
    })
}

/// The shop that answered, where the item tells.
fn shop(row: Object<'_>, answered: Option<&ListingRef>) -> Option<Shop> {
    answered
        .and_then(|listing| Shop::of(&listing.marketplace))
        .or_else(|| Shop::at(&row.text("domainCode")?))
        .or_else(|| Shop::named(&row.text("loadedCountryCode")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(marketplace: &str, asin: &str) -> Target {
        let listing =
            listing_url::from_id(super::super::SOURCE, marketplace, asin).expect("a listing");
        Target::new(listing)
    }

    fn find(json: &str, targets: &[Target]) -> Match {
        let item = serde_json::from_str(json).expect("JSON");
        super::find(Object::of(&item).expect("an object"), &Wanted::new(targets))
    }

    #[test]
    fn the_address_asked_for_wins_over_the_asin_that_answered() {
        let targets = [target("US", "B0CLD7RNM8"), target("US", "B0CM9DB6WF")];
        let item = r#"{"url":"https://www.amazon.com/dp/B0CM9DB6WF?psc=1","asin":"B0CLD7RNM8"}"#;
        assert_eq!(find(item, &targets), Match::Target(1));
    }

    #[test]
    fn a_redirect_to_a_variant_belongs_to_the_one_asked_for() {
        let targets = [target("US", "B000000001")];
        let item = r#"{"url":"https://www.amazon.com/dp/B000000002","asin":"B000000002",
                "originalAsin":"B000000001"}"#;
        assert_eq!(find(item, &targets), Match::Target(0));
    }

    #[test]
    fn another_countrys_shop_is_not_the_one_asked_for() {
        let targets = [target("US", "B0D3V6Y38G"), target("AU", "B0D3V6Y38G")];
        let item = r#"{"url":"https://www.amazon.com.au/dp/B0D3V6Y38G","asin":"B0D3V6Y38G",
                "input":"https://www.amazon.com.au/s?k=travel"}"#;
        assert_eq!(find(item, &targets), Match::Target(1));
        assert_eq!(find(item, &targets[..1]), Match::OtherShop(0));
        let item = r#"{"asin":"B0D3V6Y38G","loadedCountryCode":"AU"}"#;
        assert_eq!(find(item, &targets), Match::Target(1));
    }

    #[test]
    fn an_item_without_a_shop_is_found_by_its_asin() {
        let targets = [target("CA", "B004AP8MNS")];
        assert_eq!(find(r#"{"asin":"b004ap8mns"}"#, &targets), Match::Target(0));
        assert_eq!(find("{}", &targets), Match::Nobody);
    }

    #[test]
    fn the_asin_before_a_redirect_counts_though_the_other_is_asked_for_too() {
        let targets = [target("US", "B000000002"), target("US", "B000000001")];
        let item = r#"{"url":"https://www.amazon.com/dp/B000000002","asin":"B000000002",
            "originalAsin":"B000000001"}"#;
        assert_eq!(find(item, &targets), Match::Target(1));
    }

    #[test]
    fn a_row_of_a_search_is_of_the_shop_it_names() {
        let targets = [target("US", "B000000002"), target("DE", "B000000002")];
        let item = r#"{"domainCode":"de","dpUrl":"/dp/B000000002/ref=sr_1_1","asin":"B000000002"}"#;
        assert_eq!(find(item, &targets), Match::Target(1));
        let value = serde_json::from_str(item).expect("JSON");
        let found = listing(Object::of(&value).expect("an object"), "US").expect("a listing");
        assert_eq!(found.marketplace, "DE");
    }
}
