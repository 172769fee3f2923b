//! `bellwether.crawl.v1.TenantData`.

use chrono::Utc;
use contracts::catalog::v1 as wire;
use contracts::crawl::v1::tenant_data_server;
use futures::StreamExt;
use futures::stream::BoxStream;
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{database, uuid};
use crate::tenant_data::TenantData;

/// The service's handler.
pub struct TenantDataGrpc(pub(crate) TenantData);

#[tonic::async_trait]
impl tenant_data_server::TenantData for TenantDataGrpc {
    type ExportStream = BoxStream<'static, Result<wire::ExportTenantResponse, Status>>;

    async fn export(
        &self,
        request: Request<wire::ExportTenantRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        Caller::check(&request, &[Caller::User])?;
        let tenant_id = uuid("tenant_id", &request.into_inner().tenant_id)?;
        let told = self.0.export(tenant_id).await.map_err(database)?;
        Ok(Response::new(
            told.map(|part| part.map_err(database)).boxed(),
        ))
    }

    async fn erase(
        &self,
        request: Request<wire::EraseTenantRequest>,
    ) -> Result<Response<wire::EraseTenantResponse>, Status> {
        Caller::check(&request, &[Caller::User])?;
        let tenant_id = uuid("tenant_id", &request.into_inner().tenant_id)?;
        let erased = self.0.erase(tenant_id, Utc::now()).await;
        let erased = erased.map_err(database)?;
        Ok(Response::new(wire::EraseTenantResponse {
            erased: erased.rows,
            done: erased.done,
        }))
    }
}
