//! How soon everybody's alert is written when one product that ten thousand tenants track moves its price.
//!
//! Ours: from the observation over gRPC to the commit: rules fetched and evaluated, alerts, events for each tenant.
//! Reference: the owner's bare INSERT of the same alert rows into the same table.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::Utc;
use config::Config;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status;
use contracts::catalog::v1::values::Offer;
use contracts::catalog::v1::{IngestObservationsRequest, Observation, Origin, Values};
use lifecycle::Lifecycle;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::json;
use tonic::Request;

use super::installation::Installation;
use super::{Args, Figures, rules};

/// Tenants that track the product, each under rules of its own.
const TENANTS: u32 = 10_000;
/// Changes measured, after one that makes the state.
const CHANGES: u32 = 7;

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    let installation = Installation::start().await?;
    let (tenants, changes) = match args.quick {
        true => (500, 2),
        false => (TENANTS, CHANGES),
    };
    let outcome = measure(&installation.config, tenants, changes).await;
    installation.stop().await?;
    outcome
}

async fn measure(config: &Config, tenants: u32, changes: u32) -> anyhow::Result<Figures> {
    let mut owner = PgConnection::connect(config.database.url.expose()).await?;
    println!("making {tenants} tenants that track one product");
    execute(&mut owner, &seed(tenants)).await?;

    let life = Lifecycle::new(Duration::from_secs(10));
    let (network, ends) = rpc::local::Network::new();
    let peers = network.peers(config.internal.core_token.expose())?;
    let core = core_service::wire(config, peers).await?;
    tokio::spawn(rpc::local::serve(
        core_service::grpc(core),
        ends.core,
        (&config.internal).into(),
        life.hard(),
    ));
    let ingest = rpc::sized!(IngestClient::new(
        network.peers(config.internal.worker_token.expose())?.core
    ));

    send(&ingest, 0).await?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for change in 1..=changes {
        let before = Utc::now();
        let began = Instant::now();
        send(&ingest, change).await?;
        ours.push(began.elapsed());
        // In turns, so that whatever else the machine does meets both.
        let reference = again(&mut owner, before, tenants).await?;
        println!(
            "change {change} of {changes}: {:.0} ms; a bare INSERT of the same alerts: {:.0} ms",
            milliseconds(*ours.last().unwrap_or(&Duration::ZERO)),
            milliseconds(reference)
        );
        bare.push(reference);
    }
    life.abort();
    let (ours, bare) = (middle(&mut ours), middle(&mut bare));
    let a_second = |time: Duration| f64::from(tenants) / time.as_secs_f64();
    let mut figures = Figures::new("fanout", a_second(ours), a_second(bare), "alerts/s");
    for (name, value) in [
        ("trackings", json!(tenants)),
        ("milliseconds", json!(milliseconds(ours).round())),
        ("reference_milliseconds", json!(milliseconds(bare).round())),
    ] {
        figures.more.insert(name.to_owned(), value);
    }
    Ok(figures)
}

/// One observation; every second one at half the price.
async fn send(ingest: &IngestClient<rpc::Channel>, change: u32) -> anyhow::Result<()> {
    let price = if change.is_multiple_of(2) {
        2_000
    } else {
        1_000
    };
    let observation = Observation {
        source: "amazon".to_owned(),
        marketplace: "US".to_owned(),
        external_id: "B0FANOUT01".to_owned(),
        observed_at_us: Utc::now().timestamp_micros(),
        round: i64::from(change) + 1,
        values: Some(Values {
            offer: Offer::Offered.into(),
            currency: Some("USD".to_owned()),
            price_minor: Some(price),
            availability: "in_stock".to_owned(),
            in_stock: Some(true),
            ..Values::default()
        }),
        ..Observation::default()
    };
    let mut request = Request::new(IngestObservationsRequest {
        origin: Origin::Crawl.into(),
        observations: vec![observation],
    });
    request.set_timeout(Duration::from_secs(120));
    let answer = ingest.clone().ingest_observations(request).await;
    let answer = answer.context("ingest")?.into_inner();
    ensure!(
        answer
            .outcomes
            .iter()
            .all(|one| one.status() == Status::Changed),
        "the change was not stored: {:?}",
        answer.outcomes
    );
    Ok(())
}

/// Takes the alerts of a change out and inserts them again.
async fn again(
    owner: &mut PgConnection,
    since: chrono::DateTime<Utc>,
    expected: u32,
) -> anyhow::Result<Duration> {
    let since = since.to_rfc3339();
    let taken = execute(
        owner,
        &format!(
            "drop table if exists raised;
             create temp table raised as select * from catalog.alert where created_at >= '{since}';
             delete from catalog.alert where created_at >= '{since}'"
        ),
    )
    .await?;
    // Both statements that move rows count theirs.
    ensure!(
        taken == 2 * u64::from(expected),
        "{} alerts instead of {expected}",
        taken / 2
    );
    execute(owner, "vacuum analyze catalog.alert").await?;
    let began = Instant::now();
    execute(owner, "insert into catalog.alert select * from raised").await?;
    Ok(began.elapsed())
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

async fn execute(owner: &mut PgConnection, sql: &str) -> anyhow::Result<u64> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(owner)
        .await?;
    Ok(done.rows_affected())
}

/// As the owner: tenants with the rules that every tenant begins with, and a tracking of the one product each.
fn seed(tenants: u32) -> String {
    format!(
        "insert into catalog.listing (source, marketplace, external_id, url)
         values ('amazon', 'US', 'B0FANOUT01', 'https://www.amazon.com/dp/B0FANOUT01');
         insert into catalog.listing_state (listing_id) select id from catalog.listing;
         create temp table tenant as select gen_random_uuid() as id from generate_series(1, {tenants});
         insert into catalog.watch (tenant_id, listing_id) select t.id, l.id from tenant t, catalog.listing l;
         insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
         select t.id, gen_random_uuid(), l.id, 3600 from tenant t, catalog.listing l;
         {rules}
         analyze catalog.watch, catalog.tracking, catalog.alert_rule",
        rules = rules::of_each("select id from tenant")
    )
}
