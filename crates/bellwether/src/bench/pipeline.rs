//! How fast products come all the way: due target, queue, worker, upstream JSON, connector, gRPC, history, alerts, report.
//!
//! Ours: crawler, core and worker as every installation wires them, in this process; the outside world on loopback, without
//! pauses. Reference: the owner's COPY of the history rows that this wrote.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use config::Config;
use lifecycle::Lifecycle;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::json;

use super::busy::{Busy, Since};
use super::installation::Installation;
use super::upstream::{Upstream, external_id};
use super::{Args, Figures, copied, rules};

/// Products, each tracked by one tenant under the default rules.
const PRODUCTS: u32 = 100_000;
/// Rounds measured, after one that makes the states.
const ROUNDS: u32 = 2;
/// Products that can be written down as due within a second, and what vacuuming may take besides.
const WRITTEN_A_SECOND: u32 = 20_000;
const VACUUM: Duration = Duration::from_secs(5);
/// Products in one task, one message and one run: what an operator sets who wants throughput.
const TASK: u32 = 1_000;
/// The longest a round may take.
const PATIENCE: Duration = Duration::from_secs(300);

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    let mut installation = Installation::start().await?;
    let upstream = Upstream::serve(&mut installation.config).await?;
    let (products, rounds) = match args.quick {
        true => (2_000, 1),
        false => (PRODUCTS, ROUNDS),
    };
    let outcome = measure(&installation.config, &upstream, products, rounds).await;
    installation.stop().await?;
    outcome
}

async fn measure(
    config: &Config,
    upstream: &Upstream,
    products: u32,
    rounds: u32,
) -> anyhow::Result<Figures> {
    let mut config = config.clone();
    config.sources.set("amazon", "batch", i64::from(TASK));
    config.crawl.task_items = u16::try_from(TASK)?.into();
    config.crawl.claim_batch = 5_000;
    config.crawl.claim_interval_ms = 100;
    config.worker.concurrency = 8;
    config.worker.result_batch = 1_000;

    let mut owner = PgConnection::connect(config.database.url.expose()).await?;
    println!("making {products} tracked products");
    execute(&mut owner, &seed(products)).await?;
    let life = Lifecycle::new(Duration::from_secs(10));
    Box::pin(services(&config, &life)).await?;

    println!("the first round, which makes the states");
    round(&mut owner, products, &mut Busy::default()).await?;
    let start = Utc::now();
    let runs_before = upstream.runs();
    let mut spent = Duration::ZERO;
    let mut busy = Busy::default();
    for number in 1..=rounds {
        upstream.move_on();
        let took = round(&mut owner, products, &mut busy).await?;
        spent += took;
        println!(
            "round {number} of {rounds}: {:.0} products a second",
            f64::from(products) / took.as_secs_f64()
        );
    }
    let busy = busy.told();
    let runs = upstream.runs() - runs_before;
    life.abort();
    let ours = f64::from(products * rounds) / spent.as_secs_f64();

    let alerts: i64 = sqlx::query_scalar("select count(*) from catalog.alert")
        .fetch_one(&mut owner)
        .await?;
    let expected = u64::from(products * rounds);
    let reference = copied::again(&mut owner, start, expected).await?;
    let names: Vec<String> = (0..products).map(external_id).collect();
    let upstream_alone = upstream.alone(&names).await?;
    println!("the upstream alone: {upstream_alone:.0} a second");
    let mut figures = Figures::new("pipeline", ours, reference, "products/s");
    let more = [
        ("products", json!(products)),
        ("rounds", json!(rounds)),
        ("task_items", json!(TASK)),
        ("runs", json!(runs)),
        ("alerts", json!(alerts)),
        // Beside these the bottleneck shows: the world outside, or the processors, and whose time they are.
        ("upstream_alone", json!(upstream_alone.round())),
        ("busy_processors", busy),
    ];
    for (name, value) in more {
        figures.more.insert(name.to_owned(), value);
    }
    Ok(figures)
}

