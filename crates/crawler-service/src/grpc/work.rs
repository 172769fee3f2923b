//! `Work`: what a worker may ask, all of it about a task it was given.

use chrono::Utc;
use contracts::crawl::v1::work_server::Work;
use contracts::crawl::v1::{
    CheckpointRequest, CheckpointResponse, FinishDiscoveryRequest, FinishDiscoveryResponse,
    ItemOutcome, OpenSecretRequest, OpenSecretResponse, OpenTaskRequest, OpenTaskResponse,
    RecordCostRequest, RecordCostResponse, ReportHitsRequest, ReportHitsResponse, ReportRequest,
    ReportResponse, ReportSourceRequest, ReportSourceResponse, TaskItem,
};
use db::{SystemPool, SystemTx};
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{database, uuid};
use crate::reports::{self, Reported};
use crate::rules::opening::{self, Opening};
use crate::settings::Settings;
use crate::storage::lease;
use crate::wake::Wake;

/// Callers of this service.
const CALLERS: &[Caller] = &[Caller::Worker];
/// The longest reason that is stored, in characters.
const REASON_LENGTH: usize = 500;
/// The largest checkpoint, in bytes: an id of an upstream run and a little more.
const CHECKPOINT_LIMIT: usize = 64 * 1024;

/// The handler.
pub(crate) struct WorkGrpc {
    pub(crate) pool: SystemPool,
    pub(crate) settings: Settings,
    pub(crate) wake: Wake,
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
        let now = Utc::now();
        let until = now + self.settings.lease;
        let tx = SystemTx::begin(&self.pool).await.map_err(database)?;
        let Some(task) = lease::extend(&tx, task_id, None, now, until)
            .await
            .map_err(database)?
        else {
            return Ok(Response::new(OpenTaskResponse::default()));
        };
        let items = lease::items(&tx, task_id).await.map_err(database)?;
        let openings: Vec<i16> = items.iter().map(|item| item.openings).collect();
        match opening::decide(&openings, self.settings.max_openings) {
            Opening::HandOut => lease::count_opening(&tx, task_id).await.map_err(database)?,
            Opening::TakeApart => {
                lease::release(&tx, vec![task_id], now)
                    .await
                    .map_err(database)?;
                tx.commit().await.map_err(database)?;
                tracing::warn!(task.id = %task_id, targets = items.len(), "workers were lost with this task; its targets go on alone");
                self.wake.now();
                return Ok(Response::new(OpenTaskResponse::default()));
            }
            Opening::Hopeless => {
                tx.commit().await.map_err(database)?;
                tracing::error!(task.id = %task_id, "workers were lost with this target too often; given up");
                let hopeless = items.iter().map(Reported::hopeless).collect();
                self.apply(task_id, hopeless).await?;
                return Ok(Response::new(OpenTaskResponse::default()));
            }
        }
        tx.commit().await.map_err(database)?;
        Ok(Response::new(OpenTaskResponse {
            live: !items.is_empty(),
            items: items.into_iter().map(task_item).collect(),
            checkpoint: task.checkpoint,
            lease_until_unix: task.lease_until.timestamp(),
            ..OpenTaskResponse::default()
        }))
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
            .map(reported)
            .collect::<Result<Vec<_>, _>>()?;
        let accepted = self.apply(task_id, reported).await?;
        Ok(Response::new(ReportResponse {
            accepted: u32::try_from(accepted).unwrap_or(u32::MAX),
        }))
    }

    async fn open_secret(
        &self,
        _: Request<OpenSecretRequest>,
    ) -> Result<Response<OpenSecretResponse>, Status> {
        Err(Status::unimplemented("OpenSecret"))
    }

    async fn report_hits(
        &self,
        _: Request<ReportHitsRequest>,
    ) -> Result<Response<ReportHitsResponse>, Status> {
        Err(Status::unimplemented("ReportHits"))
    }

    async fn finish_discovery(
        &self,
        _: Request<FinishDiscoveryRequest>,
    ) -> Result<Response<FinishDiscoveryResponse>, Status> {
        Err(Status::unimplemented("FinishDiscovery"))
    }

    async fn record_cost(
        &self,
        _: Request<RecordCostRequest>,
    ) -> Result<Response<RecordCostResponse>, Status> {
        Err(Status::unimplemented("RecordCost"))
    }

    async fn report_source(
        &self,
        _: Request<ReportSourceRequest>,
    ) -> Result<Response<ReportSourceResponse>, Status> {
        Err(Status::unimplemented("ReportSource"))
    }
}

impl WorkGrpc {
    /// Applies outcomes; tells how many were current.
    async fn apply(&self, task_id: Uuid, reported: Vec<Reported>) -> Result<usize, Status> {
        let accepted = reports::apply(
            &self.pool,
            task_id,
            reported,
            Utc::now(),
            rand::random::<f64>,
        )
        .await
        .map_err(database)?;
        if accepted > 0 {
            // Leases ended: there is room for more.
            self.wake.now();
        }
        Ok(accepted)
    }
}

fn task_item(item: lease::Item) -> TaskItem {
    TaskItem {
        target_id: item.id,
        marketplace: item.marketplace,
        external_id: item.external_id,
        url: item.url,
        fence: item.fence,
        round: item.round,
        strategy: None,
        memo: Vec::new(),
    }
}

/// The beginning of a text that others wrote, without what no column takes and no log line needs.
fn line(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(REASON_LENGTH)
        .collect()
}

fn reported(item: ItemOutcome) -> Result<Reported, Status> {
    let outcome = item
        .outcome
        .parse()
        .map_err(|error| Status::invalid_argument(format!("outcomes: {error}")))?;
    Ok(Reported {
        target_id: item.target_id,
        fence: item.fence,
        round: item.round,
        outcome,
        reason: Some(line(&item.reason)).filter(|reason| !reason.is_empty()),
        retry_after_seconds: item.retry_after_seconds,
        retryable: item.retryable,
        openings: 0,
    })
}
