//! Benchmarks: each measures ours and a physical limit in one run and prints their ratio as its last line.

mod growth;
mod ingest;
mod installation;
mod schedule;

use serde::Serialize;

/// What can be measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Name {
    /// Observations from gRPC to commit, rules evaluated, against COPY of the same rows
    Ingest,
    /// A 90-day history, a search, and ingest, with a short and with a long past of the same listings
    Growth,
    /// Due targets claimed fairly, leased and published, against a bare claim of the same rows; and a simulated month
    Schedule,
}

/// What to measure, and with how much.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to measure
    name: Name,
    /// `schedule`: targets that are due, and that become due in a simulated day
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    targets: u32,
    /// `growth`: observations of the short past
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    small: u64,
    /// `growth`: observations of the long past
    #[arg(long, default_value_t = 50_000_000, value_parser = clap::value_parser!(u64).range(2_000..=500_000_000))]
    large: u64,
    /// `growth`: listings that they are of
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    listings: u32,
    /// `schedule`: tenants they belong to
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    tenants: u32,
    /// `schedule`: days to simulate
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
}

/// The last line of a benchmark.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    /// What we reach.
    ours: f64,
    /// What the engine underneath reaches with the same rows.
    reference: f64,
    /// `ours / reference`.
    ratio: f64,
    unit: &'static str,
    /// What else was found out.
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

impl Figures {
    fn new(bench: &'static str, ours: f64, reference: f64, unit: &'static str) -> Self {
        let rounded = |value: f64, digits: f64| (value * digits).round() / digits;
        Self {
            bench,
            ours: rounded(ours, 10.0),
            reference: rounded(reference, 10.0),
            ratio: rounded(ours / reference, 1000.0),
            unit,
            more: serde_json::Map::new(),
        }
    }
}

/// Measures and prints.
pub async fn run(args: Args) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        println!("note: built without optimisation; `./dev bench` builds with it");
    }
    let figures = match args.name {
        Name::Growth => growth::run(&args).await?,
        Name::Ingest => ingest::run().await?,
        Name::Schedule => schedule::run(&args).await?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}
