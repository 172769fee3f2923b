//! `Usage`: how much of its plan a tenant uses here.

use chrono::Utc;
use contracts::crawl::v1::usage_server::Usage;
use contracts::crawl::v1::{GetUsageRequest, GetUsageResponse};
use db::{ApiPool, TenantTx};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{database, uuid};
use crate::rules::quota::month;
use crate::storage::quotas;

/// Callers of this service.
const CALLERS: &[Caller] = &[Caller::User, Caller::Operator];

/// The handler.
pub(crate) struct UsageGrpc {
    pub(crate) pool: ApiPool,
}

#[tonic::async_trait]
impl Usage for UsageGrpc {
    async fn get_usage(
        &self,
        request: Request<GetUsageRequest>,
    ) -> Result<Response<GetUsageResponse>, Status> {
        Caller::check(&request, CALLERS)?;
        let tenant_id = uuid("tenant_id", &request.into_inner().tenant_id)?;
        let now = Utc::now();
        let tx = TenantTx::begin(&self.pool, tenant_id)
            .await
            .map_err(database)?;
        let crawls = quotas::crawls_of(&tx, now.date_naive())
            .await
            .map_err(database)?;
        let spend_micro_usd = quotas::spent_by(&tx, month(now)).await.map_err(database)?;
        tx.commit().await.map_err(database)?;
        Ok(Response::new(GetUsageResponse {
            crawls,
            spend_micro_usd,
        }))
    }
}
