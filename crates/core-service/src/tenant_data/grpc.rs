//! `bellwether.catalog.v1.TenantData`.

use chrono::Utc;
use contracts::catalog::v1 as wire;
use contracts::catalog::v1::tenant_data_server::TenantData;
use futures::StreamExt;
use futures::stream::BoxStream;
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::State;
use crate::error::database;

/// The service's handler.
#[derive(Clone)]
pub struct TenantDataGrpc(pub State);

#[tonic::async_trait]
impl TenantData for TenantDataGrpc {
    type ExportStream = BoxStream<'static, Result<wire::ExportTenantResponse, Status>>;

    async fn export(
        &self,
        request: Request<wire::ExportTenantRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        Caller::check(&request, &[Caller::User])?;
        let tenant_id = id(&request.into_inner().tenant_id)?;
        let told = super::export(&self.0, tenant_id, Utc::now()).await?;
        let told = told.map(|part| part.map_err(|error| Status::from(database(error))));
        Ok(Response::new(told.boxed()))
    }

    async fn erase(
        &self,
        request: Request<wire::EraseTenantRequest>,
    ) -> Result<Response<wire::EraseTenantResponse>, Status> {
        Caller::check(&request, &[Caller::User])?;
        let tenant_id = id(&request.into_inner().tenant_id)?;
        let erased = super::erase(&self.0.pools().system, tenant_id).await;
        let erased = erased.map_err(database)?;
        Ok(Response::new(wire::EraseTenantResponse {
            erased: erased.rows,
            done: erased.done,
        }))
    }
}

fn id(text: &str) -> Result<Uuid, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument("tenant_id is not a UUID"))
}
