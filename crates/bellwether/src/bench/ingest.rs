//! How fast observations enter history.
//!
//! Ours: over gRPC, through checks, history merging and rules, to the commit. Reference: COPY of the very rows that this
//! wrote, by the owner, into the same partitioned table. Every rank changed, and a tenth of the prices.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::Utc;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status;
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{
    CategoryRank, IngestObservationsRequest, Observation, Origin, Values,
};
use futures::{StreamExt, TryStreamExt, stream};
use lifecycle::Lifecycle;
use sea_orm::sqlx::{self, Connection, PgConnection};

use super::installation::Installation;
use super::{Args, Figures, copied, rules};

/// Listings, each tracked by one tenant under the default rules.
const LISTINGS: u32 = 100_000;
/// Tenants.
const TENANTS: u32 = 100;
/// Rounds measured, after one that makes the state.
const ROUNDS: u32 = 3;
/// Observations a request.
const REQUEST: usize = 500;
/// Requests under way at the same time.
const CONCURRENCY: usize = 8;

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    let installation = Installation::start().await?;
    let listings = if args.quick { 5_000 } else { LISTINGS };
    let outcome = measure(&installation, listings).await;
    installation.stop().await?;
    outcome
}

async fn measure(installation: &Installation, listings: u32) -> anyhow::Result<Figures> {
    let config = &installation.config;
    let mut owner = PgConnection::connect(config.database.url.expose()).await?;
    println!("making {listings} tracked listings");
    sqlx::raw_sql(sqlx::AssertSqlSafe(seed(listings)))
        .execute(&mut owner)
        .await?;

    let life = Lifecycle::new(Duration::from_secs(10));
    let (network, ends) = rpc::local::Network::new();
    let core =
        core_service::wire(config, network.peers(config.internal.core_token.expose())?).await?;
    let routes = core_service::grpc(core.clone());
    tokio::spawn(rpc::local::serve(
        routes,
        ends.core,
        (&config.internal).into(),
        life.hard(),
    ));
    let ingest = rpc::sized!(IngestClient::new(
        network.peers(config.internal.worker_token.expose())?.core
    ));

    let start = Utc::now() - chrono::Duration::minutes(i64::from(ROUNDS) + 1);
    send(&ingest, listings, start.timestamp_micros(), 0).await?;
    let mut spent = Duration::ZERO;
    for round in 1..=ROUNDS {
        let at = start + chrono::Duration::minutes(i64::from(round));
        let began = Instant::now();
        send(&ingest, listings, at.timestamp_micros(), round).await?;
        spent += began.elapsed();
        println!(
            "round {round} of {ROUNDS}: {:.0} observations a second",
            f64::from(listings) / began.elapsed().as_secs_f64()
        );
    }
    life.abort();
    let ours = f64::from(listings * ROUNDS) / spent.as_secs_f64();
    let alerts: i64 = sqlx::query_scalar("select count(*) from catalog.alert")
        .fetch_one(&mut owner)
        .await?;
    println!("{alerts} alerts raised");
    let reference = copied::again(&mut owner, start, u64::from(listings * ROUNDS)).await?;
    Ok(Figures::new("ingest", ours, reference, "observations/s"))
}

/// Sends one observation of every listing.
async fn send(
    ingest: &IngestClient<rpc::Channel>,
    listings: u32,
    at_us: i64,
    round: u32,
) -> anyhow::Result<()> {
    let observations: Vec<Observation> = (0..listings)
        .map(|number| observation(number, at_us, round))
        .collect();
    stream::iter(observations.chunks(REQUEST))
        .map(|observations| {
            let mut ingest = ingest.clone();
            let request = IngestObservationsRequest {
                origin: Origin::Crawl.into(),
                observations: observations.to_vec(),
            };
            async move {
                let answer = ingest
                    .ingest_observations(request)
                    .await
                    .context("ingest")?
                    .into_inner();
                let stored = answer
                    .outcomes
                    .iter()
                    .all(|outcome| outcome.status() == Status::Changed);
                ensure!(
                    stored,
                    "not every observation was stored: {:?}",
                    answer.outcomes.first()
                );
                Ok(())
            }
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}

fn observation(number: u32, at_us: i64, round: u32) -> Observation {
    // A tenth of the listings moves its price each round, half of those by more than the rule's threshold.
    let moved = if (number + round).is_multiple_of(10) {
        80 + i64::from(number % 40)
    } else {
        100
    };
    let rank = i32::try_from(1_000 + (number * 7 + round * 13) % 5_000).unwrap_or(i32::MAX);
    Observation {
        source: "amazon".to_owned(),
        marketplace: "US".to_owned(),
        external_id: external_id(number),
        observed_at_us: at_us,
        round: i64::from(round) + 1,
        values: Some(Values {
            offer: Offer::Offered.into(),
            currency: Some("USD".to_owned()),
            price_minor: Some(20 * moved),
            buy_box_price_minor: Some(20 * moved),
            buy_box_seller: Some("Bench Shop".to_owned()),
            availability: "in_stock".to_owned(),
            in_stock: Some(true),
            ranks: vec![CategoryRank {
                category: "Electronics".to_owned(),
                rank,
            }],
            rating_hundredths: Some(430),
            review_count: Some(1_000),
            ..Values::default()
        }),
        ..Observation::default()
    }
}

fn external_id(number: u32) -> String {
    format!("B0{number:08}")
}

/// As the owner: every listing tracked by one of the tenants, which have the default rules.
fn seed(listings: u32) -> String {
    format!(
        "insert into catalog.listing (source, marketplace, external_id, url)
         select 'amazon', 'US', 'B0' || lpad(n::text, 8, '0'), 'https://www.amazon.com/dp/' || n
         from generate_series(0, {listings} - 1) n;
         insert into catalog.listing_state (listing_id) select id from catalog.listing;
         create temp table owner as
         select id as listing_id, ('00000000-0000-7000-8000-' || lpad((id % {TENANTS})::text, 12, '0'))::uuid as tenant_id
         from catalog.listing;
         insert into catalog.watch (tenant_id, listing_id) select tenant_id, listing_id from owner;
         insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
         select tenant_id, gen_random_uuid(), listing_id, 3600 from owner;
         {rules}
         analyze catalog.listing, catalog.watch, catalog.tracking, catalog.alert_rule",
        rules = rules::of_each("select distinct tenant_id from owner")
    )
}
