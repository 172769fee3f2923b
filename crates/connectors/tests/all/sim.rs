//! Both connectors against market-sim, which speaks the real wire formats.

use connectors::amazon::Amazon;
use connectors::popmart::Popmart;
use connectors::{Connector, Outcome, Target};
use domain::source::Source;
use market_sim::{Sim, SimOptions};
use serde_json::json;

use crate::support::{Recorder, egress, job, sources, target};

async fn sim() -> Sim {
    let options = SimOptions {
        port: 0,
        seed: 1,
        ..SimOptions::default()
    };
    Sim::start(options).await.expect("a market")
}

fn secret(text: &str) -> config::Secret {
    serde_json::from_value(json!(text)).expect("a secret")
}

fn amazon(sim: &Sim, actor: &str) -> Amazon {
    let mut settings = sources().amazon;
    settings.base_url = sim.source_url(market_sim::Source::Amazon);
    settings.token = secret(market_sim::APIFY_TOKEN);
    settings.actor = actor.to_owned();
    Amazon::new(&settings, egress())
}

fn popmart(sim: &Sim) -> Popmart {
    let mut settings = sources().popmart;
    settings.base_url = sim.source_url(market_sim::Source::Popmart);
    settings.client_key = secret(market_sim::POPMART_CLIENT_KEY);
    settings.sign_salt = secret(market_sim::POPMART_SIGN_SALT);
    (settings.jitter_min_ms, settings.jitter_max_ms) = (1, 2);
    Popmart::new(&settings, egress())
}

/// Everything the market lists of one source.
fn catalogue(sim: &Sim, source: Source) -> Vec<Target> {
    sim.market()
        .catalogue()
        .iter()
        .filter_map(|listing| domain::listing_url::parse(&listing.key.url()).ok())
        .filter(|listing| listing.source == source)
        .map(|listing| Target { listing })
        .collect()
}

async fn crawl(connector: &dyn Connector, targets: &[Target]) -> Recorder {
    let recorder = Recorder::default();
    connector
        .crawl(job(targets, None), &recorder)
        .await
        .expect("the lease lives");
    recorder
}

async fn control(sim: &Sim, what: &str, body: serde_json::Value) {
    let url = format!("{}/_control/{what}", sim.base_url())
        .parse()
        .expect("a URL");
    let request = egress::Request::post_json(url, &body).expect("JSON");
    let answer = egress().send(request).await.expect("an answer");
    assert!(
        answer.is_success(),
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
}

#[tokio::test]
async fn the_whole_catalogue_is_read() {
    let sim = sim().await;
    let connectors: [(Box<dyn Connector>, usize); 3] = [
        (Box::new(amazon(&sim, market_sim::JUNGLEE_ACTOR)), 20),
        (Box::new(amazon(&sim, market_sim::AXESSO_ACTOR)), 20),
        (Box::new(popmart(&sim)), 20),
    ];
    for (connector, least) in connectors {
        let targets = catalogue(&sim, connector.source());
        assert!(targets.len() >= least, "{}", connector.source());
        let recorder = crawl(&*connector, &targets).await;
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
    let asin = target(Source::Amazon, "JP", "B0SETBYCTL");
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

    let spu = target(Source::Popmart, "US", "99001");
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
    let targets = [target(Source::Popmart, "US", "4112")];
    for (kind, word) in [
        ("429", "rate_limited"),
        ("403", "blocked"),
        ("500", "failed"),
        ("malformed", "malformed"),
        ("reset", "network"),
    ] {
        control(
            &sim,
            "fault",
            json!({"source": "popmart", "kind": kind, "count": 1}),
        )
        .await;
        assert_eq!(
            crawl(&popmart(&sim), &targets).await.words(1),
            [word],
            "{kind}"
        );
    }
    assert_eq!(crawl(&popmart(&sim), &targets).await.words(1), ["ok"]);

    let all = catalogue(&sim, Source::Amazon);
    let connector = amazon(&sim, market_sim::JUNGLEE_ACTOR);
    for (kind, word) in [("run_failed", "failed"), ("run_timed_out", "timeout")] {
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
