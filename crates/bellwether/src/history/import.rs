//! `bellwether history import`.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;

use anyhow::Context;
use indicatif::HumanCount;
use rpc::Peers;

use super::console::{self, Progress};
use super::reader::Table;
use super::row::Shared;
use super::sender::{Counts, Sender};
use super::{RowsRefused, Where};
use crate::usage::Usage;

const HELP: &str = "\
The file's columns, of which only the first two are needed:
  external_id, observed_at, currency, price, list_price, buy_box_price, buy_box_seller, rank, rating,
  review_count, stock_quantity, in_stock, title
and those of `history export --exact`. An empty cell was not collected. A time names its zone, as in
2024-05-01T12:00:00Z; an amount needs a currency; in_stock is true or false, and false without a price says
that nobody offered it.

Rows that are stored already change nothing, so a file may be imported again. A product that nobody tracks is
made, so that its history is there when somebody does. Alerts about the past are kept and told to nobody.

Exit code: 0 every row is in history, 1 it broke off, 64 the command, the configuration or the file's first
line is wrong, 65 rows were refused; all others are in history.";

/// What to import.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Arguments {
    /// The table: UTF-8, commas, with a first line that names the columns
    file: PathBuf,
    #[command(flatten)]
    place: Where,
    /// The category that the ranks are of, where the table does not say
    #[arg(long, value_name = "NAME")]
    rank_category: Option<String>,
    /// Change nothing, and tell what an import would do
    #[arg(long)]
    dry_run: bool,
}

/// Imports; an error when not every row is in history afterwards.
pub async fn run(peers: &Peers, arguments: &Arguments) -> anyhow::Result<()> {
    let name = arguments.file.display();
    let file = File::open(&arguments.file)
        .map_err(|error| Usage(format!("{name} cannot be opened: {error}")))?;
    let size = file.metadata().map(|data| data.len()).unwrap_or_default();
    arguments.place.check(peers).await?;
    let place = &arguments.place;
    let shared = Shared {
        source: place.source.clone(),
        marketplace: place.marketplace(),
        owner_tenant_id: place.tenant.map(|id| id.to_string()),
        rank_category: arguments.rank_category.clone(),
    };
    let mut progress = Progress::bytes(size);
    let told = |step: &Step<'_>| {
        if !step.refused.is_empty() {
            progress.say(&console::refusals(step.refused));
        }
        let (rows, refused) = (step.counts.rows, step.counts.refused);
        let message = format!("{} rows, {refused} refused", HumanCount(rows));
        progress.show(step.read_to, size.max(step.read_to), message);
    };
    let table = Table::open(BufReader::new(file), shared)
        .map_err(|wrong| Usage(format!("{name}: {wrong}")))?;
    let counts = all(peers, table, arguments.dry_run, told)
        .await
        .with_context(|| format!("{name}: the import broke off; it may be started again"))?;
    drop(progress);
    print!("{}", console::summary(counts, arguments.dry_run));
    match counts.refused {
        0 => Ok(()),
        refused => Err(RowsRefused(refused).into()),
    }
}

/// What a batch came to.
#[derive(Debug)]
pub struct Step<'a> {
    /// Rows of the batch that were refused, by line.
    pub refused: &'a [(u64, String)],
    /// Of all rows so far.
    pub counts: Counts,
    /// How far the table is read, in bytes.
    pub read_to: u64,
}

/// Imports a whole table.
pub async fn all(
    peers: &Peers,
    mut table: Table<impl Read>,
    dry_run: bool,
    mut told: impl FnMut(&Step<'_>),
) -> anyhow::Result<Counts> {
    let mut sender = Sender::new(peers, dry_run);
    loop {
        let batch = table.batch().context("read on")?;
        if batch.is_empty() {
            return Ok(sender.counts());
        }
        let read_to = batch.read_to;
        let refused = sender.send(batch).await?;
        told(&Step {
            refused: &refused,
            counts: sender.counts(),
            read_to,
        });
    }
}
