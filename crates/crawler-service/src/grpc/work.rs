//! `Work`: what a worker may ask, all of it about a task it was given or a source it asks.

mod convert;
mod hits;
mod opening;
mod secret;

use chrono::Utc;
use contracts::crawl::v1::work_server::Work;
use contracts::crawl::v1::{
    CheckpointRequest, CheckpointResponse, FinishDiscoveryRequest, FinishDiscoveryResponse,
    OpenSecretRequest, OpenSecretResponse, OpenTaskRequest, OpenTaskResponse, RecordCostRequest,
    RecordCostResponse, ReportHitsRequest, ReportHitsResponse, ReportRequest, ReportResponse,
    ReportSourceRequest, ReportSourceResponse,
};
use db::{SystemPool, SystemTx};
use http_kit::plans::Plans;
use rpc::Caller;
use secrets::SecretBox;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{database, uuid};
use crate::catalog::Catalog;
use crate::costs;
use crate::discoveries;
use crate::reports::{self, Reported};
use crate::settings::Settings;
use crate::source_states;
use crate::storage::lease;
use crate::wake::Wake;

/// Callers of this service.
const CALLERS: &[Caller] = &[Caller::Worker];
/// The largest checkpoint, in bytes: an id of an upstream run and a little more.
const CHECKPOINT_LIMIT: usize = 64 * 1024;

/// The handler.
pub(crate) struct WorkGrpc {
    pub(crate) pool: SystemPool,
    pub(crate) settings: Settings,
    pub(crate) wake: Wake,
    pub(crate) ring: SecretBox,
    pub(crate) catalog: Catalog,
    pub(crate) plans: Plans,
}

#[tonic::async_trait]
impl Work for WorkGrpc {
    /// Opening extends the lease, so that waiting in the queue is not taken from the worker's time.
    async fn open_task(
        &self,
        request: Request<OpenTaskRequest>,
    ) -> Result<Response<OpenTaskResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let task_id = uuid("task_id", &request.into_inner().task_id)?;
        self.open(task_id).await.map(Response::new)
    }

    async fn checkpoint(
        &self,
        request: Request<CheckpointRequest>,
    ) -> Result<Response<CheckpointResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let task_id = uuid("task_id", &request.task_id)?;
        if request.checkpoint.len() > CHECKPOINT_LIMIT {
            return Err(Status::invalid_argument(
                "the checkpoint is larger than 64 KiB",
            ));
        }
        let now = Utc::now();
        let until = now + self.settings.lease;
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let task = lease::extend(&tx, task_id, Some(request.checkpoint), now, until)
            .await
            .map_err(database)?;
        tx.commit().await.map_err(database)?;
        Ok(Response::new(CheckpointResponse {
            live: task.is_some(),
            lease_until_unix: task.map_or(0, |task| task.lease_until.timestamp()),
        }))
    }

    async fn report(
        &self,
        request: Request<ReportRequest>,
    ) -> Result<Response<ReportResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let task_id = uuid("task_id", &request.task_id)?;
        let reported = request
            .outcomes
            .into_iter()
            .map(convert::reported)
            .collect::<Result<Vec<_>, _>>()?;
        let accepted = self.apply(task_id, reported).await?;
        Ok(Response::new(ReportResponse {
            accepted: u32::try_from(accepted).unwrap_or(u32::MAX),
        }))
    }

    async fn open_secret(
        &self,
        request: Request<OpenSecretRequest>,
    ) -> Result<Response<OpenSecretResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let task_id = uuid("task_id", &request.into_inner().task_id)?;
        self.secret(task_id).await.map(Response::new)
    }

    async fn report_hits(
        &self,
        request: Request<ReportHitsRequest>,
    ) -> Result<Response<ReportHitsResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let task_id = uuid("task_id", &request.task_id)?;
        let live = self.hits(task_id, request.fence, request.hits).await?;
        Ok(Response::new(ReportHitsResponse { live }))
    }

    async fn finish_discovery(
        &self,
        request: Request<FinishDiscoveryRequest>,
    ) -> Result<Response<FinishDiscoveryResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let task_id = uuid("task_id", &request.task_id)?;
        let live = self.finish(task_id, convert::finished(request)?).await?;
        Ok(Response::new(FinishDiscoveryResponse { live }))
    }

    async fn record_cost(
        &self,
        request: Request<RecordCostRequest>,
    ) -> Result<Response<RecordCostResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let task_id = uuid("task_id", &request.task_id)?;
        let run = convert::run(task_id, request)?;
        let known = costs::record(&self.pool, &self.plans, run, Utc::now())
            .await
            .map_err(database)?;
        if known {
            Ok(Response::new(RecordCostResponse {}))
        } else {
            Err(Status::not_found("no such task"))
        }
    }

    async fn report_source(
        &self,
        request: Request<ReportSourceRequest>,
    ) -> Result<Response<ReportSourceResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let report = convert::source_state(request.into_inner())?;
        let back = source_states::apply(&self.pool, report, Utc::now())
            .await
            .map_err(database)?;
        if back {
            self.wake.now();
        }
        Ok(Response::new(ReportSourceResponse {}))
    }
}

impl WorkGrpc {
    /// Applies outcomes; tells how many were current.
    async fn apply(&self, task_id: Uuid, reported: Vec<Reported>) -> Result<usize, Status> {
        let applied = reports::apply(
            &self.pool,
            task_id,
            reported,
            self.settings.trouble_after,
            Utc::now(),
            rand::random::<f64>,
        )
        .await
        .map_err(database)?;
        if let Some(source) = applied.room {
            self.wake.room(source);
        }
        Ok(applied.accepted)
    }

    /// Ends a monitor's run; false: the lease is lost.
    async fn finish(&self, task_id: Uuid, finished: discoveries::Finished) -> Result<bool, Status> {
        let luck = rand::random::<f64>();
        let live = discoveries::finish(&self.pool, task_id, finished, Utc::now(), luck)
            .await
            .map_err(database)?;
        if live {
            self.wake.now();
        }
        Ok(live)
    }
}
