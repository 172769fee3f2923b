//! Against market-sim, which speaks the real wire format.

use connectors::Outcome;
use market_sim::Sim;
use serde_json::json;

use super::{SOURCE, build, secret, settings};
use crate::support::{catalogue, control, crawl, sim, target};
use connectors::amazon::Amazon;

fn amazon(sim: &Sim, actor: &str) -> Amazon {
    let mut settings = settings();
    settings.base_url = sim.source_url(market_sim::Source::Amazon);
    settings.token = secret(market_sim::APIFY_TOKEN);
    settings.actor = actor.to_owned();
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
