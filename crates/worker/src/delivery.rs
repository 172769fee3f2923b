//! Carrying results away while the crawl goes on: observations to core, then outcomes to the
//! crawler. In this order: a target that is reported is not fetched again.

use std::time::Duration;

use connectors::{Connector, Outcome};
use contracts::catalog::v1 as catalog;
use contracts::catalog::v1::outcome::Status as Stored;
use contracts::catalog::v1::{IngestObservationsRequest, Observation, Origin};
use contracts::crawl::v1::{ItemOutcome, ReportRequest, TaskItem};
use tokio::sync::mpsc;
use tonic::{Request, Status};

use crate::clients::Clients;
use crate::convert;
use crate::lease::Lease;
use crate::retry;

/// Observations carried at once; a product with many variants has many. Core takes a few times more.
const BATCH_OBSERVATIONS: usize = 2_000;
/// How long a batch waits for more after its first result.
const LINGER: Duration = Duration::from_millis(20);
/// Limit of one ingest: core answers after its commit.
const INGEST_LIMIT: Duration = Duration::from_secs(30);

/// What became of one item of the task.
pub(crate) struct Told {
    pub(crate) item: TaskItem,
    pub(crate) outcome: Outcome,
    /// To be kept with the target for its next fetch.
    pub(crate) memo: Option<Vec<u8>>,
}

/// The tenant whose listings a task is about; none: everybody's.
pub(crate) struct Owner(pub(crate) Option<String>);

/// The other side stayed away for longer than the lease lasts.
#[derive(Debug)]
pub(crate) struct GaveUp;

/// A result that is ready to go.
struct Parcel {
    /// A product and its variants: stored together or not at all.
    observations: Vec<Observation>,
    report: ItemOutcome,
}

/// Takes results until their sender is gone and all are delivered, at most `most` at once.
pub(crate) async fn run(
    clients: &Clients,
    lease: &Lease,
    connector: &dyn Connector,
    owner: &Owner,
    most: usize,
    mut results: mpsc::Receiver<Told>,
) -> Result<(), GaveUp> {
    while let Some(first) = results.recv().await {
        let mut batch = vec![parcel(first, connector, owner)];
        let mut size = batch[0].observations.len();
        let deadline = tokio::time::Instant::now() + LINGER;
        while batch.len() < most && size < BATCH_OBSERVATIONS {
            match tokio::time::timeout_at(deadline, results.recv()).await {
                Ok(Some(result)) => {
                    let next = parcel(result, connector, owner);
                    size += next.observations.len();
                    batch.push(next);
                }
                Ok(None) | Err(_) => break,
            }
        }
        ingest(clients, lease, &mut batch).await?;
        report(clients, lease, batch).await?;
    }
    Ok(())
}

fn parcel(told: Told, connector: &dyn Connector, Owner(owner): &Owner) -> Parcel {
    let Told {
        item,
        outcome,
        memo,
    } = told;
    let low_stock = match &outcome {
        Outcome::Observed(seen) => seen.first().and_then(|seen| connector.low_stock(seen)),
        _ => None,
    };
    let observations = match &outcome {
        Outcome::Observed(seen) => seen
            .iter()
            .map(|one| convert::observation(one, item.round, owner.as_deref()))
            .collect(),
        _ => Vec::new(),
    };
    Parcel {
        observations,
        report: ItemOutcome {
            memo,
            low_stock,
            ..convert::report(&item, &outcome)
        },
    }
}

/// Brings the observations to core. What core refuses changes the report of its own target only.
async fn ingest(clients: &Clients, lease: &Lease, batch: &mut [Parcel]) -> Result<(), GaveUp> {
    let mut carrying: Vec<&mut Parcel> = batch
        .iter_mut()
        .filter(|parcel| !parcel.observations.is_empty())
        .collect();
    match send(clients, lease, &mut carrying).await {
        Ok(()) => Ok(()),
        Err(Refusal::GaveUp) => Err(GaveUp),
        Err(Refusal::Parcels(refused)) => {
            for (place, refused) in refused {
                refuse(carrying[place], &refused);
            }
            Ok(())
        }
        // One parcel spoils the request: find it by sending each alone.
        Err(Refusal::Whole(status)) => {
            tracing::warn!(code = ?status.code(), error = status.message(), "core refuses a batch");
            for parcel in carrying {
                match send(clients, lease, &mut [&mut *parcel]).await {
                    Ok(()) => {}
                    Err(Refusal::GaveUp) => return Err(GaveUp),
                    Err(Refusal::Whole(status)) => {
                        refuse(parcel, &Refused::Malformed(status.message().to_owned()));
                    }
                    Err(Refusal::Parcels(refused)) => {
                        for (_, refused) in refused {
                            refuse(parcel, &refused);
                        }
                    }
                }
            }
            Ok(())
        }
    }
}

