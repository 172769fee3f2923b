//! Feeds broken answers to every parser of foreign text, for a while each: the reading of every
//! registered source, whatever else a source says it reads, and addresses.
//!
//! cargo-fuzz needs a nightly compiler, which this workspace does without. Instead of coverage, an
//! input counts as new when its result reads differently from all before. Seeds lie in
//! `fuzz/corpus/<parser>`; a failure leaves its input in `fuzz/failures/<parser>` and ends with 1.

mod corpus;
mod mutate;
mod parsers;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Fuzzes every parser, or those named.
#[derive(Debug, Parser)]
struct Options {
    /// Parsers to fuzz; all without a name.
    names: Vec<String>,
    /// Seconds for each.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Repeats a former run.
    #[arg(long)]
    seed: Option<u64>,
    /// Where seeds are and failures go.
    #[arg(long, default_value = "fuzz")]
    folder: PathBuf,
    /// Writes inputs with new results to the corpus.
    #[arg(long)]
    keep: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut failed = false;
    let parsers = parsers::all()?;
    for name in &options.names {
        let known = parsers.iter().any(|parser| parser.name == *name);
        anyhow::ensure!(known, "no parser is called {name}");
    }
    for parser in &parsers {
        if !options.names.is_empty() && !options.names.contains(&parser.name) {
            continue;
        }
        let mut corpus = corpus::Corpus::open(&options.folder, &parser.name, options.keep)?;
        let time = Duration::from_secs(options.seconds);
        let told = run::run(parser, &mut corpus, time, seed)?;
        println!("{}: {told} (seed {seed})", parser.name);
        failed |= told.failure.is_some();
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
