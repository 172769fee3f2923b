//! `bellwether history export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use contracts::catalog::v1::archive_client::ArchiveClient;
use contracts::catalog::v1::{ExportHistoryRequest, ExportHistoryResponse};
use indicatif::HumanCount;
use rpc::Peers;
use tonic::{Code, Request};

use super::Where;
use super::console::Progress;
use crate::usage::Usage;

/// The longest an export may take to begin: all that it writes is counted first.
const PATIENCE: Duration = Duration::from_secs(120);

const HELP: &str = "\
Writes every observation, oldest first, product after product, in the columns that `history import` reads. It is
written as it is read, so that neither side holds it all.

The plain columns say no more of a rank than its number, and of availability than in_stock. With --exact the table
has further columns, and importing it into an empty installation ends in the very same history.

Exit code: 0 all is written, 1 it broke off, 64 the command or the configuration is wrong.";

/// What to export.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Arguments {
    #[command(flatten)]
    place: Where,
    /// These products alone, by the source's own ids, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    ids: Vec<String>,
    /// Observations from this instant on
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Observations up to this instant
    #[arg(long, value_name = "TIME")]
    to: Option<DateTime<Utc>>,
    /// With the columns that the plain table leaves out
    #[arg(long)]
    exact: bool,
    /// Where to write it; it must not be there yet [default: the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Arguments {
    fn request(&self) -> ExportHistoryRequest {
        ExportHistoryRequest {
            source: self.place.source.clone(),
            marketplace: self.place.marketplace(),
            external_ids: self.ids.clone(),
            owner_tenant_id: self.place.tenant.map(|id| id.to_string()),
            from_us: self.from.map(|at| at.timestamp_micros()),
            to_us: self.to.map(|at| at.timestamp_micros()),
            exact: self.exact,
        }
    }
}

/// Exports.
pub async fn run(peers: &Peers, arguments: &Arguments) -> anyhow::Result<()> {
    arguments.place.check(peers).await?;
    let mut progress = Progress::products();
    let mut looks = 0_u64;
    let mut told = |page: &ExportHistoryResponse| {
        looks += u64::from(page.looks);
        let message = format!("{} observations", HumanCount(looks));
        progress.show(page.finished, page.listings, message);
    };
    match &arguments.out {
        None => all(peers, arguments.request(), io::stdout().lock(), &mut told).await?,
        Some(path) => into_file(peers, arguments.request(), path, &mut told).await?,
    }
    drop(progress);
    eprintln!("{} observations written", HumanCount(looks));
    Ok(())
}

async fn into_file(
    peers: &Peers,
    request: ExportHistoryRequest,
    path: &Path,
    told: impl FnMut(&ExportHistoryResponse),
) -> anyhow::Result<()> {
    let file = File::create_new(path)
        .map_err(|error| Usage(format!("{} cannot be made: {error}", path.display())))?;
    let written = all(peers, request, BufWriter::new(file), told).await;
    if written.is_err() {
        // A part must not be taken for the whole.
        std::fs::remove_file(path).with_context(|| format!("remove {}", path.display()))?;
    }
    written
}

/// Writes a whole export.
pub async fn all(
    peers: &Peers,
    request: ExportHistoryRequest,
    mut into: impl Write,
    mut told: impl FnMut(&ExportHistoryResponse),
) -> anyhow::Result<()> {
    let mut request = Request::new(request);
    request.set_timeout(PATIENCE);
    let answer = rpc::sized!(ArchiveClient::new(peers.core.clone()))
        .export_history(request)
        .await;
    let mut pages = match answer {
        Ok(answer) => answer.into_inner(),
        Err(status) if status.code() == Code::InvalidArgument => {
            return Err(Usage(status.message().to_owned()).into());
        }
        Err(status) => bail!("core: {}", status.message()),
    };
    loop {
        let page = pages.message().await;
        match page.map_err(|status| anyhow::anyhow!("core: {}", status.message()))? {
            Some(page) => {
                into.write_all(&page.csv).context("write on")?;
                told(&page);
            }
            None => return into.flush().context("write the end"),
        }
    }
}
