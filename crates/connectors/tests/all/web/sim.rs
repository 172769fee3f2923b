//! The shop of market-sim: every markup, every language.

use connectors::Outcome;
use connectors::web::SOURCE;
use domain::availability::Availability;
use market_sim::Source;
use market_sim::market::Availability as Shelf;
use serde_json::json;

use super::{connector, look, now, page, seen, shop, told};
use crate::support::{control, crawl, observed};

#[tokio::test]
async fn every_page_of_the_shop_is_read_as_the_market_has_it() {
    let sim = shop().await;
    let all: Vec<_> = sim
        .market()
        .catalogue()
        .iter()
        .filter(|listing| listing.key.source == Source::Web)
        .filter(|listing| !listing.key.external_id.starts_with("mixed"))
        .cloned()
        .collect();
    assert!(all.len() >= 14);
    let targets: Vec<_> = all
        .iter()
        .map(|listing| page(&sim, &listing.key.marketplace, &listing.key.external_id))
        .collect();
    let recorder = crawl(&connector(), &targets).await;
    recorder.words(targets.len());
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    for (place, outcome) in outcomes.iter() {
        let (listing, target) = (&all[*place], &targets[*place]);
        let name = &listing.key.external_id;
        let Outcome::Observed(_) = outcome else {
            panic!("{name}: {outcome:?}")
        };
        let observation = &observed(outcome)[0];
        let values = &observation.values;
        let market = sim.market().at(listing, now());
        let wanted = match market.skus.is_empty() {
            true => market.price,
            false => market
                .skus
                .iter()
                .filter_map(|sku| sku.discount_price)
                .min_by_key(|price| price.minor),
        };
        assert_eq!(observation.listing, target.listing, "{name}");
        assert_eq!(values.price, wanted.map(|price| price.minor), "{name}");
        assert_eq!(
            values.currency.as_deref(),
            Some(listing.price.currency.code()),
            "{name}"
        );
        let there = market.availability == Shelf::InStock;
        assert_eq!(
            values.in_stock,
            Some(there),
            "{name}: {:?}",
            values.availability
        );
        let content = observation.content.as_ref().expect("content");
        assert_eq!(
            content.title.as_deref(),
            Some(listing.title.as_str()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_set_is_what_is_seen() {
    let sim = shop().await;
    let web = connector();
    let target = page(&sim, "DE", "micro-neu");
    assert_eq!(look(&web, &target).await, Outcome::NotFound);
    let set = json!({"source": "web", "marketplace": "DE", "external_id": target.url, "price": "1234.56", "title": "Neu"});
    control(&sim, "set", set).await;
    let outcome = look(&web, &target).await;
    let values = &seen(&outcome).values;
    assert_eq!(values.price, Some(123_456));
    assert_eq!(values.availability, Availability::InStock);
    let set = json!({"source": "web", "marketplace": "DE", "external_id": "micro-neu", "available": false});
    control(&sim, "set", set).await;
    let outcome = look(&web, &target).await;
    assert_eq!(seen(&outcome).values.availability, Availability::OutOfStock);
    let set =
        json!({"source": "web", "marketplace": "DE", "external_id": "micro-neu", "gone": true});
    control(&sim, "set", set).await;
    assert_eq!(look(&web, &target).await, Outcome::NotFound);
}

#[tokio::test]
async fn variants_are_listings_of_their_own() {
    let sim = shop().await;
    let web = connector();
    let target = page(&sim, "US", "group-mug");
    let outcome = look(&web, &target).await;
    let all = observed(&outcome);
    assert_eq!(all.len(), 4);
    for variant in &all[1..] {
        assert_eq!(
            variant.parent_external_id.as_deref(),
            Some(target.listing.external_id.as_str())
        );
        let mut own = target.clone();
        own.listing = connectors::listing_url::from_id(SOURCE, "ZZ", &variant.listing.external_id)
            .expect("an id");
        let alone = look(&web, &own).await;
        assert_eq!(seen(&alone).values, variant.values);
        assert_eq!(seen(&alone).listing, variant.listing);
    }
    let mut gone = target.clone();
    gone.listing.external_id.push_str("#NO-SUCH");
    assert_eq!(look(&web, &gone).await, Outcome::NotFound);
}

#[tokio::test]
async fn a_range_is_its_lowest_price_and_says_so() {
    let sim = shop().await;
    let outcome = look(&connector(), &page(&sim, "ES", "range-auriculares")).await;
    let content = seen(&outcome).content.as_ref().expect("content");
    let range = content.attributes.get("price_ranges").expect("a range");
    assert!(range.contains('-') && range.ends_with("EUR"), "{range}");
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let sim = shop().await;
    let web = connector();
    let mut target = page(&sim, "US", "group-mug");
    let (first, memo) = told(crawl(&web, std::slice::from_ref(&target)).await);
    target.memo = memo.expect("an ETag to remember");
    let (second, memo) = told(crawl(&web, std::slice::from_ref(&target)).await);
    let statuses: Vec<u64> = super::asked(&sim)
        .await
        .into_iter()
        .map(|(_, status)| status)
        .collect();
    assert_eq!(
        statuses,
        [200, 200, 304],
        "robots.txt, the page, nothing new"
    );
    let (first, second) = (observed(&first), observed(&second));
    assert_eq!(first.len(), second.len());
    for (one, other) in first.iter().zip(second) {
        assert_eq!((&one.listing, &one.values), (&other.listing, &other.values));
        assert!(other.observed_at > one.observed_at);
        assert_eq!(other.content, None);
    }
    // Kept for the look after.
    assert_eq!(memo.as_ref(), Some(&target.memo));
    // Another choice reads the page anew.
    target.strategy = Some("open_graph".into());
    assert_eq!(look(&web, &target).await.as_str(), "malformed");
    target.strategy = None;
    let set =
        json!({"source": "web", "marketplace": "US", "external_id": "group-mug", "price": "31.00"});
    control(&sim, "set", set).await;
    let third = look(&web, &target).await;
    assert_eq!(seen(&third).values.price, Some(3_100));
}

#[tokio::test]
async fn faults_end_as_outcomes() {
    let sim = shop().await;
    let target = page(&sim, "US", "linked-kettle");
    for (kind, count, word) in [
        ("403", 9, "blocked"),
        ("500", 9, "failed"),
        ("malformed", 1, "malformed"),
        ("truncated", 9, "network"),
        ("html", 1, "malformed"),
        ("error_body", 1, "malformed"),
        ("zero_price", 1, "malformed"),
        ("word_price", 1, "malformed"),
    ] {
        // Each with manners of its own, and with the shop's rules read.
        let web = connector();
        assert_eq!(look(&web, &target).await.as_str(), "ok", "before {kind}");
        control(
            &sim,
            "fault",
            json!({"source": "web", "kind": kind, "count": count}),
        )
        .await;
        let outcome = look(&web, &target).await;
        assert_eq!(outcome.as_str(), word, "{kind}: {outcome:?}");
        control(
            &sim,
            "fault",
            json!({"source": "web", "kind": kind, "count": 0}),
        )
        .await;
    }
    let web = connector();
    assert_eq!(look(&web, &target).await.as_str(), "ok");
    control(
        &sim,
        "fault",
        json!({"source": "web", "kind": "429", "count": 1, "retry_after": 60}),
    )
    .await;
    assert_eq!(look(&web, &target).await.as_str(), "rate_limited");
}

#[tokio::test]
async fn ten_thousand_variants_are_an_answer() {
    let sim = shop().await;
    control(
        &sim,
        "fault",
        json!({"source": "web", "kind": "many_skus", "count": 1}),
    )
    .await;
    let outcome = look(&connector(), &page(&sim, "US", "linked-kettle")).await;
    assert!(observed(&outcome).len() > 100);
}
