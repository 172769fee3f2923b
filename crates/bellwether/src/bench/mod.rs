//! Benchmarks: each measures ours and a physical limit in one run and prints their ratio as its last line.

mod ingest;
mod installation;
mod schedule;

use serde::Serialize;

/// What can be measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Name {
    /// Observations from gRPC to commit, rules evaluated, against COPY of the same rows
    Ingest,
    /// Due targets claimed fairly, leased and published, against a bare claim of the same rows; and a simulated month
    Schedule,
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
        }
    }
}

/// Measures and prints.
pub async fn run(name: Name) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        println!("note: built without optimisation; `./dev bench` builds with it");
    }
    let figures = match name {
        Name::Ingest => ingest::run().await?,
        Name::Schedule => schedule::run().await?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}
