//! How fast due targets are handed out, and how fairly over a month.
//!
//! Ours: the crawler's own dispatcher over a million targets of a thousand tenants: shares reckoned, rows claimed, leases
//! and tasks written, messages confirmed by the broker. Reference: a bare `SKIP LOCKED` claim of the same rows, which
//! does nothing with them. Both are measured in turns, window by window, so that whatever else the machine does meets both.

mod month;
mod targets;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use crawler_service::Dispatcher;
use domain::source::Source;
use sea_orm::sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use super::installation::Installation;
use super::{Args, Figures};
use targets::Targets;

const SOURCE: Source = connectors::amazon::SOURCE;
/// Targets claimed in one statement.
const BATCH: u32 = 5_000;
/// Windows of work that are measured, at most.
const WINDOWS: u32 = 8;
/// The largest window: 500 tasks of 100 targets.
const WINDOW: u32 = 50_000;

pub async fn run(args: &Args) -> anyhow::Result<Figures> {
    let installation = Installation::start().await?;
    let outcome = measure(&installation, args).await;
    installation.stop().await?;
    let mut figures = outcome?;
    let days = usize::try_from(args.days)?;
    let tenants = usize::try_from(args.tenants)?;
    let month = month::run(days, tenants, f64::from(args.targets));
    figures.more.insert("month".to_owned(), month);
    Ok(figures)
}

async fn measure(installation: &Installation, args: &Args) -> anyhow::Result<Figures> {
    let mut config = installation.config.clone();
    config.crawl.claim_batch = BATCH;
    let owner = PgConnection::connect(config.database.url.expose()).await?;
    println!(
        "making {} targets of {} tenants",
        args.targets, args.tenants
    );
    let mut targets = Targets::make(owner, args.targets, args.tenants).await?;

    let internal = &config.internal;
    let (network, ends) = rpc::local::Network::new();
    let token = internal.user_token.expose();
    let user = Box::pin(user_service::wire(&config, network.peers(token)?)).await?;
    // Each claim is charged to plans, and asks for them.
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    tokio::spawn(rpc::local::serve(
        user_service::grpc(user),
        ends.user,
        internal.into(),
        stop,
    ));
    let peers = network.peers(internal.crawler_token.expose())?;
    let state = crawler_service::wire(&config, peers).await?;
    tokio::time::timeout(Duration::from_secs(30), state.connected())
        .await
        .context("the broker does not answer")?;
    let dispatcher = crawler_service::dispatcher(&state, SOURCE);

    let (mut ours, mut bare) = (Spent::default(), Spent::default());
    let windows = (args.targets / WINDOW).clamp(1, WINDOWS);
    for window in 1..=windows {
        targets.fetched().await?;
        let own = dispatched(&dispatcher).await?;
        ensure!(own.targets > 0, "nothing was handed out");
        targets.given_back().await?;
        let reference = targets.bare(own.targets).await?;
        println!(
            "window {window} of {windows}: {} targets, {:.0} a second; a bare claim of them: {:.0} a second",
            own.targets,
            own.a_second(),
            reference.a_second()
        );
        ours.add(own);
        bare.add(reference);
    }
    Ok(Figures::new(
        "schedule",
        ours.a_second(),
        bare.a_second(),
        "targets/s",
    ))
}

/// Hands out until the window is full.
async fn dispatched(dispatcher: &Dispatcher) -> anyhow::Result<Spent> {
    let began = Instant::now();
    let mut targets = 0;
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
        targets += u64::from(pass.claimed.total());
    }
    let time = began.elapsed();
    Ok(Spent { targets, time })
}

/// Targets claimed and the time it took.
#[derive(Default)]
struct Spent {
    targets: u64,
    time: Duration,
}

impl Spent {
    fn add(&mut self, other: Self) {
        self.targets += other.targets;
        self.time += other.time;
    }

    fn a_second(&self) -> f64 {
        self.targets as f64 / self.time.as_secs_f64()
    }
}
