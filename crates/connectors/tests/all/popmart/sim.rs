//! Against market-sim, which speaks the real wire format.

use connectors::Outcome;
use market_sim::Sim;
use serde_json::json;

use super::{Popmart, SOURCE, Settings, settings};
use crate::support::{catalogue, control, crawl, sim, target};

fn secret(text: &str) -> config::Secret {
    serde_json::from_value(json!(text)).expect("a secret")
}

/// Everything the simulated shop needs.
pub fn configured(sim: &Sim) -> Settings {
    let mut settings = settings();
    let url = sim.source_url(market_sim::Source::Popmart);
    (settings.base_url, settings.rpc_url, settings.cdn_url) = (url.clone(), url.clone(), url);
    settings.client_key = secret(market_sim::POPMART_CLIENT_KEY);
    settings.sign_salt = secret(market_sim::POPMART_SIGN_SALT);
    settings
}

fn popmart(sim: &Sim) -> Popmart {
    super::with(&configured(sim))
}

#[tokio::test]
async fn the_whole_catalogue_is_read() {
    let sim = sim().await;
    {
        let targets = catalogue(&sim, SOURCE);
        assert!(targets.len() >= 20);
        let recorder = crawl(&popmart(&sim), &targets).await;
        let words = recorder.words(targets.len());
        let outcomes = recorder.outcomes.lock().expect("not poisoned");
        assert!(words.iter().all(|word| *word == "ok"), "{words:?}");
        for (_, outcome) in outcomes.iter() {
            let Outcome::Observed(seen) = outcome else {
                panic!("{outcome:?}")
            };
            let content = seen[0].content.as_ref().expect("content");
            assert!(
                content.title.is_some() && !content.images.is_empty(),
                "{content:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_set_is_what_is_seen() {
    let sim = sim().await;
    let spu = target(SOURCE, "US", "99001");
    assert_eq!(
        crawl(&popmart(&sim), std::slice::from_ref(&spu))
            .await
            .words(1),
        ["not_found"]
    );
    let set = json!({"source": "popmart", "marketplace": "US", "external_id": "99001", "price": "12.50", "stock": 4});
    control(&sim, "set", set).await;
    let recorder = crawl(&popmart(&sim), &[spu]).await;
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let values = &observed_now(&outcomes[0].1).values;
    assert_eq!((values.price, values.stock_quantity), (Some(1250), Some(4)));
}

fn observed_now(outcome: &Outcome) -> &domain::observation::Observation {
    let Outcome::Observed(seen) = outcome else {
        panic!("not observed: {outcome:?}")
    };
    &seen[0]
}

#[tokio::test]
async fn faults_end_as_outcomes() {
    let sim = sim().await;
    let targets = [target(SOURCE, "US", "4112")];
    for (kind, word) in [
        ("429", "rate_limited"),
        ("403", "blocked"),
        ("500", "failed"),
        ("malformed", "malformed"),
        ("reset", "network"),
    ] {
        // More than a call is tried, and a longer pause than it waits out.
        let fault = json!({"source": "popmart", "kind": kind, "count": 9, "retry_after": 600});
        control(&sim, "fault", fault).await;
        let recorder = crawl(&popmart(&sim), &targets).await;
        assert_eq!(recorder.words(1), [word], "{kind}");
        let over = json!({"source": "popmart", "kind": kind, "count": 0});
        control(&sim, "fault", over).await;
    }
    assert_eq!(crawl(&popmart(&sim), &targets).await.words(1), ["ok"]);
}

#[tokio::test]
async fn nonsense_ends_as_a_named_outcome() {
    let sim = sim().await;
    let targets = [target(SOURCE, "US", "4112")];
    for (kind, word) in [
        ("zero_price", "malformed"),
        ("word_price", "malformed"),
        ("html", "malformed"),
        ("error_body", "failed"),
        ("471", "blocked"),
        ("432", "failed"),
        // The country's own currency, each SKU once, and no more SKUs than are listed.
        ("no_currency", "ok"),
        ("duplicate_rows", "ok"),
        ("many_skus", "ok"),
    ] {
        let order = json!({"source": "popmart", "kind": kind, "count": 20});
        control(&sim, "fault", order.clone()).await;
        let told = crawl(&popmart(&sim), &targets).await;
        assert_eq!(told.words(1), [word], "{kind}");
        let mut none = order;
        none["count"] = json!(0);
        control(&sim, "fault", none).await;
    }
    assert_eq!(crawl(&popmart(&sim), &targets).await.words(1), ["ok"]);
}

#[tokio::test]
async fn lists_of_nonsense_end_as_a_named_outcome() {
    use connectors::MonitorKind::Series;
    use connectors::popmart::Generation;

    let sim = sim().await;
    for generation in [Generation::Rest, Generation::Cdn, Generation::Rpc] {
        let mut settings = configured(&sim);
        settings.generation = generation;
        let search = super::fake::search(Series, "330", "US");
        for kind in ["empty_list", "endless_pages", "zero_price"] {
            let order = json!({"source": "popmart", "kind": kind, "count": 20});
            control(&sim, "fault", order.clone()).await;
            let told = super::fake::run(&super::with(&settings), &search).await;
            let word = told.as_ref().err().map_or("ok", Outcome::as_str);
            assert_eq!(word, "malformed", "{generation:?} {kind}");
            let mut none = order;
            none["count"] = json!(0);
            control(&sim, "fault", none).await;
        }
        control(
            &sim,
            "fault",
            json!({"source": "popmart", "kind": "duplicate_rows", "count": 1}),
        )
        .await;
        let told = super::fake::run(&super::with(&settings), &search).await;
        let found = told.expect("found").found;
        let ids: std::collections::HashSet<_> = found.iter().map(|seen| &seen.listing).collect();
        assert_eq!(ids.len(), found.len(), "{generation:?}");
    }
}
