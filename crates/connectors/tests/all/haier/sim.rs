//! Against market-sim, which speaks the wire format.

use std::time::Duration;

use connectors::haier::Haier;
use connectors::{Connector, MonitorKind, Outcome, Search, Target};
use domain::availability::Availability;
use domain::observation::Offer;
use market_sim::{HAIER_COUNTY, Sim, SimOptions, Source};
use serde_json::{Value, json};

use super::{code, crawl, credential, work};
use crate::support::{Recorder, control, egress, observed, sim};

fn connector(sim: &Sim) -> Haier {
    super::connector(&sim.source_url(Source::Haier))
}

fn catalogue(sim: &Sim) -> Vec<Target> {
    sim.market()
        .catalogue()
        .iter()
        .filter(|listing| listing.key.source == Source::Haier)
        .map(|listing| code(&listing.key.external_id))
        .collect()
}

async fn set(sim: &Sim, id: &str, mut what: Value) {
    what["source"] = json!("haier");
    what["marketplace"] = json!("CN");
    what["external_id"] = json!(id);
    control(sim, "set", what).await;
}

async fn fault(sim: &Sim, kind: &str, count: usize) {
    let order = json!({"source": "haier", "kind": kind, "count": count});
    control(sim, "fault", order).await;
}

/// The paths that the platform was asked.
async fn asked(sim: &Sim, path: &str) -> usize {
    let url = format!("{}/_control/requests?source=haier", sim.base_url());
    let request = egress::Request::get(url.parse().expect("a URL"));
    let answer = egress().send(request).await.expect("an answer");
    let log: Vec<Value> = serde_json::from_slice(&answer.body).expect("JSON");
    log.iter()
        .filter(|entry| {
            entry["path"]
                .as_str()
                .is_some_and(|told| told.ends_with(path))
        })
        .count()
}

#[tokio::test]
async fn the_whole_catalogue_is_read_with_its_stock() {
    let sim = sim().await;
    let targets = catalogue(&sim);
    assert!(targets.len() >= 15);
    let county = credential(&[("county_code", HAIER_COUNTY)]);
    let recorder = crawl(&connector(&sim), &county, &targets).await;
    let words = recorder.words(targets.len());
    assert!(words.iter().all(|word| *word == "ok"), "{words:?}");
    let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
    let mut offered = 0;
    for (_, outcome) in outcomes.iter() {
        let seen = &observed(outcome)[0];
        let content = seen.content.as_ref().expect("content");
        assert!(
            content.title.is_some() && content.brand.is_some(),
            "{content:?}"
        );
        assert!(content.category.is_some() && !content.images.is_empty());
        assert_eq!(content.attributes["stock_county"], HAIER_COUNTY);
        assert!(content.attributes.contains_key("warehouses"));
        let stock = seen.values.stock_quantity.expect("counted");
        match seen.values.offer {
            Offer::Offered => {
                offered += 1;
                assert_eq!(seen.values.currency.as_deref(), Some("CNY"));
                assert!(seen.values.list_price > seen.values.price);
                assert_eq!(seen.values.in_stock, Some(stock > 0));
                assert!(content.attributes.contains_key("supply_price"));
            }
            Offer::None => assert_eq!(content.attributes["sales_status"], "off_sale"),
            Offer::NotCollected => panic!("{seen:?}"),
        }
    }
    assert!(offered >= 10, "{offered}");
    assert_eq!(asked(&sim, "/oauth2/auth").await, 1);
}

#[tokio::test]
async fn what_is_set_is_what_is_seen() {
    let sim = sim().await;
    let (connector, county) = (
        connector(&sim),
        credential(&[("county_code", HAIER_COUNTY)]),
    );
    let target = [code("SETTEST01")];
    let look = async || {
        let recorder = crawl(&connector, &county, &target).await;
        recorder
            .outcomes
            .into_inner()
            .expect("not poisoned")
            .remove(0)
            .1
    };
    assert_eq!(look().await, Outcome::NotFound);
    set(&sim, "SETTEST01", json!({"price": "888.80", "stock": 4})).await;
    let outcome = look().await;
    let values = &observed(&outcome)[0].values;
    assert_eq!(
        (values.price, values.stock_quantity),
        (Some(88_880), Some(4))
    );
    assert_eq!(values.availability, Availability::InStock);
    set(&sim, "SETTEST01", json!({"stock": 0})).await;
    let outcome = look().await;
    let values = &observed(&outcome)[0].values;
    assert_eq!((values.price, values.in_stock), (Some(88_880), Some(false)));
    set(&sim, "SETTEST01", json!({"available": false})).await;
    let outcome = look().await;
    let seen = &observed(&outcome)[0];
    assert_eq!((seen.values.offer, seen.values.price), (Offer::None, None));
    let content = seen.content.as_ref().expect("content");
    assert_eq!(
        content.attributes["sales_reason"],
        "产品未投放, 商品暂不可采"
    );
    set(&sim, "SETTEST01", json!({"gone": true})).await;
    assert_eq!(look().await, Outcome::NotFound);
}

