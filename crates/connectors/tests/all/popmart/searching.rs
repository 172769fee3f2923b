//! Searches, in every generation, against market-sim and against shops that misbehave.

use connectors::popmart::{Generation, Numbers, Popmart};
use connectors::{Connector, Hits, MonitorKind, Outcome, Work};
use market_sim::Sim;
use serde_json::json;

use super::sim::configured;
use super::{SOURCE, fake};
use crate::support::{Recorder, crawl, sim, target};

fn popmart(sim: &Sim, generation: Generation) -> Popmart {
    let mut settings = configured(sim);
    settings.generation = generation;
    settings.rpc_catalogue = "330".to_owned();
    super::with(&settings)
}

async fn find(shop: &Popmart, kind: MonitorKind, term: &str) -> Result<Hits, Outcome> {
    fake::run(shop, &fake::search(kind, term, "US")).await
}

const ALL: [Generation; 3] = [Generation::Rest, Generation::Cdn, Generation::Rpc];

#[tokio::test]
async fn every_generation_finds_the_same_by_every_kind() {
    let sim = sim().await;
    for generation in ALL {
        let shop = popmart(&sim, generation);
        for (kind, term, hits) in [
            (MonitorKind::Keyword, "moonlet", 4),
            (MonitorKind::Series, "41", 4),
            (MonitorKind::NewArrivals, "", 6),
        ] {
            if (generation, kind) == (Generation::Cdn, MonitorKind::Keyword) {
                continue;
            }
            let found = find(&shop, kind, term).await.expect("found");
            let told: Vec<_> = found
                .found
                .iter()
                .map(|seen| seen.listing.external_id.as_str())
                .collect();
            assert_eq!(told.len(), hits, "{generation:?} {kind:?}: {told:?}");
            assert!(!found.more);
            for seen in &found.found {
                assert_eq!(seen.listing.marketplace, "US");
                assert_eq!(seen.values.currency.as_deref(), Some("USD"));
                assert!(seen.values.price > Some(0), "{seen:?}");
                let content = seen.content.as_ref().expect("content");
                assert!(content.title.is_some() && !content.images.is_empty());
                assert!(
                    content.flags.new || kind != MonitorKind::NewArrivals,
                    "{seen:?}"
                );
            }
        }
        let limited = find(&shop, MonitorKind::LimitedEditions, "")
            .await
            .expect("found");
        for seen in &limited.found {
            assert!(seen.content.as_ref().expect("content").flags.limited);
        }
    }
}

#[tokio::test]
async fn lists_are_read_to_their_end_or_to_the_limit() {
    let sim = sim().await;
    for generation in ALL {
        let shop = popmart(&sim, generation);
        // 22 products: two pages of twenty rows.
        let all = find(&shop, MonitorKind::Series, "330")
            .await
            .expect("found");
        assert_eq!(
            (all.found.len(), all.total, all.more),
            (22, Some(22), false)
        );
        let mut few = fake::search(MonitorKind::Series, "330", "US");
        few.limit = 5;
        let few = fake::run(&shop, &few).await.expect("found");
        assert_eq!((few.found.len(), few.more), (5, true));
    }
    let rpc = popmart(&sim, Generation::Rpc);
    let brand = find(&rpc, MonitorKind::Brand, "moonlet")
        .await
        .expect("found");
    assert_eq!(brand.found.len(), 4);
    let nobody = find(&rpc, MonitorKind::Keyword, "zzzz")
        .await
        .expect("an answer");
    assert_eq!(
        nobody,
        Hits {
            total: Some(0),
            ..Hits::default()
        }
    );
}

