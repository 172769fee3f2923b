//! Against market-sim, which speaks the real wire format.

use connectors::alibaba1688::{Alibaba1688, SOURCE};
use connectors::{Connector, Credential, Hits, Job, MonitorKind, Outcome, Search, Target, Work};
use market_sim::Sim;
use serde_json::{Value, json};

use super::gateway;
use crate::support::{Recorder, catalogue, control, egress, sim, target};

const HEADPHONES: &str = "620500700201";

fn credential(secret: &str, refresh: &str) -> Credential {
    let fields = [
        ("app_key", market_sim::ALIBABA1688_APP_KEY),
        ("app_secret", secret),
        ("refresh_token", refresh),
    ];
    Credential::new(fields.map(|(name, text)| (name.to_owned(), text.to_owned())))
}

fn right() -> Credential {
    credential(
        market_sim::ALIBABA1688_APP_SECRET,
        market_sim::ALIBABA1688_REFRESH_TOKEN,
    )
}

fn connector(sim: &Sim) -> Alibaba1688 {
    gateway::connector(&sim.source_url(market_sim::Source::Alibaba1688))
}

async fn crawl(connector: &Alibaba1688, targets: &[Target], credential: &Credential) -> Recorder {
    let recorder = Recorder::default();
    let work = Work {
        credential: Some(credential),
        ..Work::URGENT
    };
    let job = Job { targets, work };
    let crawled = connector.crawl(job, &recorder).await;
    crawled.expect("the lease lives");
    recorder
}

async fn fault(sim: &Sim, kind: &str, count: usize) {
    let order = json!({"source": "alibaba1688", "kind": kind, "count": count});
    control(sim, "fault", order).await;
}

/// How many observations an outcome holds.
fn seen(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Observed(seen) => seen.len(),
        _ => 0,
    }
}

/// The paths asked, in order.
async fn asked(sim: &Sim) -> Vec<String> {
    let url = format!("{}/_control/requests?source=alibaba1688", sim.base_url());
    let request = egress::Request::get(url.parse().expect("a URL"));
    let answer = egress().send(request).await.expect("an answer");
    let log: Vec<Value> = serde_json::from_slice(&answer.body).expect("JSON");
    let path = |entry: &Value| entry["path"].as_str().unwrap_or_default().to_owned();
    log.iter().map(path).collect()
}

async fn tokens_asked(sim: &Sim) -> usize {
    let paths = asked(sim).await;
    paths
        .iter()
        .filter(|path| path.contains("getToken"))
        .count()
}

async fn search(
    connector: &Alibaba1688,
    kind: MonitorKind,
    term: &str,
    limit: usize,
) -> Result<Hits, Outcome> {
    let search = Search {
        kind,
        term: term.to_owned(),
        category: None,
        marketplace: "CN".to_owned(),
        limit,
    };
    let credential = right();
    let work = Work {
        credential: Some(&credential),
        ..Work::URGENT
    };
    connector.search(&search, work, &Recorder::default()).await
}

#[tokio::test]
async fn the_whole_catalogue_is_read_with_one_token() {
    let sim = sim().await;
    let targets = catalogue(&sim, SOURCE);
    assert!(targets.len() >= 15);
    let recorder = crawl(&connector(&sim), &targets, &right()).await;
    let words = recorder.words(targets.len());
    assert!(words.iter().all(|word| *word == "ok"), "{words:?}");
    for (_, outcome) in recorder.outcomes.lock().expect("not poisoned").iter() {
        let Outcome::Observed(seen) = outcome else {
            panic!("{outcome:?}")
        };
        let offer = &seen[0];
        assert!(offer.values.price.is_some(), "{offer:?}");
        assert_eq!(offer.values.currency.as_deref(), Some("CNY"));
        let content = offer.content.as_ref().expect("content");
        assert!(content.title.is_some() && content.images.len() == 3);
        for name in ["supplier", "ships_from", "price_ranges", "sold", "unit"] {
            assert!(content.attributes.contains_key(name), "{name}: {content:?}");
        }
        for child in &seen[1..] {
            assert!(child.values.price.is_some() && child.values.stock_quantity.is_some());
        }
    }
    assert_eq!(tokens_asked(&sim).await, 1);
}