#[tokio::test]
async fn tokens_that_end_are_replaced() {
    let sim = Sim::start(SimOptions {
        haier_token_life: Duration::from_secs(900),
        ..SimOptions::default()
    })
    .await
    .expect("a market");
    let (connector, credential) = (connector(&sim), credential(&[]));
    let targets = [code("LC0A11C01")];
    let look = async || crawl(&connector, &credential, &targets).await.words(1);
    assert_eq!(look().await, ["ok"]);
    assert_eq!(look().await, ["ok"]);
    assert_eq!(asked(&sim, "/oauth2/auth").await, 1);
    // The platform forgets the token in between: both calls of the next look share one new login.
    fault(&sim, "expired_token", 1).await;
    assert_eq!(look().await, ["ok"]);
    assert_eq!(asked(&sim, "/oauth2/auth").await, 2);
    // The platform's clock runs ahead of ours.
    control(&sim, "clock", json!({"offset_seconds": 901})).await;
    assert_eq!(look().await, ["ok"]);
    assert_eq!(asked(&sim, "/oauth2/auth").await, 3);
}

#[tokio::test]
async fn faults_end_as_outcomes_and_never_as_prices() {
    let sim = sim().await;
    let targets = [code("LC0A11C01")];
    set(&sim, "LC0A11C01", json!({"price": "1860", "stock": 5})).await;
    // More than any call is repeated, so that both calls and the login meet them.
    for (kind, word) in [
        ("429", "rate_limited"),
        ("403", "blocked"),
        ("401", "blocked"),
        ("500", "failed"),
        ("malformed", "malformed"),
        ("truncated", "network"),
        ("html", "malformed"),
        ("error_body", "failed"),
        ("reset", "network"),
    ] {
        fault(&sim, kind, 60).await;
        let recorder = crawl(&connector(&sim), &credential(&[]), &targets).await;
        assert_eq!(recorder.words(1), [word], "{kind}: {:?}", recorder.outcomes);
        fault(&sim, kind, 0).await;
    }
    for (kind, word, offer) in [
        ("zero_price", "ok", Some(Offer::NotCollected)),
        ("word_price", "malformed", None),
        ("duplicate_rows", "ok", Some(Offer::Offered)),
    ] {
        fault(&sim, kind, 1).await;
        let recorder = crawl(&connector(&sim), &credential(&[]), &targets).await;
        assert_eq!(recorder.words(1), [word], "{kind}");
        if let Some(offer) = offer {
            let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
            let values = &observed(&outcomes[0].1)[0].values;
            assert_eq!(values.offer, offer, "{kind}");
            assert_eq!(values.price.is_some(), offer == Offer::Offered, "{kind}");
        }
    }
    let recorder = crawl(&connector(&sim), &credential(&[]), &targets).await;
    assert_eq!(recorder.words(1), ["ok"]);
}

#[tokio::test]
async fn a_credential_works_or_says_why_not() {
    let sim = sim().await;
    let connector = connector(&sim);
    let works = connector.check(&credential(&[])).await;
    assert_eq!(works.expect("works"), "青岛海沧家电商行");
    for (field, word) in [
        ("client_secret", "client id or secret"),
        ("password", "密码"),
        ("customer_code", "密码"),
    ] {
        let wrong = credential(&[(field, "wrong-wrong")]);
        let outcome = connector.check(&wrong).await.expect_err(field);
        assert_eq!(outcome.as_str(), "blocked", "{field}");
        assert!(outcome.reason().contains(word), "{field}: {outcome:?}");
    }
}

#[tokio::test]
async fn the_list_is_searched() {
    let sim = sim().await;
    let (connector, credential) = (connector(&sim), credential(&[]));
    let recorder = Recorder::default();
    let search = async |kind, term: &str, category: Option<&str>, limit| {
        let search = Search {
            kind,
            term: term.to_owned(),
            category: category.map(str::to_owned),
            marketplace: "CN".to_owned(),
            limit,
        };
        connector
            .search(&search, work(&credential), &recorder)
            .await
    };
    let fridges = search(MonitorKind::Category, "冰箱", None, 3)
        .await
        .expect("hits");
    assert_eq!(fridges.found.len(), 3);
    assert!(fridges.more && fridges.total >= Some(4), "{fridges:?}");
    for hit in &fridges.found {
        let content = hit.content.as_ref().expect("content");
        assert_eq!(content.category.as_deref(), Some("冰箱"));
        assert_eq!(hit.values.offer, Offer::NotCollected);
    }
    let brand = search(MonitorKind::Brand, "暖象", None, 50)
        .await
        .expect("hits");
    assert!(!brand.found.is_empty() && !brand.more);
    let words = search(MonitorKind::Keyword, "滚筒 xqg100", None, 50)
        .await
        .expect("hits");
    assert_eq!(words.found[0].listing.external_id, "LC0B31C01");
    assert_eq!(words.found.len(), 1);
    let narrowed = search(MonitorKind::Keyword, "澜川", Some("洗衣机"), 50)
        .await
        .expect("hits");
    assert_eq!(narrowed.found.len(), 2);
    let none = search(MonitorKind::Keyword, "nothing like it", None, 50)
        .await
        .expect("an answer");
    assert_eq!(
        (none.found.len(), none.total, none.more),
        (0, Some(0), false)
    );
    let outcome = search(MonitorKind::Series, "x", None, 5)
        .await
        .expect_err("no such search");
    assert!(!outcome.retryable());
    // Broken is not empty.
    fault(&sim, "html", 1).await;
    let outcome = search(MonitorKind::Category, "冰箱", None, 3)
        .await
        .expect_err("a page");
    assert_eq!(outcome.as_str(), "malformed");
}
