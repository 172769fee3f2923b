//! `Crawl`: starting crawls, telling how trackings stand.

use chrono::{DateTime, Utc};
use contracts::crawl::v1::crawl_server::Crawl;
use contracts::crawl::v1::{
    GetTrackingStatesRequest, GetTrackingStatesResponse, StartCrawlRequest, StartCrawlResponse,
    TrackingState, Trigger,
};
use db::{ApiPool, TenantTx};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{database, uuid};
use crate::rules::priority;
use crate::starting::{Start, StartError, Starter};
use crate::storage::crawls;

/// Callers of this service.
const CALLERS: &[Caller] = &[Caller::Core, Caller::Operator];

/// The handler.
pub(crate) struct CrawlGrpc {
    pub(crate) starter: Starter,
    pub(crate) pool: ApiPool,
}

#[tonic::async_trait]
impl Crawl for CrawlGrpc {
    async fn start_crawl(
        &self,
        request: Request<StartCrawlRequest>,
    ) -> Result<Response<StartCrawlResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let tenant_id = uuid("tenant_id", &request.tenant_id)?;
        let trigger = match request.trigger() {
            Trigger::Unspecified | Trigger::Manual => "manual",
            Trigger::Monitor => "monitor",
            Trigger::Schedule => "schedule",
        };
        let urgency = priority::of_wire(request.priority())
            .ok_or_else(|| Status::invalid_argument("priority is not set"))?;
        let start = Start {
            trigger,
            priority: urgency,
            listing_ids: request.listing_ids,
        };
        let started = self.starter.start(tenant_id, start, Utc::now()).await;
        match started {
            Ok(crawl) => Ok(Response::new(StartCrawlResponse {
                crawl_id: crawl.id.to_string(),
                accepted: crawl.total.unsigned_abs(),
            })),
            Err(StartError::Empty) => Err(Status::invalid_argument("listing_ids is empty")),
            Err(StartError::NotTracked) => Err(Status::not_found("no such listing")),
            Err(StartError::Quota(error)) => Err(crate::http::beyond_plan(error).into()),
            Err(StartError::Database(error)) => Err(database(error)),
        }
    }

    async fn get_tracking_states(
        &self,
        request: Request<GetTrackingStatesRequest>,
    ) -> Result<Response<GetTrackingStatesResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let request = request.into_inner();
        let tenant_id = uuid("tenant_id", &request.tenant_id)?;
        let ids = request
            .tracking_ids
            .iter()
            .map(|id| uuid("tracking_ids", id));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let tx = TenantTx::begin(&self.pool, tenant_id)
            .await
            .map_err(database)?;
        let states = crawls::tracking_states(&tx, ids).await.map_err(database)?;
        tx.commit().await.map_err(database)?;
        let unix = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
        let states = states
            .into_iter()
            .map(|state| TrackingState {
                tracking_id: state.id.to_string(),
                next_due_at_unix: unix(state.next_due_at),
                last_crawl_at_unix: unix(state.last_crawl_at),
                last_outcome: state.last_outcome,
            })
            .collect();
        Ok(Response::new(GetTrackingStatesResponse { states }))
    }
}
