//! `bellwether.identity.v1.Identity`.

use contracts::identity::v1::audit_server::AuditServer;
use contracts::identity::v1::identity_server::{Identity as IdentityService, IdentityServer};
use contracts::identity::v1::{
    GetJwksRequest, GetJwksResponse, GetPlanLimitsRequest, GetPlanLimitsResponse,
    VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use http_kit::ApiError;
use rpc::Caller;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::State;
use crate::audit_log::grpc::AuditGrpc;
use crate::error::storage;
use crate::identity::Identity;

/// Who may ask. The worker faces the outside world and has no business with credentials.
const ADMITTED: [Caller; 4] = [
    Caller::User,
    Caller::Core,
    Caller::Crawler,
    Caller::Operator,
];

/// The gRPC services of user-service.
#[must_use]
pub fn grpc(state: State) -> Routes {
    let audit = AuditGrpc(state.pools.system);
    Routes::new(rpc::sized!(IdentityServer::new(IdentityGrpc(
        state.identity
    ))))
    .add_service(rpc::sized!(AuditServer::new(audit)))
}

struct IdentityGrpc(Identity);

#[tonic::async_trait]
impl IdentityService for IdentityGrpc {
    async fn get_jwks(
        &self,
        request: Request<GetJwksRequest>,
    ) -> Result<Response<GetJwksResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let jwks = self.0.jwks().await.map_err(ApiError::unavailable)?;
        Ok(Response::new(GetJwksResponse {
            jwks_json: jwks.json,
            max_age_seconds: u32::try_from(jwks.max_age.as_secs()).unwrap_or(u32::MAX),
        }))
    }

    async fn verify_api_key(
        &self,
        request: Request<VerifyApiKeyRequest>,
    ) -> Result<Response<VerifyApiKeyResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let digest = request.into_inner().key_sha256;
        let verified = self.0.verify_api_key(&digest).await.map_err(storage)?;
        let answer =
            verified.map_or_else(VerifyApiKeyResponse::default, |key| VerifyApiKeyResponse {
                found: true,
                tenant_id: key.tenant_id.to_string(),
                tenant_slug: key.tenant_slug,
                key_id: key.key_id.to_string(),
                scopes: key.scopes,
                expires_at_unix: key.expires_at.map_or(0, |at| at.timestamp()),
            });
        Ok(Response::new(answer))
    }

    async fn get_plan_limits(
        &self,
        request: Request<GetPlanLimitsRequest>,
    ) -> Result<Response<GetPlanLimitsResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let unknown = || Status::not_found("no such tenant");
        let tenant_id: Uuid = request
            .into_inner()
            .tenant_id
            .parse()
            .map_err(|_| unknown())?;
        let (plan, time_zone) = self
            .0
            .plan_of(tenant_id)
            .await
            .map_err(storage)?
            .ok_or_else(unknown)?;
        // The table's checks keep limits positive.
        let limit = |value: i32| value.unsigned_abs();
        Ok(Response::new(GetPlanLimitsResponse {
            plan: plan.code,
            tracked_products: limit(plan.tracked_products),
            min_interval_seconds: limit(plan.min_interval_seconds),
            retention_days: limit(plan.retention_days),
            time_zone,
        }))
    }
}