#[tokio::test]
async fn an_offer_and_its_skus_are_asked_for_once() {
    let sim = sim().await;
    let offer = target(SOURCE, "CN", HEADPHONES);
    let connector = connector(&sim);
    let recorder = crawl(&connector, std::slice::from_ref(&offer), &right()).await;
    let sku = {
        let outcomes = recorder.outcomes.lock().expect("not poisoned");
        let Outcome::Observed(seen) = &outcomes[0].1 else {
            panic!("{outcomes:?}")
        };
        Target::new(seen[1].listing.clone())
    };
    let before = asked(&sim).await.len();
    let targets = [sku, offer];
    assert_eq!(
        crawl(&connector, &targets, &right()).await.words(2),
        ["ok", "ok"]
    );
    assert_eq!(asked(&sim).await.len(), before + 1);
}

#[tokio::test]
async fn what_is_set_is_what_is_seen() {
    let sim = sim().await;
    let offer = target(SOURCE, "CN", "699000000001");
    let connector = connector(&sim);
    let targets = std::slice::from_ref(&offer);
    assert_eq!(
        crawl(&connector, targets, &right()).await.words(1),
        ["not_found"]
    );
    let set = json!({"source": "alibaba1688", "marketplace": "CN", "external_id": "699000000001", "price": "12.50", "stock": 4});
    control(&sim, "set", set).await;
    let recorder = crawl(&connector, targets, &right()).await;
    let outcomes = recorder.outcomes.lock().expect("not poisoned");
    let Outcome::Observed(seen) = &outcomes[0].1 else {
        panic!("{outcomes:?}")
    };
    let values = &seen[0].values;
    assert_eq!((values.price, values.stock_quantity), (Some(1250), Some(4)));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let sim = sim().await;
    let targets = catalogue(&sim, SOURCE);
    let connector = connector(&sim);
    crawl(&connector, &targets[..1], &right()).await;
    fault(&sim, "expired_token", 1).await;
    let words = crawl(&connector, &targets, &right())
        .await
        .words(targets.len());
    assert!(words.iter().all(|word| *word == "ok"), "{words:?}");
    assert_eq!(tokens_asked(&sim).await, 2, "two at once wait for one");
}

#[tokio::test]
async fn a_wrong_credential_is_told_once_for_all_and_without_secrets() {
    let sim = sim().await;
    let targets = &catalogue(&sim, SOURCE)[..5];
    let connector = connector(&sim);
    let wrong_secret = credential(
        "not-the-secret-of-anybody",
        market_sim::ALIBABA1688_REFRESH_TOKEN,
    );
    let wrong_refresh = credential(
        market_sim::ALIBABA1688_APP_SECRET,
        "not-the-token-of-anybody",
    );
    for (credential, secret) in [
        (wrong_secret, "not-the-secret"),
        (wrong_refresh, "not-the-token"),
    ] {
        let recorder = crawl(&connector, targets, &credential).await;
        assert_eq!(recorder.words(5), ["blocked"; 5]);
        for (_, outcome) in recorder.outcomes.lock().expect("not poisoned").iter() {
            assert!(!outcome.reason().contains(secret), "{outcome:?}");
        }
        let refused = connector.check(&credential).await.expect_err("refused");
        assert!(
            refused.reason().contains("authorise the app"),
            "{refused:?}"
        );
        assert!(!refused.reason().contains(secret), "{refused:?}");
    }
    let paths = asked(&sim).await;
    assert!(
        paths.iter().all(|path| path.contains("getToken")),
        "{paths:?}"
    );
    let recorder = Recorder::default();
    let job = Job {
        targets,
        work: Work::URGENT,
    };
    connector
        .crawl(job, &recorder)
        .await
        .expect("the lease lives");
    assert_eq!(recorder.words(5), ["failed"; 5], "no credential at all");
}

#[tokio::test]
async fn a_good_credential_works_and_says_for_whom() {
    let sim = sim().await;
    let said = connector(&sim).check(&right()).await.expect("it works");
    assert!(said.starts_with("authorised by sim-buyer"), "{said}");
}

