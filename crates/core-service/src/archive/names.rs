//! Which listing a row of an import means.

use connectors::Ability;
use connectors::about::{About, Ownership};
use connectors::listing_url;
use domain::listing::ListingRef;

use crate::ingest::ListingName;

/// Whether a listing of this source may have, or lack, an owner; the error says what to do.
///
/// # Errors
/// When there can be no such listing.
pub fn check_owner(about: &About, owned: bool) -> Result<(), String> {
    let name = about.source;
    // Whoever chose how a page is read has a listing of his own of it.
    let either = about.abilities.contains(&Ability::Candidates);
    match (about.ownership, owned) {
        (Ownership::Tenant, false) => Err(format!(
            "listings of {name} belong to tenants: say which tenant's"
        )),
        (Ownership::Public, true) if !either => Err(format!(
            "listings of {name} belong to nobody: leave the tenant out"
        )),
        _ => Ok(()),
    }
}

/// A listing that nobody knows yet, in its source's one form, so that whoever tracks it later finds it.
///
/// # Errors
/// When its source would not take that name; the text says why.
pub fn in_one_form(name: &ListingName) -> Result<ListingName, String> {
    let one = listing_url::from_id(name.source, &name.marketplace, &name.external_id)
        .map_err(|unknown| unknown.to_string())?;
    Ok(ListingName {
        marketplace: one.marketplace,
        external_id: one.external_id,
        ..name.clone()
    })
}

/// The page a person would open; empty where there is none.
pub fn page(name: &ListingName) -> String {
    listing_url::page(&ListingRef {
        source: name.source,
        marketplace: name.marketplace.clone(),
        external_id: name.external_id.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(source: &str, marketplace: &str, external_id: &str) -> ListingName {
        ListingName {
            source: source.parse().expect("a source"),
            marketplace: marketplace.into(),
            external_id: external_id.into(),
            owner: None,
        }
    }

    #[test]
    fn an_unknown_listing_gets_the_name_that_a_tracking_would_give_it() {
        let one = in_one_form(&name("amazon", "US", "b0d3v6y38g")).expect("an ASIN");
        assert_eq!(one.external_id, "B0D3V6Y38G");
        assert_eq!(page(&one), "https://www.amazon.com/dp/B0D3V6Y38G");
        assert!(in_one_form(&name("amazon", "US", "no asin")).is_err());
        assert!(in_one_form(&name("amazon", "XX", "B0D3V6Y38G")).is_err());
    }

    #[test]
    fn whose_a_listing_may_be_follows_from_its_source() {
        let may = |source: &str, owned| {
            let source = source.parse().expect("a source");
            check_owner(connectors::about(source).expect("known"), owned).is_ok()
        };
        assert!(may("amazon", false) && !may("amazon", true));
        assert!(may("haier", true) && !may("haier", false));
        assert!(may("web", true) && may("web", false));
    }
}
