//! `bellwether.catalog.v1.Usage`.

use chrono::Utc;
use contracts::catalog::v1::usage_server::Usage as UsageService;
use contracts::catalog::v1::{GetUsageRequest, GetUsageResponse};
use db::TenantTx;
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::Usage;
use crate::State;
use crate::error::database;

/// The service's handler.
#[derive(Clone)]
pub struct UsageGrpc(pub State);

#[tonic::async_trait]
impl UsageService for UsageGrpc {
    async fn get_usage(
        &self,
        request: Request<GetUsageRequest>,
    ) -> Result<Response<GetUsageResponse>, Status> {
        Caller::check(&request, &[Caller::User, Caller::Operator])?;
        let tenant_id: Uuid = request
            .into_inner()
            .tenant_id
            .parse()
            .map_err(|_| Status::invalid_argument("tenant_id is not a UUID"))?;
        let tx = TenantTx::begin(&self.0.pools().api, tenant_id)
            .await
            .map_err(database)?;
        let usage = Usage::of(&tx, Utc::now()).await?;
        tx.commit().await.map_err(database)?;
        Ok(Response::new(GetUsageResponse {
            tracked_products: usage.tracked_products.unsigned_abs(),
            llm_tokens: usage.llm_tokens.unsigned_abs(),
        }))
    }
}
