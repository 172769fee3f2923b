//! Batches on their way into core.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use contracts::catalog::v1::archive_client::ArchiveClient;
use contracts::catalog::v1::ingest_client::IngestClient;
use contracts::catalog::v1::outcome::Status as Outcome;
use contracts::catalog::v1::{IngestObservationsRequest, Origin, PrepareImportRequest};
use rpc::{Channel, Peers};
use tonic::{Request, Response, Status};

use super::reader::Batch;

/// The longest a batch may take: it may make many months of partitions.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long to wait before each further try, while core is away.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were read.
    pub rows: u64,
    /// Of an instant that history did not have.
    pub new: u64,
    /// Of an instant that it had.
    pub known: u64,
    /// Told, and left out.
    pub refused: u64,
    /// Products that nobody had tracked, made for them.
    pub listings: u64,
}

/// The way into core, as the operator.
pub struct Sender {
    archive: ArchiveClient<Channel>,
    ingest: IngestClient<Channel>,
    dry_run: bool,
    counts: Counts,
    made: HashSet<String>,
}

impl Sender {
    pub fn new(peers: &Peers, dry_run: bool) -> Self {
        Self {
            archive: rpc::sized!(ArchiveClient::new(peers.core.clone())),
            ingest: rpc::sized!(IngestClient::new(peers.core.clone())),
            dry_run,
            counts: Counts::default(),
            made: HashSet::new(),
        }
    }

    /// What became of all rows so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Stores a batch, or in a dry run asks what storing it would do; the refused rows with their lines, in that order.
    ///
    /// # Errors
    /// When core stays away or cannot take it; then nothing of the batch is stored.
    pub async fn send(&mut self, batch: Batch) -> anyhow::Result<Vec<(u64, String)>> {
        self.counts.rows += batch.len() as u64;
        let mut refused = batch.refused;
        let (lines, mut observations): (Vec<u64>, Vec<_>) = batch.rows.into_iter().unzip();
        let request = PrepareImportRequest {
            observations: observations.clone(),
            dry_run: self.dry_run,
        };
        let checked = retried(request, async |request| {
            self.archive.clone().prepare_import(request).await
        })
        .await
        .context("check rows")?
        .checked;
        ensure!(checked.len() == lines.len(), "core left rows out");

        let mut good = Vec::with_capacity(lines.len());
        let mut sent = Vec::with_capacity(lines.len());
        for ((line, observation), checked) in lines.iter().zip(&mut observations).zip(checked) {
            if !checked.reason.is_empty() {
                refused.push((*line, checked.reason));
                continue;
            }
            if checked.new_listing && self.made.insert(checked.external_id.clone()) {
                self.counts.listings += 1;
            }
            match checked.known {
                true => self.counts.known += 1,
                false => self.counts.new += 1,
            }
            observation.external_id = checked.external_id;
            good.push(*line);
            sent.push(std::mem::take(observation));
        }
        if !self.dry_run && !sent.is_empty() {
            refused.extend(self.store(&good, sent).await?);
        }
        refused.sort();
        self.counts.refused += refused.len() as u64;
        Ok(refused)
    }

    /// What ingest refuses although it was checked: the listing went, or the clock.
    async fn store(
        &mut self,
        lines: &[u64],
        observations: Vec<contracts::catalog::v1::Observation>,
    ) -> anyhow::Result<Vec<(u64, String)>> {
        let request = IngestObservationsRequest {
            origin: Origin::Import.into(),
            observations,
        };
        let outcomes = retried(request, async |request| {
            self.ingest.clone().ingest_observations(request).await
        })
        .await
        .context("store rows")?
        .outcomes;
        ensure!(outcomes.len() == lines.len(), "core left rows out");
        let refused: Vec<(u64, String)> = lines
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| outcome.status() == Outcome::Refused)
            .map(|(line, outcome)| (*line, outcome.reason))
            .collect();
        self.counts.new = self.counts.new.saturating_sub(refused.len() as u64);
        Ok(refused)
    }
}

/// Calls, and calls again while core may only be away for a moment. Both calls may be repeated without harm.
async fn retried<T: Clone, A>(
    message: T,
    call: impl AsyncFn(Request<T>) -> Result<Response<A>, Status>,
) -> anyhow::Result<A> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let mut request = Request::new(message.clone());
        request.set_timeout(PATIENCE);
        match call(request).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => match pauses.next().filter(|_| rpc::is_transient(&status)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => anyhow::bail!("core: {}", status.message()),
            },
        }
    }
}
