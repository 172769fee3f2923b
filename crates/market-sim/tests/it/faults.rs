//! Faults on demand, and the log that shows them.

use std::time::Duration;

use anyhow::{Context, Result};
use market_sim::SimOptions;
use serde_json::{Value, json};

use crate::support::{World, apify_error, junglee_input};

fn order(source: &str, kind: &str, count: usize) -> Value {
    json!({"source": source, "kind": kind, "count": count})
}

fn start_input() -> Value {
    junglee_input(&["https://www.amazon.com/dp/B0CQ7LMN42".to_owned()])
}

const START: &str = "acts/junglee~Amazon-crawler/runs";

#[tokio::test]
async fn refusals_come_in_the_sources_words_and_only_as_often_as_ordered() -> Result<()> {
    let world = World::start().await?;
    let ordered = json!({"source": "amazon", "kind": "429", "count": 2, "retry_after": 7});
    world.control("fault", ordered).await?;
    for _ in 0..2 {
        let refused = world.get("actor-runs").send().await?;
        assert_eq!(refused.headers()["retry-after"], "7");
        assert_eq!(
            apify_error(refused).await?,
            (429, "rate-limit-exceeded".to_owned())
        );
    }
    assert_eq!(world.get("actor-runs").send().await?.status(), 200);
    for (kind, status, name) in [
        ("403", 403, "insufficient-permissions"),
        ("500", 500, "internal-server-error"),
        ("402", 402, "not-enough-usage-to-run-paid-actor"),
    ] {
        world.control("fault", order("amazon", kind, 1)).await?;
        let refused = world.post(START, &start_input()).send().await?;
        assert_eq!(apify_error(refused).await?, (status, name.to_owned()));
    }
    let runs: Value = world.get("actor-runs").send().await?.json().await?;
    assert_eq!(runs["data"]["total"], 0, "refused starts start nothing");

    world.control("fault", order("popmart", "403", 1)).await?;
    assert_eq!(world.details("US", "4107").await?["code"], "403");
    assert_eq!(world.details("US", "4107").await?["code"], "OK");
    let log = world.requests("popmart").await?;
    assert_eq!(
        (&log[0]["fault"], &log[0]["status"]),
        (&json!("403"), &json!(403))
    );
    assert_eq!(log[0]["external_ids"], json!(["4107"]));
    assert_eq!(log[1]["fault"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_reset_breaks_the_connection_after_the_work_was_done() -> Result<()> {
    let world = World::start().await?;
    world.control("fault", order("amazon", "reset", 1)).await?;
    let broken = world.post(START, &start_input()).send().await;
    assert!(
        broken.is_err_and(|error| error.is_request()),
        "the client sees a broken connection"
    );
    let runs: Value = world.get("actor-runs").send().await?.json().await?;
    assert_eq!(
        runs["data"]["total"], 1,
        "the run exists although nobody was told"
    );
    let log = world.requests("amazon").await?;
    assert_eq!(
        (&log[0]["fault"], &log[0]["status"]),
        (&json!("reset"), &Value::Null)
    );
    Ok(())
}

#[tokio::test]
async fn a_malformed_answer_is_a_200_that_does_not_parse() -> Result<()> {
    let world = World::start().await?;
    world
        .control("fault", order("popmart", "malformed", 1))
        .await?;
    let path = "/shop/v1/shop/productDetails";
    let answer = world.shop_get("US", path, "spuId=4107").send().await?;
    assert_eq!(answer.status(), 200);
    assert!(serde_json::from_str::<Value>(&answer.text().await?).is_err());
    Ok(())
}

#[tokio::test]
async fn a_hanging_request_shows_when_its_client_gives_up() -> Result<()> {
    let world = World::start().await?;
    world
        .control("fault", order("amazon", "timeout", 1))
        .await?;
    let hung = world
        .get("actor-runs")
        .timeout(Duration::from_millis(200))
        .send()
        .await;
    assert!(hung.is_err_and(|error| error.is_timeout()));
    // The server learns of it a moment later.
    let limit = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        let log = world.requests("amazon").await?;
        if log[0]["finished"] == true {
            assert_eq!(log[0]["status"], Value::Null);
            break;
        }
        anyhow::ensure!(
            tokio::time::Instant::now() < limit,
            "still in flight: {log:?}"
        );
        tokio::task::yield_now().await;
    }

    let short = SimOptions {
        hang_time: Duration::from_millis(50),
        ..SimOptions::default()
    };
    let world = World::with(short).await?;
    world
        .control("fault", order("amazon", "timeout", 1))
        .await?;
    assert_eq!(
        world.get("actor-runs").send().await?.status(),
        200,
        "the hang is bounded"
    );
    Ok(())
}

#[tokio::test]
async fn runs_fail_on_demand_with_part_of_their_items() -> Result<()> {
    let world = World::start().await?;
    let urls: Vec<String> = ["B0CQ7LMN42", "B0D5RW8T3K"]
        .map(|asin| format!("https://www.amazon.com/dp/{asin}"))
        .into();
    for (kind, status) in [("run_failed", "FAILED"), ("run_timed_out", "TIMED-OUT")] {
        world.control("fault", order("amazon", kind, 1)).await?;
        let run = world.run(&urls).await?;
        assert_eq!(run["status"], status);
        let id = run["id"].as_str().context("no id")?;
        let items = world
            .get(&format!("actor-runs/{id}/dataset/items"))
            .send()
            .await?;
        assert_eq!(items.json::<Vec<Value>>().await?.len(), 1);
    }
    assert_eq!(world.run(&urls).await?["status"], "SUCCEEDED");
    Ok(())
}

#[tokio::test]
async fn the_log_tells_concurrency_and_can_be_cleared() -> Result<()> {
    let slow = SimOptions {
        hang_time: Duration::from_millis(300),
        ..SimOptions::default()
    };
    let world = World::with(slow).await?;
    world
        .control("fault", order("popmart", "timeout", 4))
        .await?;
    let four = (0..4).map(|_| world.details("US", "4107"));
    for answer in futures::future::join_all(four).await {
        assert_eq!(answer?["code"], "OK");
    }
    world.details("US", "4107").await?;
    let log = world.requests("popmart").await?;
    let concurrency: Vec<u64> = log
        .iter()
        .filter_map(|entry| entry["concurrency"].as_u64())
        .collect();
    assert_eq!(concurrency, [1, 2, 3, 4, 1]);
    assert!(log[0]["duration_ms"].as_u64().is_some_and(|ms| ms >= 300));
    assert!(
        log.windows(2)
            .all(|pair| pair[0]["at"].as_str() <= pair[1]["at"].as_str())
    );

    let url = format!("{}/_control/requests", world.sim.base_url());
    assert_eq!(world.client.delete(url).send().await?.status(), 204);
    assert!(world.requests("popmart").await?.is_empty());
    Ok(())
}
