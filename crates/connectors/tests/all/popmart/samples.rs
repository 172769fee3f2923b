//! Recorded answers of the real upstream, each read with the values it holds. Runs where the samples lie beside the
//! workspace.

use connectors::{Connector, Outcome};
use domain::availability::Availability;
use domain::observation::{Observation, Offer};
use serde_json::{Value, json};

use super::{SOURCE, connector};
use crate::support::{cx, observed, sample, samples, target};

/// Every sample has its test here.
const READ: &[&str] = &[
    "popmart-cdn-productoncollection.json",
    "popmart-error-signature.json",
    "popmart-v1-productDetails-jpy.json",
    "popmart-v1-productDetails-soldout.json",
    "popmart-v1-productDetails.json",
    "popmart-v1-search.json",
    "popmart-v3-collection-summaries.json",
    "popmart-v3-findOne.json",
    "popmart-v3-getStock.json",
    "popmart-v3-search-request.json",
    "popmart-v3-search.json",
];

const MONSTERS: &str = "f1a78894-715a-4dbf-8f6c-31394e81e40d";

#[test]
fn every_sample_is_read() {
    for (name, _) in samples("popmart-") {
        assert!(READ.contains(&name.as_str()), "nobody reads {name}");
    }
}

/// What a sample says of each of these; `None` for those that it does not mention.
fn told(name: &str, marketplace: &str, ids: &[&str]) -> Option<Vec<Option<Outcome>>> {
    let targets: Vec<_> = ids
        .iter()
        .map(|id| target(SOURCE, marketplace, id))
        .collect();
    let mut told: Vec<Option<Outcome>> = ids.iter().map(|_| None).collect();
    for (place, outcome) in connector().read(&sample(name)?, &cx(&targets)) {
        told[place] = Some(outcome);
    }
    Some(told)
}

fn only(told: Option<Vec<Option<Outcome>>>) -> Option<Outcome> {
    told?.remove(0)
}

fn text(seen: &Observation) -> (&str, Vec<&str>) {
    let content = seen.content.as_ref().expect("content");
    (
        content.title.as_deref().unwrap_or_default(),
        content.images.iter().map(String::as_str).collect(),
    )
}

fn attribute<'a>(seen: &'a Observation, name: &str) -> Option<&'a str> {
    let content = seen.content.as_ref().expect("content");
    content.attributes.get(name).map(String::as_str)
}

#[test]
fn details() {
    let Some(outcome) = only(told("popmart-v1-productDetails.json", "US", &["2155"])) else {
        return;
    };
    let [product, single, set] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    let (title, images) = text(product);
    assert_eq!(
        title,
        "THE MONSTERS Big into Energy Series-Vinyl Plush Pendant Blind Box"
    );
    assert_eq!(
        images,
        ["https://prod-eurasian-res.popmart.com/default/example_1200x1200.jpg"]
    );
    let values = &product.values;
    assert_eq!(
        (values.price, values.currency.as_deref(), values.list_price),
        (Some(2799), Some("USD"), None)
    );
    assert_eq!(
        (values.stock_quantity, values.in_stock, values.availability),
        (Some(12), Some(true), Availability::InStock)
    );
    let content = product.content.as_ref().expect("content");
    assert_eq!(content.brand.as_deref(), Some("THE MONSTERS"));
    assert_eq!(content.series.as_deref(), Some("THE MONSTERS"));
    assert_eq!(content.category.as_deref(), Some("Plush"));
    assert!(content.flags.blind_box && !content.flags.new && !content.flags.pre_order);
    for (name, value) in [
        ("material", "Vinyl Plush"),
        ("brand_id", "11"),
        ("purchase_limit", "2"),
        ("release_date", "2025-04-25T02:00:00Z"),
    ] {
        assert_eq!(attribute(product, name), Some(value), "{name}");
    }
    assert_eq!(attribute(product, "category_id"), None, "zero is none");
    assert_eq!(attribute(product, "sku"), None, "empty is none");

    assert_eq!(single.listing.external_id, "2155_3335");
    assert_eq!(
        (single.values.price, single.values.in_stock),
        (Some(2799), Some(false))
    );
    assert_eq!(set.listing.external_id, "2155_3336");
    assert_eq!(
        (set.values.price, set.values.stock_quantity),
        (Some(16_794), Some(12))
    );
    assert!(text(set).0.ends_with("– Whole set"));

    let alone = only(told("popmart-v1-productDetails.json", "US", &["2155_3336"]));
    let alone = alone.expect("told");
    let [alone] = observed(&alone) else {
        panic!("{alone:?}")
    };
    assert_eq!(alone, set);
}