#[tokio::test]
async fn what_is_found_can_be_crawled() {
    let sim = sim().await;
    for (generation, numbers) in [
        (Generation::Rest, Numbers::Rest),
        (Generation::Cdn, Numbers::Cdn),
        (Generation::Rpc, Numbers::None),
    ] {
        let mut settings = configured(&sim);
        (settings.generation, settings.numbers) = (generation, numbers);
        settings.cdn_collections = vec!["331".to_owned(), "330".to_owned()];
        let shop = super::with(&settings);
        let found = find(&shop, MonitorKind::Series, "41")
            .await
            .expect("found")
            .found;
        let mut targets: Vec<_> = found
            .iter()
            .map(|seen| target(SOURCE, "US", &seen.listing.external_id))
            .collect();
        let recorder = crawl(&shop, &targets).await;
        assert_eq!(recorder.words(targets.len()), ["ok"; 4], "{generation:?}");
        let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
        for (place, outcome) in &outcomes {
            let seen = observed_now(outcome);
            assert_eq!(seen[0].listing, targets[*place].listing);
            assert!(seen.len() > 1 && seen[1].values.price.is_some(), "{seen:?}");
        }
        // A SKU is crawled by its product, asked for once with it.
        let sku = observed_now(&outcomes[0].1)[1].clone();
        targets.truncate(0);
        targets.push(target(
            SOURCE,
            "US",
            sku.parent_external_id.as_deref().expect("a parent"),
        ));
        targets.push(target(SOURCE, "US", &sku.listing.external_id));
        let recorder = crawl(&shop, &targets).await;
        assert_eq!(recorder.words(2), ["ok", "ok"]);
        let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
        let (_, again) = outcomes
            .iter()
            .find(|(place, _)| *place == 1)
            .expect("told");
        assert_eq!(observed_now(again)[0].listing, sku.listing);
    }
}

fn observed_now(outcome: &Outcome) -> &[domain::observation::Observation] {
    let Outcome::Observed(seen) = outcome else {
        panic!("not observed: {outcome:?}")
    };
    seen
}

#[tokio::test]
async fn an_ids_form_decides_who_is_asked() {
    let sim = sim().await;
    let mut settings = configured(&sim);
    settings.numbers = Numbers::None;
    let shop = super::with(&settings);
    let recorder = crawl(&shop, &[target(SOURCE, "US", "4112")]).await;
    assert_eq!(recorder.words(1), ["failed"]);
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    assert!(outcomes[0].1.reason().contains("sources.popmart.numbers"));
    assert!(!outcomes[0].1.retryable());
}

#[tokio::test]
async fn a_list_that_says_one_thing_and_holds_another_is_malformed() {
    let row = json!({
        "id": "0c0ffee0-0000-4000-8000-0000000000a1", "name": "Fox", "type": "normal",
        "channel": "shop", "price": 1500, "tags": [], "areaCodes": ["US"],
    });
    let empty = json!({ "json": { "total": 40, "items": [] } });
    let endless = json!({ "json": { "total": 1_000_000, "items": [row.clone(), row.clone()] } });
    let mut broken = row.clone();
    broken["price"] = json!("15.00");
    let unreadable = json!({ "json": { "total": 1, "items": [broken.clone()] } });
    let html = json!("<html>");
    for (what, answer) in [
        ("empty", empty),
        ("endless", endless),
        ("unreadable", unreadable),
        ("html", html),
    ] {
        let (shop, asked) = fake::shop(answer).await;
        let outcome = find(&shop, MonitorKind::Keyword, "fox").await;
        assert_eq!(outcome.expect_err(what).as_str(), "malformed", "{what}");
        assert!(asked.lock().expect("not poisoned").len() <= 3, "{what}");
    }
    // Each once; one broken row costs no other, and another area's row is none of ours.
    let mut foreign = row.clone();
    foreign["areaCodes"] = json!(["FR"]);
    foreign["id"] = json!("0c0ffee0-0000-4000-8000-0000000000a2");
    broken["id"] = json!("0c0ffee0-0000-4000-8000-0000000000a3");
    let page = json!({ "json": { "total": 4, "items": [row, row, foreign, broken] } });
    let (shop, _) = fake::shop(page).await;
    let found = find(&shop, MonitorKind::Keyword, "fox")
        .await
        .expect("found");
    assert_eq!(found.found.len(), 1);
}

#[tokio::test]
async fn unknown_regions_and_kinds_are_refused_with_the_reason() {
    let sim = sim().await;
    let shop = popmart(&sim, Generation::Rest);
    let nowhere = fake::search(MonitorKind::Keyword, "fox", "CN");
    let outcome = shop
        .search(&nowhere, Work::URGENT, &Recorder::default())
        .await
        .expect_err("no shop");
    assert!(outcome.reason().contains("CN"), "{outcome:?}");
    let unknown = find(&shop, MonitorKind::Series, "777").await;
    assert_eq!(unknown.expect_err("no collection"), Outcome::NotFound);
}
