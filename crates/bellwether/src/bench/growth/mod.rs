//! Whether a long past makes anything slow.
//!
//! The same listings at two sizes of history: the last 90 days are alike, and what the larger one has more lies before
//! them, down to three years. At each size: 90-day histories read over HTTP, products searched, and observations ingested
//! over gRPC. Reference is the small size; a ratio of 1 is a past that costs nothing.

mod running;
mod seed;

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use sea_orm::sqlx::{Connection, PgConnection};
use serde_json::json;

use super::installation::Installation;
use super::{Args, Figures};
use running::Running;

/// Reads of each kind that are measured.
const READS: u32 = 400;
/// Reads before them, which fill nobody's caches but those of connections.
const WARM: u32 = 20;
/// What the measured histories show.
const SHOWN: TimeDelta = TimeDelta::days(90);
/// Rounds of ingest that are measured.
const ROUNDS: u32 = 3;

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    ensure!(
        args.small < args.large && args.small >= u64::from(args.listings),
        "--small must be at least --listings, and less than --large"
    );
    let installation = Installation::start().await?;
    let outcome = measure(&installation, args).await;
    installation.stop().await?;
    outcome
}

async fn measure(installation: &Installation, args: &Args) -> anyhow::Result<Figures> {
    let mut owner = PgConnection::connect(installation.config.database.url.expose()).await?;
    let running = Running::start(installation).await?;
    let tenant = running.tenant(&mut owner).await?;
    seed::listings(&mut owner, args.listings, &tenant).await?;
    let each = |observations: u64| observations / u64::from(args.listings);
    seed::recent(&mut owner, args.listings, each(args.small)).await?;
    let mut round = 1;
    let small = figures(&running, args, &mut round).await?;
    println!("{} observations: {small}", args.small);
    let more = each(args.large) - each(args.small);
    seed::older(&mut owner, args.listings, more).await?;
    let large = figures(&running, args, &mut round).await?;
    println!("{} observations: {large}", args.large);
    running.stop();

    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let mut told = Figures::new(
        "growth",
        micros(large.history),
        micros(small.history),
        "µs, p95 of a 90-day history",
    );
    let times = |large: f64, small: f64| (large / small * 1000.0).round() / 1000.0;
    let more = [
        ("small", json!(args.small)),
        ("large", json!(args.large)),
        ("listings", json!(args.listings)),
        (
            "search",
            json!({
                "small_us": micros(small.search).round(), "large_us": micros(large.search).round(),
                "times": times(micros(large.search), micros(small.search)),
            }),
        ),
        (
            "ingest",
            json!({
                "small_a_second": small.ingest.round(), "large_a_second": large.ingest.round(),
                "times": times(small.ingest, large.ingest),
            }),
        ),
    ];
    told.more
        .extend(more.map(|(name, value)| (name.to_owned(), value)));
    Ok(told)
}

/// What one size of history costs.
struct Cost {
    /// p95 of a 90-day history read.
    history: Duration,
    /// p95 of a product search.
    search: Duration,
    /// Observations a second.
    ingest: f64,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "a 90-day history in {:.2} ms, a search in {:.2} ms (p95), {:.0} observations ingested a second",
            self.history.as_secs_f64() * 1e3,
            self.search.as_secs_f64() * 1e3,
            self.ingest
        )
    }
}

async fn figures(running: &Running, args: &Args, round: &mut u32) -> anyhow::Result<Cost> {
    let reader = running.sign_in().await?;
    let from = (Utc::now() - SHOWN).format("%Y-%m-%dT%H:%M:%SZ");
    // Spread over all listings, and other ones each time.
    let listing = |n: u32| 1 + (u64::from(n) * 2_654_435_761 % u64::from(args.listings));
    let history = p95(async |n| {
        let path = format!(
            "/products/{}/history?metric=price,rank&from={from}",
            listing(n)
        );
        let body = reader.get(&path).await?;
        let points = body["metrics"]["rank"]["t"].as_array().map_or(0, Vec::len);
        ensure!(points > 1, "an empty history: {body}");
        Ok(())
    })
    .await?;
    let search = p95(async |n| {
        let word = seed::WORDS[usize::try_from(n)? % seed::WORDS.len()];
        let body = reader.get(&format!("/products?q={word}&limit=50")).await?;
        let found = body["items"].as_array().map_or(0, Vec::len);
        ensure!(found > 0, "nothing found: {body}");
        Ok(())
    })
    .await?;
    let sent = args.listings.min(20_000);
    // Makes the state of the listings that are not there yet.
    running.ingest(sent, *round).await?;
    let began = Instant::now();
    for _ in 0..ROUNDS {
        *round += 1;
        running.ingest(sent, *round).await?;
    }
    *round += 1;
    Ok(Cost {
        history,
        search,
        ingest: f64::from(sent * ROUNDS) / began.elapsed().as_secs_f64(),
    })
}

/// The time that 95 of 100 calls keep to, one after another.
async fn p95(call: impl AsyncFn(u32) -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    for n in 0..WARM {
        call(n).await?;
    }
    let mut times = Vec::new();
    for n in WARM..WARM + READS {
        let began = Instant::now();
        call(n).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() * 95 / 100])
}
