//! Against market-sim, which speaks the real wire format.

use connectors::{Connector, Hits, MonitorKind, Outcome, Search, Work};
use market_sim::Sim;
use serde_json::json;

use super::{SOURCE, build, secret, settings};
use crate::support::{Recorder, catalogue, control, crawl, egress, sim, target};
use connectors::amazon::{Amazon, Settings};

fn amazon(sim: &Sim, actor: &str) -> Amazon {
    amazon_with(sim, |settings| settings.actor = actor.to_owned())
}

fn amazon_with(sim: &Sim, change: impl FnOnce(&mut Settings)) -> Amazon {
    let mut settings = settings();
    settings.base_url = sim.source_url(market_sim::Source::Amazon);
    settings.token = secret(market_sim::APIFY_TOKEN);
    change(&mut settings);
    build(&settings)
}

#[tokio::test]
async fn the_whole_catalogue_is_read() {
    let sim = sim().await;
    for actor in [market_sim::JUNGLEE_ACTOR, market_sim::AXESSO_ACTOR] {
        let targets = catalogue(&sim, SOURCE);
        assert!(targets.len() >= 20);
        let recorder = crawl(&amazon(&sim, actor), &targets).await;
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
    let asin = target(SOURCE, "JP", "B0SETBYCTL");
    let set = json!({"source": "amazon", "marketplace": "JP", "external_id": "B0SETBYCTL",
        "price": "2255", "stock": 3, "rank": 12, "rating": 4.5, "reviews": 77});
    control(&sim, "set", set).await;
    for actor in [market_sim::JUNGLEE_ACTOR, market_sim::AXESSO_ACTOR] {
        let recorder = crawl(&amazon(&sim, actor), std::slice::from_ref(&asin)).await;
        let outcomes = recorder.outcomes.lock().expect("not poisoned");
        let Outcome::Observed(seen) = &outcomes[0].1 else {
            panic!("{actor}: {outcomes:?}")
        };
        let values = &seen[0].values;
        assert_eq!(
            (values.price, values.currency.as_deref()),
            (Some(2255), Some("JPY")),
            "{actor}"
        );
        assert_eq!(
            (values.rank(), values.stock_quantity),
            (Some(12), Some(3)),
            "{actor}"
        );
        assert_eq!(
            (values.rating_hundredths, values.review_count),
            (Some(450), Some(77)),
            "{actor}"
        );
    }
    let gone =
        json!({"source": "amazon", "marketplace": "JP", "external_id": "B0SETBYCTL", "gone": true});
    control(&sim, "set", gone).await;
    let recorder = crawl(&amazon(&sim, market_sim::JUNGLEE_ACTOR), &[asin]).await;
    assert_eq!(recorder.words(1), ["not_found"]);
}

#[tokio::test]
async fn faults_end_as_outcomes() {
    let sim = sim().await;
    let all = catalogue(&sim, SOURCE);
    let connector = amazon(&sim, market_sim::JUNGLEE_ACTOR);
    for (kind, word) in [
        ("run_failed", "failed"),
        ("run_timed_out", "timeout"),
        ("run_aborted", "failed"),
    ] {
        control(
            &sim,
            "fault",
            json!({"source": "amazon", "kind": kind, "count": 1}),
        )
        .await;
        let words = crawl(&connector, &all).await.words(all.len());
        assert!(
            words.contains(&"ok") && words.contains(&word),
            "{kind}: {words:?}"
        );
    }
    for (kind, word) in [("429", "ok"), ("402", "blocked")] {
        control(
            &sim,
            "fault",
            json!({"source": "amazon", "kind": kind, "count": 1}),
        )
        .await;
        assert_eq!(
            crawl(&connector, &all[..1]).await.words(1),
            [word],
            "{kind}"
        );
    }
}

fn search(kind: MonitorKind, term: &str, marketplace: &str) -> Search {
    Search {
        kind,
        term: term.into(),
        category: None,
        marketplace: marketplace.into(),
        limit: 50,
    }
}

#[tokio::test]
async fn the_shipped_preset_finds_what_the_market_lists() {
    let sim = sim().await;
    for actor in [market_sim::AXESSO_SEARCH_ACTOR, market_sim::JUNGLEE_ACTOR] {
        let connector = amazon_with(&sim, |settings| settings.search_actor = actor.into());
        for preset in connector.about().presets {
            let recorder = Recorder::default();
            let wanted = search(preset.kind, preset.term, preset.marketplace);
            let hits = connector.search(&wanted, Work::URGENT, &recorder).await;
            let hits = hits.expect("hits");
            assert!(hits.found.len() >= 3, "{actor}: {}", preset.name);
            let places: Vec<String> = hits
                .found
                .iter()
                .filter_map(|hit| Some(hit.content.as_ref()?.attributes.get("position")?.clone()))
                .collect();
            let order: Vec<String> = (1..=hits.found.len()).map(|n| n.to_string()).collect();
            assert_eq!(places, order, "{actor}");
            assert_eq!(recorder.costs.lock().expect("not poisoned").len(), 1);
        }
    }
}

#[tokio::test]
async fn categories_are_found_by_name_address_and_number() {
    let sim = sim().await;
    let by_actor = |actor: &str| {
        let actor = actor.to_owned();
        amazon_with(&sim, move |settings| settings.bestseller_actor = actor)
    };
    for actor in [
        "junglee~amazon-bestsellers",
        "crawlerbros~amazon-bestseller-scraper",
    ] {
        let connector = by_actor(actor);
        let mut found = Vec::new();
        for term in [
            "Home & Kitchen",
            "https://www.amazon.com/gp/bestsellers/kitchen",
            "https://www.amazon.com/s?k=coffee",
            "electric kettle",
        ] {
            let wanted = search(MonitorKind::Category, term, "US");
            let hits = connector
                .search(&wanted, Work::URGENT, &Recorder::default())
                .await
                .expect(term);
            assert!(!hits.found.is_empty(), "{term}");
            found.push(hits.found);
        }
        let ids = |place: usize| -> Vec<_> {
            found[place]
                .iter()
                .map(|hit| hit.listing.external_id.clone())
                .collect()
        };
        assert_eq!(ids(0), ids(1));
    }
    let connector = by_actor("junglee~amazon-bestsellers");
    let hits = connector
        .search(
            &search(MonitorKind::Keyword, "nothing of the kind", "US"),
            Work::URGENT,
            &Recorder::default(),
        )
        .await;
    assert_eq!(hits, Ok(Hits::default()));
}

/// How many runs the market has billed.
async fn billed(sim: &Sim) -> usize {
    let url = format!(
        "{}/v2/actor-runs?limit=1000",
        sim.source_url(market_sim::Source::Amazon)
    );
    let request = egress::Request::get(url.parse().expect("a URL")).bearer(market_sim::APIFY_TOKEN);
    let answer = egress().send(request).await.expect("an answer");
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    answer["data"]["items"].as_array().expect("runs").len()
}

#[tokio::test]
async fn a_reply_that_is_lost_on_the_way_is_not_paid_for_twice() {
    let sim = sim().await;
    let all = catalogue(&sim, SOURCE);
    let connector = amazon(&sim, market_sim::JUNGLEE_ACTOR);
    for (kind, runs) in [("reset", 1), ("malformed", 2), ("500", 3)] {
        // Other products each time: a run for the same ones of a moment ago would do.
        let targets = &all[runs..runs + 2];
        let order = json!({"source": "amazon", "kind": kind, "count": 1});
        control(&sim, "fault", order).await;
        let words = crawl(&connector, targets).await.words(2);
        assert_eq!(words, ["ok", "ok"], "{kind}");
        assert_eq!(billed(&sim).await, runs, "{kind}");
    }
}

#[tokio::test]
async fn a_run_that_hangs_is_ended() {
    let sim = sim().await;
    let all = catalogue(&sim, SOURCE);
    let connector = amazon_with(&sim, |settings| settings.run_limit_seconds = 1);
    let order = json!({"source": "amazon", "kind": "run_hangs", "count": 1});
    control(&sim, "fault", order).await;
    assert_eq!(crawl(&connector, &all[..1]).await.words(1), ["timeout"]);
}