/// Crawler, core and worker in this process, calling each other over memory; and user-service, whom they ask for plans.
async fn services(config: &Config, life: &Lifecycle) -> anyhow::Result<()> {
    let internal = &config.internal;
    let (network, ends) = rpc::local::Network::new();
    let user = user_service::wire(config, network.peers(internal.user_token.expose())?).await?;
    let crawler =
        crawler_service::wire(config, network.peers(internal.crawler_token.expose())?).await?;
    let core = core_service::wire(config, network.peers(internal.core_token.expose())?).await?;
    let worker = worker::wire(config, network.peers(internal.worker_token.expose())?).await?;
    for (routes, incoming) in [
        (user_service::grpc(user), ends.user),
        (crawler_service::grpc(crawler.clone()), ends.crawler),
        (core_service::grpc(core.clone()), ends.core),
    ] {
        let serving = rpc::local::serve(routes, incoming, internal.into(), life.hard());
        tokio::spawn(serving);
    }
    tokio::time::timeout(Duration::from_secs(30), crawler.connected())
        .await
        .context("the broker does not answer")?;
    crawler_service::consumers(crawler, life);
    core_service::consumers(core, life);
    worker::consumers(worker, life);
    Ok(())
}

/// Makes every product due at one instant, and waits from then on until all are fetched, stored and reported.
async fn round(
    owner: &mut PgConnection,
    products: u32,
    busy: &mut Busy,
) -> anyhow::Result<Duration> {
    let preparing = Duration::from_secs((products / WRITTEN_A_SECOND).into()) + VACUUM;
    let due = Utc::now() + preparing;
    let began = Instant::now() + preparing;
    let written = sqlx::query("update crawl.target set next_due_at = $1")
        .bind(due)
        .execute(&mut *owner)
        .await?
        .rows_affected();
    ensure!(written == u64::from(products), "{written} targets are due");
    for table in ["crawl.target", "crawl.task", "catalog.listing_state"] {
        execute(owner, &format!("vacuum analyze {table}")).await?;
    }
    ensure!(Instant::now() < began, "making products due took too long");
    tokio::time::sleep_until(began.into()).await;
    let since = Since::now();
    while is_busy(owner).await? {
        if began.elapsed() > PATIENCE {
            bail!("products are still under way after {PATIENCE:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = began.elapsed();
    busy.add(&since);
    let failed: i64 = sqlx::query_scalar(
        "select count(*) from crawl.target where last_outcome not in ('ok', 'observed')",
    )
    .fetch_one(&mut *owner)
    .await?;
    ensure!(failed == 0, "{failed} products could not be fetched");
    Ok(took)
}

/// Whether anything is in somebody's hand or due: mostly one look at a few rows, so that asking does not slow what it
/// asks about.
async fn is_busy(owner: &mut PgConnection) -> anyhow::Result<bool> {
    let sql = "select exists (select from crawl.task where finished_at is null)
                   or exists (select from crawl.target where source = 'amazon' and priority = 3 and task_id is null
                                and next_due_at <= now())";
    Ok(sqlx::query_scalar(sql).fetch_one(owner).await?)
}

async fn execute(owner: &mut PgConnection, sql: &str) -> anyhow::Result<u64> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(owner)
        .await?;
    Ok(done.rows_affected())
}

/// As the owner: one tenant that tracks every product, with the default rules, and a source that has been busy, so that
/// the first window is as large as it would be in a while.
fn seed(products: u32) -> String {
    format!(
        "insert into catalog.listing (source, marketplace, external_id, url)
         select 'amazon', 'US', 'B0' || lpad(n::text, 8, '0'), 'https://www.amazon.com/dp/B0' || lpad(n::text, 8, '0')
         from generate_series(0, {products} - 1) n;
         insert into catalog.listing_state (listing_id) select id from catalog.listing;
         insert into catalog.watch (tenant_id, listing_id)
         select '00000000-0000-7000-8000-000000000001', id from catalog.listing;
         insert into catalog.tracking (tenant_id, id, listing_id, interval_seconds)
         select '00000000-0000-7000-8000-000000000001', gen_random_uuid(), id, 86400 from catalog.listing;
         {rules}
         insert into crawl.weight (tenant_id, plan, version)
         values ('00000000-0000-7000-8000-000000000001', 'enterprise', 1);
         insert into crawl.payer (tenant_id, source, priority)
         select '00000000-0000-7000-8000-000000000001', 'amazon', p from generate_series(1, 3) p;
         insert into crawl.target
             (id, source, marketplace, external_id, url, interval_seconds, next_due_at, priority, payer_id)
         select id, source, marketplace, external_id, url, 86400, now() + interval '1 day', 3,
                '00000000-0000-7000-8000-000000000001'
         from catalog.listing;
         insert into crawl.task (id, source, priority, items, lease_until, finished_at)
         values (gen_random_uuid(), 'amazon', 3, 1000000, now(), now());
         analyze catalog.listing, catalog.watch, catalog.tracking, catalog.alert_rule, crawl.target",
        rules = rules::of_each("select distinct tenant_id from catalog.tracking")
    )
}