#[tokio::test]
async fn faults_end_as_outcomes() {
    let sim = sim().await;
    let targets = [target(SOURCE, "CN", HEADPHONES)];
    let first = crawl(&connector(&sim), &targets, &right()).await;
    assert_eq!(first.words(1), ["ok"]);
    for (kind, count, word) in [
        ("429", 9, "rate_limited"),
        ("403", 9, "blocked"),
        ("500", 9, "failed"),
        ("error_body", 9, "failed"),
        ("html", 9, "malformed"),
        ("malformed", 9, "malformed"),
        ("truncated", 9, "network"),
        ("reset", 9, "network"),
        ("zero_price", 1, "malformed"),
        ("word_price", 1, "malformed"),
        ("duplicate_rows", 1, "ok"),
        ("many_skus", 1, "ok"),
    ] {
        // A connector of its own: its manners remember trouble. The token comes before the trouble.
        let connector = connector(&sim);
        connector.check(&right()).await.expect("it works");
        fault(&sim, kind, count).await;
        let recorder = crawl(&connector, &targets, &right()).await;
        assert_eq!(recorder.words(1), [word], "{kind}");
        let outcomes = recorder.outcomes.into_inner().expect("not poisoned");
        match kind {
            "duplicate_rows" => assert_eq!(seen(&outcomes[0].1), 4),
            "many_skus" => assert_eq!(seen(&outcomes[0].1), 1_001),
            "403" => assert!(outcomes[0].1.reason().contains("apply for it")),
            "429" => assert!(outcomes[0].1.retry_after().is_some()),
            _ => {}
        }
        fault(&sim, kind, 0).await;
    }
}

#[tokio::test]
async fn searches_find_by_words_category_and_shop() {
    let sim = sim().await;
    let connector = connector(&sim);
    let keyword = search(&connector, MonitorKind::Keyword, "Bluetooth headphones", 50).await;
    let hits = keyword.expect("hits");
    assert_eq!(
        (hits.found.len(), hits.total, hits.more),
        (1, Some(1), false)
    );
    let hit = &hits.found[0];
    assert_eq!(hit.listing.external_id, HEADPHONES);
    assert!(hit.values.price.is_some());
    let content = hit.content.as_ref().expect("content");
    assert!(content.attributes.contains_key("monthly_sales") && content.images.len() == 1);
    let category = search(&connector, MonitorKind::Category, "705", 50).await;
    assert_eq!(category.expect("hits").found.len(), 3);
    let shop = search(
        &connector,
        MonitorKind::Keyword,
        "shop:BBBsimShanyuGlass01",
        50,
    )
    .await;
    assert_eq!(shop.expect("hits").found.len(), 4);
    let narrowed = search(
        &connector,
        MonitorKind::Keyword,
        "shop:BBBsimShanyuGlass01 玻璃",
        50,
    )
    .await;
    assert_eq!(narrowed.expect("hits").found.len(), 2);
    let limited = search(&connector, MonitorKind::Keyword, "", 6)
        .await
        .expect("hits");
    assert_eq!((limited.found.len(), limited.more), (6, true));
    let none = search(&connector, MonitorKind::Keyword, "没有这种东西", 50)
        .await
        .expect("hits");
    assert_eq!((none.found.len(), none.total), (0, Some(0)));
    for (kind, term) in [
        (MonitorKind::Category, "杯子"),
        (MonitorKind::Keyword, "shop:"),
        (MonitorKind::Brand, "x"),
    ] {
        let refused = search(&connector, kind, term, 50)
            .await
            .expect_err("refused");
        assert_eq!(refused.as_str(), "failed", "{term}");
    }
}

#[tokio::test]
async fn pages_that_repeat_themselves_end() {
    let sim = sim().await;
    let connector = connector(&sim);
    fault(&sim, "endless_pages", 100).await;
    let hits = search(&connector, MonitorKind::Keyword, "蓝牙", 200)
        .await
        .expect("hits");
    assert_eq!(hits.found.len(), 3);
    let pages = asked(&sim).await.len() - 1;
    assert_eq!(pages, 2, "the second brings nothing new");
    fault(&sim, "endless_pages", 0).await;
    fault(&sim, "duplicate_rows", 1).await;
    let hits = search(&connector, MonitorKind::Keyword, "蓝牙", 200)
        .await
        .expect("hits");
    assert_eq!(hits.found.len(), 3, "each once");
}
