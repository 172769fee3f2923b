//! Whether a long past makes anything slow.
//!
//! The same listings at two sizes of history: the last 90 days are alike, and what the larger one has more lies before
//! them, down to three years. Each size has engines of its own, and both are asked in turn: 90-day histories read over
//! HTTP, products searched, and observations ingested over gRPC. Reference is the small size; a ratio of 1 is a past that
//! costs nothing.

mod running;
mod seed;

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{TimeDelta, Utc};
use sea_orm::sqlx::{Connection, PgConnection};
use serde_json::json;

use super::installation::Installation;
use super::{Args, Figures};
use running::{Reader, Running};

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
    let (small, large) = (Installation::start().await?, Installation::start().await?);
    let outcome = measure([&small, &large], args).await;
    small.stop().await?;
    large.stop().await?;
    outcome
}

async fn measure(installations: [&Installation; 2], args: &Args) -> anyhow::Result<Figures> {
    let small = Running::start(installations[0]).await?;
    let large = Running::start(installations[1]).await?;
    let each = |observations: u64| observations / u64::from(args.listings);
    for (running, installation, observations) in [
        (&small, installations[0], args.small),
        (&large, installations[1], args.large),
    ] {
        println!("making {observations} observations");
        let mut owner = PgConnection::connect(installation.config.database.url.expose()).await?;
        let tenant = running.tenant(&mut owner).await?;
        seed::listings(&mut owner, args.listings, &tenant).await?;
        seed::recent(&mut owner, args.listings, each(args.small)).await?;
        let more = each(observations) - each(args.small);
        if more > 0 {
            seed::older(&mut owner, args.listings, more).await?;
        }
        seed::settle(&mut owner).await?;
        owner.close().await?;
    }
    let sides = [&small, &large];
    let history = histories(sides, args.listings).await?;
    let search = searches(sides).await?;
    let ingest = ingests(sides, args.listings.min(20_000)).await?;
    small.stop();
    large.stop();

    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let mut told = Figures::new(
        "growth",
        micros(history[1]),
        micros(history[0]),
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
                "small_us": micros(search[0]).round(), "large_us": micros(search[1]).round(),
                "times": times(micros(search[1]), micros(search[0])),
            }),
        ),
        (
            "ingest",
            json!({
                "small_a_second": ingest[0].round(), "large_a_second": ingest[1].round(),
                "times": times(ingest[0], ingest[1]),
            }),
        ),
    ];
    told.more
        .extend(more.map(|(name, value)| (name.to_owned(), value)));
    Ok(told)
}

/// p95 of a 90-day history read.
async fn histories(sides: [&Running; 2], listings: u32) -> anyhow::Result<[Duration; 2]> {
    let from = (Utc::now() - SHOWN).format("%Y-%m-%dT%H:%M:%SZ");
    // Spread over all listings, and other ones each time.
    let listing = |n: u32| 1 + (u64::from(n) * 2_654_435_761 % u64::from(listings));
    p95(sides, async |reader, n| {
        let path = format!(
            "/products/{}/history?metric=price,rank&from={from}",
            listing(n)
        );
        let body = reader.get(&path).await?;
        let points = body["metrics"]["rank"]["t"].as_array().map_or(0, Vec::len);
        ensure!(points > 1, "an empty history: {body}");
        Ok(())
    })
    .await
}

/// p95 of a product search.
async fn searches(sides: [&Running; 2]) -> anyhow::Result<[Duration; 2]> {
    p95(sides, async |reader, n| {
        let word = seed::WORDS[usize::try_from(n)? % seed::WORDS.len()];
        let body = reader.get(&format!("/products?q={word}&limit=50")).await?;
        let found = body["items"].as_array().map_or(0, Vec::len);
        ensure!(found > 0, "nothing found: {body}");
        Ok(())
    })
    .await
}

/// Observations a second.
async fn ingests(sides: [&Running; 2], sent: u32) -> anyhow::Result<[f64; 2]> {
    let mut spent = [Duration::ZERO; 2];
    for round in 1..=1 + ROUNDS {
        for (side, spent) in sides.into_iter().zip(&mut spent) {
            let began = Instant::now();
            side.ingest(sent, round).await?;
            // The first one makes the states that are not there yet.
            if round > 1 {
                *spent += began.elapsed();
            }
        }
    }
    Ok(spent.map(|spent| f64::from(sent * ROUNDS) / spent.as_secs_f64()))
}

/// The time that 95 of 100 calls keep to at each side: one after another, and each side in turn.
async fn p95(
    sides: [&Running; 2],
    call: impl AsyncFn(&Reader<'_>, u32) -> anyhow::Result<()>,
) -> anyhow::Result<[Duration; 2]> {
    let readers = [sides[0].sign_in().await?, sides[1].sign_in().await?];
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..WARM + READS {
        for (reader, times) in readers.iter().zip(&mut times) {
            let began = Instant::now();
            call(reader, n).await?;
            if n >= WARM {
                times.push(began.elapsed());
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times[times.len() * 95 / 100]
    }))
}
