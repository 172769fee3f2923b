//! Benchmarks: each measures ours and a physical limit in one run and prints their ratio as its last line.
//!
//! Another one is a variant of [`Name`], its arm in [`one`], and what [`Name::about`] says of it.

mod all;
mod auth;
mod bare_path;
mod busy;
mod copied;
mod fanout;
mod growth;
mod ingest;
mod installation;
mod latency;
mod machine;
mod pipeline;
mod read;
mod rules;
mod schedule;
mod upstream;

use std::path::PathBuf;

use serde::Serialize;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Name {
    /// Observations from gRPC to commit, rules evaluated, against COPY of the same rows
    Ingest,
    /// One product answered, kept and not, against a bare handler with the same bytes and a bare SELECT of the row
    Read,
    /// One product answered to an access token and to an API key, against the same without knowing who asks
    Auth,
    /// A 90-day history, a search, and ingest, with a short and with a long past of the same listings
    Growth,
    /// Due targets claimed fairly, leased and published, against a bare claim of the same rows; and a simulated month
    Schedule,
    /// Products from due target over queue, upstream JSON and gRPC to history and alerts, against COPY of the same rows
    Pipeline,
    /// One change that 10,000 tenants are told of, to the commit, against a bare INSERT of the same alerts
    Fanout,
    /// A refresh asked for over HTTP to its event on a stream, idle and under load, against a bare round trip
    Latency,
    /// Every one of these in turn; writes the page of their figures
    All,
}

/// What the page says of a benchmark.
struct About {
    what: &'static str,
    aim: &'static str,
}

impl Name {
    /// All that measure something, in the order of the page.
    const MEASURED: [Self; 8] = [
        Self::Ingest,
        Self::Pipeline,
        Self::Read,
        Self::Auth,
        Self::Growth,
        Self::Schedule,
        Self::Fanout,
        Self::Latency,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Auth => "auth",
            Self::Growth => "growth",
            Self::Schedule => "schedule",
            Self::Pipeline => "pipeline",
            Self::Fanout => "fanout",
            Self::Latency => "latency",
            Self::All => "all",
        }
    }

    const fn about(self) -> About {
        match self {
            Self::Ingest => About {
                what: "Observations from gRPC through checks, history and rules to the commit. Limit: the owner's COPY of \
                       the same rows\ninto the same partitioned table.",
                aim: "ratio 0.10",
            },
            Self::Read => About {
                what: "One product over HTTP for somebody signed in: kept, against a bare handler that sends the same bytes; \
                       read anew, against\na bare prepared SELECT of the row.",
                aim: "ratio 0.5, both",
            },
            Self::Auth => About {
                what: "One kept product over HTTP for an access token and for an API key. Limit: the same router with the \
                       caller given\nbeforehand, sent the same bytes.",
                aim: "ratio 0.95, both",
            },
            Self::Growth => About {
                what: "A history of 90 days with a long past of the same listings (p95; smaller is better). Limit: the same with a \
                       short past.\nBeside it the search and ingest with both.",
                aim: "within 1.2 times",
            },
            Self::Schedule => About {
                what: "Due targets claimed fairly over tenants, leased and published with confirms. Limit: a bare claim of \
                       the same rows.",
                aim: "ratio 0.5",
            },
            Self::Pipeline => About {
                what: "Products all the way: due target, queue, worker, upstream JSON, connector, gRPC, history, alerts, \
                       report. Limit: COPY\nof the history rows. The upstream alone must be much faster, or it is what is \
                       measured; busy processors near their\nnumber say that nothing but more of them would help.",
                aim: "20,000 products/s",
            },
            Self::Fanout => About {
                what: "One change of a product that many tenants track, each under rules of its own, to the commit of \
                       everybody's alert and\nevent. Limit: a bare INSERT of the same alert rows.",
                aim: "",
            },
            Self::Latency => About {
                what: "From asking for a refresh over HTTP to its event on an open stream, through all services, queue and \
                       upstream; smaller is\nbetter. Limit: a message published, consumed, a row committed and its listener \
                       told.",
                aim: "p99 under 1,000 ms",
            },
            Self::All => About { what: "", aim: "" },
        }
    }
}

/// What to measure, and with how much.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to measure
    name: Name,
    /// With so little that it only shows whether it works: the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// `all`: where to write the page [default: docs/performance.md, and nowhere after a quick run]
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
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

impl Args {
    /// As they are meant: a quick run wants little of everything, and only a real one is worth a page.
    fn settled(mut self) -> Self {
        if self.quick {
            self.targets = self.targets.min(10_000);
            self.tenants = self.tenants.min(100);
            self.days = self.days.min(2);
        } else if self.page.is_none() {
            self.page = Some(PathBuf::from("docs/performance.md"));
        }
        self
    }
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
    let args = args.settled();
    if args.name == Name::All {
        return Box::pin(all::run(&args)).await;
    }
    let figures = one(args.name, &args).await?;
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

async fn one(name: Name, args: &Args) -> anyhow::Result<Figures> {
    match name {
        Name::Ingest => ingest::run(args).await,
        Name::Read => read::run().await,
        Name::Auth => Box::pin(auth::run()).await,
        Name::Growth => Box::pin(growth::run(args)).await,
        Name::Schedule => schedule::run(args).await,
        Name::Pipeline => pipeline::run(args).await,
        Name::Fanout => fanout::run(args).await,
        Name::Latency => latency::run(args).await,
        Name::All => anyhow::bail!("all of them are not one"),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_page_has_every_benchmark_under_the_name_it_is_asked_by() {
        for name in Name::value_variants() {
            let asked = name.to_possible_value().expect("a name");
            assert_eq!(asked.get_name(), name.as_str());
            assert_eq!(
                Name::MEASURED.contains(name),
                *name != Name::All,
                "{name:?}"
            );
            assert_eq!(name.about().what.is_empty(), *name == Name::All, "{name:?}");
        }
    }
}
