//! `bellwether.catalog.v1.Ingest`.

use contracts::catalog::v1 as wire;
use contracts::catalog::v1::ingest_server::Ingest;
use contracts::catalog::v1::outcome::Status as OutcomeStatus;
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::coalescer::NotStored;
use super::{Batch, Coalescer, Origin, Outcome};

/// Most observations of one request: a product with its variants is far below, and an import sends many requests.
const MOST: usize = 5_000;

/// The service's handler.
#[derive(Debug, Clone)]
pub struct IngestGrpc(pub Coalescer);

#[tonic::async_trait]
impl Ingest for IngestGrpc {
    async fn ingest_observations(
        &self,
        request: Request<wire::IngestObservationsRequest>,
    ) -> Result<Response<wire::IngestObservationsResponse>, Status> {
        let caller = Caller::check(&request, &[Caller::Worker, Caller::Operator])?;
        let request = request.into_inner();
        let origin = origin(caller, request.origin())?;
        let count = request.observations.len();
        if count > MOST {
            return Err(Status::invalid_argument(format!(
                "at most {MOST} observations a request"
            )));
        }
        let batch = Batch {
            origin,
            observations: request.observations,
        };
        let outcomes = self.0.store(batch).await.map_err(|error| match error {
            NotStored::Unavailable => Status::unavailable(error.to_string()),
            NotStored::Failed => Status::internal(error.to_string()),
        })?;
        let refused = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Refused(_)))
            .count();
        let set_apart = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Quarantined(_)))
            .count();
        tracing::info!(
            observations = count,
            refused,
            set_apart,
            "observations accepted"
        );
        Ok(Response::new(wire::IngestObservationsResponse {
            outcomes: outcomes.into_iter().map(Into::into).collect(),
        }))
    }
}

/// Only workers bring crawls and only operators imports.
fn origin(caller: Caller, origin: wire::Origin) -> Result<Origin, Status> {
    match (caller, origin) {
        (Caller::Worker, wire::Origin::Crawl) => Ok(Origin::Crawl),
        (Caller::Operator, wire::Origin::Import) => Ok(Origin::Import),
        (_, wire::Origin::Unspecified) => Err(Status::invalid_argument("origin is required")),
        _ => Err(Status::permission_denied(
            "workers bring crawls, operators bring imports",
        )),
    }
}

impl From<Outcome> for wire::Outcome {
    fn from(outcome: Outcome) -> Self {
        let (status, reason) = match outcome {
            Outcome::Changed => (OutcomeStatus::Changed, String::new()),
            Outcome::Unchanged => (OutcomeStatus::Unchanged, String::new()),
            Outcome::Duplicate => (OutcomeStatus::Duplicate, String::new()),
            Outcome::Refused(reason) => (OutcomeStatus::Refused, reason),
            Outcome::Quarantined(reason) => (OutcomeStatus::Quarantined, reason),
        };
        Self {
            status: status.into(),
            reason,
        }
    }
}
