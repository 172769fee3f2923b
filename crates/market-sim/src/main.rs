//! The market simulator as a process of its own.

use std::{net::IpAddr, time::Duration};

use clap::Parser;
use market_sim::{Sim, SimOptions, Source};
use tokio::signal::unix::{SignalKind, signal};

/// Serves the simulated upstreams until it is told to stop.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Port of the mail server; 0 takes any free one.
    #[arg(long, default_value_t = 8025)]
    smtp_port: u16,
    /// The market's seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long an actor run takes, in milliseconds.
    #[arg(long, default_value_t = 300)]
    run_ms: u64,
    /// Base of the picture URLs, when clients reach the simulator under another name.
    #[arg(long)]
    public_base: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let sim = Sim::start(SimOptions {
        host: args.host,
        port: args.port,
        smtp_port: args.smtp_port,
        seed: args.seed,
        run_time: Duration::from_millis(args.run_ms),
        public_base: args.public_base,
        ..SimOptions::default()
    })
    .await?;
    tracing::info!(
        control = format!("{}/_control", sim.base_url()),
        amazon = sim.source_url(Source::Amazon),
        popmart = sim.source_url(Source::Popmart),
        haier = sim.source_url(Source::Haier),
        web = sim.source_url(Source::Web),
        mail = sim.smtp_url(),
        alibaba1688 = sim.source_url(Source::Alibaba1688),
        "market-sim is serving"
    );
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    sim.stop().await;
    Ok(())
}
