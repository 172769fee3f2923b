//! `bellwether.catalog.v1.Archive`.

use chrono::Utc;
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::archive_server::Archive;
use futures::stream::BoxStream;
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{export, prepare};
use crate::State;

/// Most observations of one request, as for ingest.
const MOST: usize = 5_000;
/// Most listings that are named in one request.
const MOST_NAMED: usize = 10_000;

/// The service's handler.
#[derive(Clone)]
pub struct ArchiveGrpc(pub State);

#[tonic::async_trait]
impl Archive for ArchiveGrpc {
    async fn prepare_import(
        &self,
        request: Request<wire::PrepareImportRequest>,
    ) -> Result<Response<wire::PrepareImportResponse>, Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let request = request.into_inner();
        if request.observations.len() > MOST {
            return Err(Status::invalid_argument(format!(
                "at most {MOST} observations a request"
            )));
        }
        let dry_run = request.dry_run;
        let checked = prepare::prepare(&self.0, request.observations, dry_run, Utc::now()).await?;
        Ok(Response::new(wire::PrepareImportResponse { checked }))
    }

    type ExportHistoryStream = BoxStream<'static, Result<wire::ExportHistoryResponse, Status>>;

    async fn export_history(
        &self,
        request: Request<wire::ExportHistoryRequest>,
    ) -> Result<Response<Self::ExportHistoryStream>, Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let request = request.into_inner();
        if request.external_ids.len() > MOST_NAMED {
            return Err(Status::invalid_argument(format!(
                "at most {MOST_NAMED} listings by name"
            )));
        }
        let wanted = export::read(request).map_err(Status::invalid_argument)?;
        Ok(Response::new(export::begin(&self.0, wanted).await?))
    }
}
