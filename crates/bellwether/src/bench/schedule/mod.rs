//! How fast due targets are handed out, and how fairly over a month.
//!
//! Ours: the crawler's own dispatcher over a million targets of a thousand tenants: shares reckoned, rows claimed, leases
//! and tasks written, messages confirmed by the broker. Reference: a bare `SKIP LOCKED` claim of the same rows, which
//! does nothing with them.

mod month;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::source::Source;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};

use super::Figures;
use super::installation::Installation;

const SOURCE: Source = connectors::amazon::SOURCE;
/// Targets due over the day that has passed.
const TARGETS: u32 = 1_000_000;
const TENANTS: u32 = 1_000;
/// Targets claimed in one statement.
const BATCH: u32 = 5_000;
/// Windows of work that are measured.
const WINDOWS: u32 = 8;
/// The largest window: 500 tasks of 100 targets.
const WINDOW: u32 = 50_000;

pub async fn run() -> anyhow::Result<Figures> {
    month::run();
    let installation = Installation::start().await?;
    let outcome = measure(&installation).await;
    installation.stop().await?;
    outcome
}

async fn measure(installation: &Installation) -> anyhow::Result<Figures> {
    let mut config = installation.config.clone();
    config.crawl.claim_batch = BATCH;
    let mut owner = PgConnection::connect(config.database.url.expose()).await?;
    println!("making {TARGETS} targets of {TENANTS} tenants");
    sqlx::raw_sql(AssertSqlSafe(seed()))
        .execute(&mut owner)
        .await?;

    let (network, _ends) = rpc::local::Network::new();
    let peers = network.peers(config.internal.crawler_token.expose())?;
    let state = crawler_service::wire(&config, peers).await?;
    tokio::time::timeout(Duration::from_secs(30), state.connected())
        .await
        .context("the broker does not answer")?;
    let dispatcher = crawler_service::dispatcher(&state, SOURCE);

    let (mut claimed, mut spent) = (0, Duration::ZERO);
    for window in 1..=WINDOWS {
        reset(&mut owner).await?;
        let began = Instant::now();
        let mut in_window = 0;
        loop {
            let pass = dispatcher.pass().await?;
            ensure!(
                pass.refused == 0,
                "the broker refused {} tasks",
                pass.refused
            );
            if pass.claimed.total() == 0 {
                break;
            }
            in_window += pass.claimed.total();
        }
        let took = began.elapsed();
        println!(
            "window {window} of {WINDOWS}: {in_window} targets, {:.0} a second",
            f64::from(in_window) / took.as_secs_f64()
        );
        claimed += in_window;
        spent += took;
    }
    let ours = f64::from(claimed) / spent.as_secs_f64();
    let reference = bare(&mut owner, claimed / WINDOWS).await?;
    println!("bare claim of as many rows: {reference:.0} a second");
    Ok(Figures::new("schedule", ours, reference, "targets/s"))
}

/// Windows of as many rows, claimed by nothing but the claim.
async fn bare(owner: &mut PgConnection, window: u32) -> anyhow::Result<f64> {
    let claim = format!(
        "update crawl.target set task_id = '00000000-0000-7000-8000-000000000001', fence = fence + 1
         where id in (select id from crawl.target
                      where source = 'amazon' and priority = 3 and task_id is null and next_due_at <= now()
                      limit {BATCH} for update skip locked)"
    );
    let (mut claimed, mut spent) = (0, Duration::ZERO);
    for _ in 0..WINDOWS {
        reset(owner).await?;
        let began = Instant::now();
        for _ in 0..window.div_ceil(BATCH) {
            let done = sqlx::raw_sql(AssertSqlSafe(claim.clone()))
                .execute(&mut *owner)
                .await?;
            claimed += done.rows_affected();
        }
        spent += began.elapsed();
    }
    Ok(claimed as f64 / spent.as_secs_f64())
}

/// Everything claimed is fetched and due again tomorrow; the tables are as tidy as autovacuum would have them.
async fn reset(owner: &mut PgConnection) -> anyhow::Result<()> {
    let sql = "update crawl.target set task_id = null, next_due_at = next_due_at + interval '1 day'
               where task_id is not null;
               delete from crawl.task where finished_at is null;
               update crawl.task set finished_at = now();";
    sqlx::raw_sql(sql).execute(&mut *owner).await?;
    for table in ["crawl.target", "crawl.task", "crawl.payer"] {
        sqlx::raw_sql(AssertSqlSafe(format!("vacuum analyze {table}")))
            .execute(&mut *owner)
            .await?;
    }
    Ok(())
}

/// As the owner: tenants of three plans, a tenth of them with most of the targets, and a source that has been busy.
fn seed() -> String {
    format!(
        "insert into crawl.weight (tenant_id, plan, version)
         select lpad(to_hex(n), 32, '0')::uuid,
                case when n % 20 = 0 then 'enterprise' when n % 5 = 0 then 'pro' else 'free' end, 1
         from generate_series(1, {TENANTS}) n;
         insert into crawl.payer (tenant_id, source, priority)
         select lpad(to_hex(n), 32, '0')::uuid, 'amazon', p
         from generate_series(1, {TENANTS}) n, generate_series(1, 3) p;
         insert into crawl.target
             (id, source, marketplace, external_id, url, interval_seconds, next_due_at, priority, payer_id)
         select n, 'amazon', 'US', 'B' || n, 'https://www.amazon.com/dp/B' || n, 86400,
                now() - interval '1 day' * (n * 7919 % {TARGETS}) / {TARGETS}, 3,
                lpad(to_hex(1 + case when n % 2 = 0 then n / 2 % ({TENANTS} / 10) else n / 2 % {TENANTS} end), 32, '0')::uuid
         from generate_series(1, {TARGETS}) n;
         insert into crawl.task (id, source, priority, items, lease_until, finished_at)
         values (gen_random_uuid(), 'amazon', 3, {WINDOW}, now(), now());
         analyze crawl.target, crawl.payer, crawl.weight"
    )
}