#[test]
fn details_sold_out() {
    let Some(outcome) = only(told(
        "popmart-v1-productDetails-soldout.json",
        "US",
        &["2155"],
    )) else {
        return;
    };
    let seen = observed(&outcome);
    assert_eq!(seen.len(), 3);
    for observation in seen {
        let values = &observation.values;
        assert_eq!(values.availability, Availability::OutOfStock);
        assert_eq!(
            (values.in_stock, values.stock_quantity),
            (Some(false), Some(0))
        );
        assert_eq!(values.offer, Offer::Offered, "the price tag stays");
    }
    assert_eq!(seen[0].values.price, Some(2799));
}

#[test]
fn details_in_yen() {
    let Some(outcome) = only(told("popmart-v1-productDetails-jpy.json", "JP", &["2155"])) else {
        return;
    };
    let [product, single] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    for seen in [product, single] {
        let money = seen.values.money(seen.values.price).expect("money");
        assert_eq!(money.to_string(), "2255 JPY");
        assert_eq!(seen.values.stock_quantity, Some(5));
    }
    assert!(text(single).0.ends_with("– シングル"));
}

#[test]
fn a_signature_that_is_refused() {
    let Some(outcome) = only(told("popmart-error-signature.json", "US", &["2155"])) else {
        return;
    };
    assert_eq!((outcome.as_str(), outcome.retryable()), ("failed", false));
    assert!(outcome.reason().contains("sign_salt"), "{outcome:?}");
}

#[test]
fn a_page_of_a_search() {
    let Some(told) = told("popmart-v1-search.json", "US", &["2155", "878", "9"]) else {
        return;
    };
    let [Some(first), Some(second), None] = told.as_slice() else {
        panic!("{told:?}")
    };
    let [product, sku] = observed(first) else {
        panic!("{first:?}")
    };
    assert_eq!(
        (
            product.values.price,
            product.values.currency.as_deref(),
            product.values.stock_quantity,
            product.values.availability,
        ),
        (Some(2799), Some("USD"), Some(12), Availability::InStock)
    );
    assert_eq!(
        text(product).1,
        ["https://prod-eurasian-res.popmart.com/default/example_1200x1200.jpg"]
    );
    assert_eq!(sku.listing.external_id, "2155_3336");
    let second = &observed(second)[0];
    assert_eq!(text(second).0, "THE MONSTERS - I FOUND YOU Vinyl Face Doll");
    assert_eq!(second.values.availability, Availability::OutOfStock);
    assert_eq!(second.values.stock_quantity, Some(0));
}

#[test]
fn a_file_of_a_collection() {
    let name = "popmart-cdn-productoncollection.json";
    let Some(told) = told(name, "US", &["2155", "890"]) else {
        return;
    };
    let [Some(first), Some(second)] = told.as_slice() else {
        panic!("{told:?}")
    };
    let product = &observed(first)[0];
    assert_eq!(
        (product.values.price, product.values.stock_quantity),
        (Some(2799), Some(12))
    );
    let content = product.content.as_ref().expect("content");
    assert!(content.flags.new);
    assert_eq!(attribute(product, "tags"), Some("NEW"));
    assert_eq!(
        attribute(product, "release_date"),
        Some("2025-04-25T02:00:00Z")
    );
    let sold_out = &observed(second)[0];
    assert_eq!(
        text(sold_out).0,
        "THE MONSTERS - BEST OF LUCK Vinyl Plush Doll"
    );
    assert_eq!(sold_out.values.in_stock, Some(false));
    assert_eq!(sold_out.values.availability, Availability::OutOfStock);
}

/// (id, minor units, availability, tags, release)
const LISTED: [(&str, i64, Availability, Option<&str>, &str); 4] = [
    (
        "9b553fac-1f37-4342-9f04-f8f967129f4b",
        1500,
        Availability::ComingSoon,
        Some("COMING_SOON"),
        "2026-10-02T10:00:00Z",
    ),
    (
        "dad57626-1645-4c96-aab1-63ab244c3ce8",
        3000,
        Availability::ComingSoon,
        None,
        "2026-06-26T10:00:00Z",
    ),
    (
        "15103f5a-9898-4347-ba53-a5e05867cea5",
        3600,
        Availability::ComingSoon,
        Some("OUT_OF_STOCK"),
        "2026-06-05T10:00:00Z",
    ),
    (
        MONSTERS,
        2000,
        Availability::InStock,
        Some("HOT"),
        "2025-07-16T09:00:00Z",
    ),
];