/// The observation did not make it into history, so the target was not fetched well.
fn refuse(parcel: &mut Parcel, refused: &Refused) {
    let (outcome, reason) = match refused {
        Refused::Malformed(reason) => (
            "malformed",
            format!("the observation was refused: {reason}"),
        ),
        Refused::Suspicious(reason) => ("suspicious", reason.clone()),
    };
    parcel.report.outcome = outcome.into();
    parcel.report.reason = reason;
    parcel.report.retryable = true;
    // Nothing was kept, so nothing may be skipped next time.
    parcel.report.memo = None;
    parcel.report.low_stock = None;
}

/// Why core did not take an observation.
enum Refused {
    /// It breaks a rule.
    Malformed(String),
    /// So unlikely that a second look has to confirm it.
    Suspicious(String),
}

enum Refusal {
    GaveUp,
    /// The request as such.
    Whole(Status),
    /// Products within it, by their place in the list.
    Parcels(Vec<(usize, Refused)>),
}

/// Sends the parcels' observations, and notes in their reports what core found changed.
async fn send(
    clients: &Clients,
    lease: &Lease,
    parcels: &mut [&mut Parcel],
) -> Result<(), Refusal> {
    if parcels.is_empty() {
        return Ok(());
    }
    let observations: Vec<_> = parcels
        .iter()
        .flat_map(|parcel| parcel.observations.iter().cloned())
        .collect();
    let answer = retry::within(lease, "ingest", || {
        let mut request = Request::new(IngestObservationsRequest {
            origin: Origin::Crawl.into(),
            observations: observations.clone(),
        });
        request.set_timeout(INGEST_LIMIT);
        let mut client = clients.ingest.clone();
        async move { client.ingest_observations(request).await }
    })
    .await
    .map_err(|status| match rpc::is_transient(&status) {
        true => Refusal::GaveUp,
        false => Refusal::Whole(status),
    })?;

    // Outcomes come in the order sent. The product itself counts; a refused variant alone does not
    // make its product's fetch a failure.
    let mut outcomes = answer.outcomes.into_iter();
    let mut refused = Vec::new();
    for (place, parcel) in parcels.iter_mut().enumerate() {
        let own: Vec<_> = outcomes.by_ref().take(parcel.observations.len()).collect();
        parcel.report.changed = changed(&own);
        let mut own = own.into_iter();
        match own.next() {
            Some(outcome) => match outcome.status() {
                Stored::Refused => refused.push((place, Refused::Malformed(outcome.reason))),
                Stored::Quarantined => refused.push((place, Refused::Suspicious(outcome.reason))),
                _ => {}
            },
            // Never told to be stored, so not reported as fetched.
            None => {
                let reason = "core did not tell what became of it".into();
                refused.push((place, Refused::Malformed(reason)));
            }
        }
        let kept_out = |status| matches!(status, Stored::Refused | Stored::Quarantined);
        for variant in own.filter(|outcome| kept_out(outcome.status())) {
            tracing::warn!(reason = variant.reason, "core did not take a variant");
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Parcels(refused))
    }
}

/// Whether anything of a product moved, its variants included; `None` when core had all of it already.
fn changed(outcomes: &[catalog::Outcome]) -> Option<bool> {
    let stored = outcomes
        .iter()
        .filter_map(|outcome| match outcome.status() {
            Stored::Changed => Some(true),
            Stored::Unchanged => Some(false),
            _ => None,
        });
    stored.reduce(|one, other| one || other)
}

async fn report(clients: &Clients, lease: &Lease, batch: Vec<Parcel>) -> Result<(), GaveUp> {
    let outcomes: Vec<_> = batch.into_iter().map(|parcel| parcel.report).collect();
    for outcome in &outcomes {
        metrics::counter!("worker_outcomes_total", "outcome" => outcome.outcome.clone())
            .increment(1);
    }
    retry::within(lease, "report", || {
        let (task_id, outcomes) = (lease.task_id().to_owned(), outcomes.clone());
        let mut client = clients.work.clone();
        async move { client.report(ReportRequest { task_id, outcomes }).await }
    })
    .await
    .map(|_| ())
    .map_err(|status| {
        tracing::warn!(code = ?status.code(), error = status.message(), "cannot report");
        GaveUp
    })
}
