//! What a host's robots.txt asks of us.

use chrono::DateTime;
use serde_json::json;

use super::{asked, at, connector, log, look, page, shop};
use crate::support::{control, crawl};

#[tokio::test]
async fn a_page_that_robots_txt_names_is_not_read() {
    let sim = shop().await;
    let web = connector();
    let private = at(&format!("{}/shop/private/prices", sim.base_url()));
    let outcome = look(&web, &private).await;
    assert_eq!(outcome.as_str(), "blocked");
    assert!(
        outcome.reason().starts_with("robots.txt of 127.0.0.1"),
        "{}",
        outcome.reason()
    );
    let printed = at(&format!(
        "{}?print=1",
        page(&sim, "US", "linked-kettle").url
    ));
    assert_eq!(look(&web, &printed).await.as_str(), "blocked");
    assert_eq!(
        asked(&sim).await,
        [("/robots.txt".to_owned(), 200)],
        "asked once, and nothing else"
    );
}

#[tokio::test]
async fn rules_that_name_us_hold_and_no_rules_forbid_nothing() {
    let sim = shop().await;
    let target = page(&sim, "US", "linked-kettle");
    let named = "User-agent: bellwether\nDisallow: /shop/us/\n\nUser-agent: *\nAllow: /\n";
    control(&sim, "robots", json!({"body": named})).await;
    assert_eq!(look(&connector(), &target).await.as_str(), "blocked");
    for status in [404, 403] {
        control(&sim, "robots", json!({"status": status, "body": named})).await;
        assert_eq!(look(&connector(), &target).await.as_str(), "ok", "{status}");
    }
}

#[tokio::test]
async fn rules_that_cannot_be_read_forbid_everything_for_a_while() {
    let sim = shop().await;
    let web = connector();
    control(&sim, "robots", json!({"status": 503})).await;
    let targets = [
        page(&sim, "US", "linked-kettle"),
        page(&sim, "GB", "graph-grinder"),
    ];
    let recorder = crawl(&web, &targets).await;
    assert_eq!(recorder.words(2), ["blocked", "blocked"]);
    let before = asked(&sim).await;
    assert!(
        before.iter().all(|(path, _)| path == "/robots.txt"),
        "{before:?}"
    );
    // Not asked again at once, though they could be read now.
    control(&sim, "robots", json!({"body": ""})).await;
    assert_eq!(look(&web, &targets[0]).await.as_str(), "blocked");
    assert_eq!(asked(&sim).await.len(), before.len());
}

#[tokio::test]
async fn the_gap_that_a_host_asks_for_is_kept() {
    let sim = shop().await;
    control(
        &sim,
        "robots",
        json!({"body": "User-agent: *\nCrawl-delay: 0.4\n"}),
    )
    .await;
    let targets = [
        page(&sim, "US", "linked-kettle"),
        page(&sim, "GB", "graph-grinder"),
        page(&sim, "DE", "micro-lampe"),
        page(&sim, "NL", "plain-weegschaal"),
    ];
    let recorder = crawl(&connector(), &targets).await;
    assert_eq!(recorder.words(4), ["ok"; 4]);
    let entries = log(&sim).await;
    let times: Vec<i64> = entries
        .iter()
        .filter(|entry| entry["path"] != "/robots.txt")
        .filter_map(|entry| DateTime::parse_from_rfc3339(entry["at"].as_str()?).ok())
        .map(|time| time.timestamp_millis())
        .collect();
    assert_eq!(times.len(), 4);
    for pair in times.windows(2) {
        // A timer's millisecond may be lost on either side.
        assert!(pair[1] - pair[0] >= 395, "{times:?}");
    }
    let who = entries.iter().all(|entry| entry["concurrency"] == 1);
    assert!(who, "one at a time");
}