#[test]
fn a_collection_of_the_rpc() {
    let ids = LISTED.map(|(id, ..)| id);
    let Some(told) = told("popmart-v3-collection-summaries.json", "FR", &ids) else {
        return;
    };
    // Three of them are on sale only after the instant of these tests.
    for (outcome, (id, price, availability, tags, release)) in told.iter().zip(LISTED) {
        let outcome = outcome.as_ref().expect(id);
        let [product] = observed(outcome) else {
            panic!("{outcome:?}")
        };
        let values = &product.values;
        assert_eq!(
            (values.price, values.currency.as_deref()),
            (Some(price), Some("EUR")),
            "{id}"
        );
        assert_eq!(values.availability, availability, "{id}");
        assert_eq!(values.stock_quantity, None, "a level is no count");
        assert_eq!(attribute(product, "tags"), tags, "{id}");
        assert_eq!(attribute(product, "release_date"), Some(release), "{id}");
        assert!(!text(product).0.is_empty());
    }
    let first = &observed(told[0].as_ref().expect("told"))[0];
    assert_eq!(text(first).1.len(), 1);
}

#[test]
fn a_search_of_the_rpc() {
    let ids = LISTED.map(|(id, ..)| id);
    let Some(told) = told("popmart-v3-search.json", "FR", &ids) else {
        return;
    };
    for (outcome, (id, price, _, tags, release)) in told.iter().zip(LISTED) {
        let outcome = outcome.as_ref().expect(id);
        let product = &observed(outcome)[0];
        assert_eq!(
            (product.values.price, product.values.currency.as_deref()),
            (Some(price), Some("EUR")),
            "by the area, for rows name no currency: {id}"
        );
        assert_eq!(attribute(product, "tags"), tags, "{id}");
        assert_eq!(attribute(product, "release_date"), Some(release), "{id}");
    }
    let brand = |place: usize| {
        let seen = &observed(told[place].as_ref().expect("told"))[0];
        seen.content.as_ref().expect("content").brand.clone()
    };
    assert_eq!(brand(0), None);
    assert_eq!(brand(1).as_deref(), Some("THE MONSTERS"));
    let sold_out = &observed(told[2].as_ref().expect("told"))[0];
    assert_eq!(sold_out.values.in_stock, Some(false), "by its tag");
}

#[test]
fn details_and_stock_of_the_rpc() {
    let Some(outcome) = only(told("popmart-v3-findOne.json", "FR", &[MONSTERS])) else {
        return;
    };
    let [product, single] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    for seen in [product, single] {
        assert_eq!(
            (seen.values.price, seen.values.currency.as_deref()),
            (Some(2000), Some("EUR"))
        );
        assert_eq!(seen.values.stock_quantity, Some(12));
        assert_eq!(seen.values.availability, Availability::InStock);
    }
    assert!(text(single).0.ends_with("– Single box"));
    assert_eq!(
        attribute(product, "release_date"),
        Some("2025-07-16T09:00:00Z")
    );

    let outcome = only(told("popmart-v3-getStock.json", "FR", &[MONSTERS])).expect("told");
    let [product, sku] = observed(&outcome) else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        sku.listing.external_id,
        format!("{MONSTERS}_11111111-2222-4333-8444-555555555555")
    );
    for seen in [product, sku] {
        assert_eq!(seen.values.stock_quantity, Some(12));
        assert_eq!(seen.values.in_stock, Some(true));
        assert_eq!(
            (seen.values.offer, seen.values.price),
            (Offer::NotCollected, None)
        );
        assert_eq!(seen.content, None);
    }
}

#[tokio::test]
async fn the_search_that_is_sent() {
    let Some(recorded) = sample("popmart-v3-search-request.json") else {
        return;
    };
    let recorded: Value = serde_json::from_slice(&recorded).expect("JSON");
    let page = json!({ "json": { "items": [], "total": 0 } });
    let (shop, asked) = super::fake::shop(page).await;
    let everything = super::fake::search(connectors::MonitorKind::LimitedEditions, "", "FR");
    let outcome = super::fake::run(&shop, &everything).await;
    // The whole shop cannot be empty.
    assert_eq!(outcome.expect_err("suspicious").as_str(), "malformed");
    let asked = asked.lock().expect("not poisoned");
    assert_eq!(asked[0].path, "/rpc/search/public_search");
    assert_eq!(asked[0].body, recorded);
    assert_eq!(asked[0].headers["x-area"], "FR");
    assert_eq!(asked[0].headers["x-device-type"], "web-pc");
}
