//! Four workers ask one shop as if they were one.

use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use journey_tests::api::Api;
use journey_tests::installation::Installation;
use journey_tests::market::Market;
use journey_tests::wait::until;
use serde_json::{Value, json};

use crate::told;

/// Products crawled by the four.
const TARGETS: usize = 300;
/// A tenth of the pauses between two requests that a real shop gets, in milliseconds.
const GAP: (i64, i64) = (150, 400);
/// By how much two neighbours may seem nearer than they were sent: the shop writes down when a
/// request was read, which is later than it was sent by as much as the machine is busy.
const SKEW: i64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_are_as_polite_as_one() -> anyhow::Result<()> {
    let _alone = crate::FOUR_PROCESSES.lock().await;
    let (least, most) = (GAP.0.to_string(), GAP.1.to_string());
    let variables = [
        ("BELLWETHER_SOURCES__POPMART__JITTER_MIN_MS", least.as_str()),
        ("BELLWETHER_SOURCES__POPMART__JITTER_MAX_MS", most.as_str()),
    ];
    let mut installation = Installation::start_with("services", &variables).await?;
    for _ in 0..3 {
        installation.add_worker()?;
    }
    told(&installation, async {
        let (api, market) = (installation.demo(), installation.market());
        let products = track(&api, &market).await?;
        all_observed(&api, &products).await?;
        keeps_its_manners(&market.requests("popmart").await?)?;
        waits_when_asked(&api, &market, &products).await?;
        leaves_alone_who_refuses(&api, &market, &products).await
    })
    .await
}

async fn track(api: &Api, market: &Market) -> anyhow::Result<Vec<i64>> {
    market.forget_requests().await?;
    stream::iter(0..TARGETS)
        .map(|number| async move {
            let id = format!("{}", 770_000 + number);
            let shown = json!({ "price": "10.00", "stock": 5 });
            market.set("popmart", "US", &id, shown).await?;
            api.track("popmart", "US", &id).await
        })
        .buffer_unordered(8)
        .try_collect()
        .await
}

async fn all_observed(api: &Api, products: &[i64]) -> anyhow::Result<()> {
    // On average 275 ms each.
    for product in products {
        api.observed(*product, Duration::from_secs(240)).await?;
    }
    Ok(())
}

fn keeps_its_manners(requests: &[Value]) -> anyhow::Result<()> {
    ensure!(requests.len() >= TARGETS, "{} requests", requests.len());
    for request in requests {
        let at_once = request["concurrency"].as_u64().context("concurrency")?;
        ensure!(at_once <= 3, "{at_once} at once: {request}");
    }
    let times = requests
        .iter()
        .map(at)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let gaps: Vec<i64> = times
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).num_milliseconds())
        .collect();
    let near = gaps.iter().filter(|gap| **gap < GAP.0 - SKEW).count();
    ensure!(near == 0, "{near} requests came too early: {gaps:?}");
    let whole = (times[times.len() - 1] - times[0]).num_milliseconds();
    let least = GAP.0 * i64::try_from(gaps.len())?;
    ensure!(whole >= least, "{} requests within {whole} ms", times.len());
    Ok(())
}

async fn waits_when_asked(api: &Api, market: &Market, products: &[i64]) -> anyhow::Result<()> {
    market.forget_requests().await?;
    market.ask_to_wait("popmart", 7).await?;
    refresh(api, &products[..20]).await?;
    let requests = until(
        "requests after the pause",
        Duration::from_secs(60),
        async || {
            let requests = market.requests("popmart").await?;
            let refused = requests.iter().position(|request| request["status"] == 429);
            Ok(refused
                .filter(|place| requests.len() > place + 5)
                .map(|_| requests))
        },
    )
    .await?;
    let refused = requests
        .iter()
        .find(|request| request["status"] == 429)
        .context("a 429")?;
    let told = at(refused)? + TimeDelta::milliseconds(refused["duration_ms"].as_i64().unwrap_or(0));
    for request in &requests {
        let after = (at(request)? - told).num_milliseconds();
        // Those under way already are not called back.
        ensure!(
            after <= SKEW || after >= 7_000 - SKEW,
            "asked again after {after} ms"
        );
    }
    Ok(())
}

async fn leaves_alone_who_refuses(
    api: &Api,
    market: &Market,
    products: &[i64],
) -> anyhow::Result<()> {
    market.fault("popmart", "403", 3).await?;
    refresh(api, &products[20..60]).await?;
    let state = until("an open breaker", Duration::from_secs(60), async || {
        let sources = api.get("/sources").await?;
        let popmart = sources["items"]
            .as_array()
            .and_then(|items| items.iter().find(|source| source["name"] == "popmart"))
            .context("no popmart in GET /sources")?
            .clone();
        Ok((popmart["state"] == "open").then_some(popmart))
    })
    .await?;
    ensure!(!state["until"].is_null(), "when it is tried again: {state}");
    market.forget_requests().await?;
    refresh(api, &products[60..80]).await?;
    let asked = market.requests("popmart").await?;
    ensure!(asked.len() <= 1, "left alone, but for a probe: {asked:?}");
    Ok(())
}

async fn refresh(api: &Api, products: &[i64]) -> anyhow::Result<()> {
    api.post("/crawl/manual", json!({ "product_ids": products }))
        .await
        .map(drop)
}

fn at(request: &Value) -> anyhow::Result<DateTime<Utc>> {
    let text = request["at"].as_str().context("no instant")?;
    Ok(DateTime::parse_from_rfc3339(text)?.to_utc())
}
