//! `bellwether.identity.v1.Identity`, and what is served beside it.

use contracts::identity::v1::audit_server::AuditServer;
use contracts::identity::v1::credentials_server::CredentialsServer;
use contracts::identity::v1::identity_server::{Identity as IdentityService, IdentityServer};
use contracts::identity::v1::mail_server::MailServer;
use contracts::identity::v1::plans_server::{Plans as PlansService, PlansServer};
use contracts::identity::v1::tenants_server::TenantsServer;
use contracts::identity::v1::{
    GetJwksRequest, GetJwksResponse, GetPlanLimitsRequest, GetPlanLimitsResponse,
    VerifyApiKeyRequest, VerifyApiKeyResponse,
};
use contracts::identity::v1::{ListPlansRequest, ListPlansResponse, Plan as WirePlan};
use http_kit::ApiError;
use rpc::Caller;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::State;
use crate::audit_log::grpc::AuditGrpc;
use crate::credentials::CredentialsGrpc;
use crate::error::storage;
use crate::identity::Identity;
use crate::mail::MailGrpc;
use crate::storage::plans::Plan;
use crate::tenants::grpc::TenantsGrpc;

/// Who may ask. The worker faces the outside world and has no business with credentials.
pub(crate) const ADMITTED: [Caller; 4] = [
    Caller::User,
    Caller::Core,
    Caller::Crawler,
    Caller::Operator,
];

/// The gRPC services of user-service.
#[must_use]
pub fn grpc(state: State) -> Routes {
    let mail = MailGrpc {
        pool: state.pools.system.clone(),
        mailer: state.accounts.mailer,
    };
    let credentials = CredentialsGrpc(state.identity.clone());
    let audit = AuditGrpc(state.pools.system.clone());
    let plans = PlansGrpc(state.identity.clone());
    let identity = IdentityGrpc(state.identity);
    Routes::new(rpc::sized!(IdentityServer::new(identity)))
        .add_service(rpc::sized!(MailServer::new(mail)))
        .add_service(rpc::sized!(CredentialsServer::new(credentials)))
        .add_service(rpc::sized!(PlansServer::new(plans)))
        .add_service(rpc::sized!(AuditServer::new(audit)))
        .add_service(rpc::sized!(TenantsServer::new(TenantsGrpc(state.tenants))))
}

struct PlansGrpc(Identity);

#[tonic::async_trait]
impl PlansService for PlansGrpc {
    async fn list_plans(
        &self,
        request: Request<ListPlansRequest>,
    ) -> Result<Response<ListPlansResponse>, Status> {
        Caller::check(&request, &ADMITTED)?;
        let plans = self.0.plans().await.map_err(storage)?;
        // The table's checks keep limits from being negative.
        let plan = |plan: Plan| WirePlan {
            code: plan.code,
            tracked_products: plan.tracked_products.unsigned_abs(),
            requests_per_minute: plan.requests_per_minute.unsigned_abs(),
            crawls_per_day: plan.crawls_per_day.unsigned_abs(),
            llm_tokens_per_month: plan.llm_tokens_per_month.unsigned_abs(),
            source_spend_cents_per_month: plan.source_spend_cents_per_month.unsigned_abs(),
            members: plan.members.unsigned_abs(),
        };
        Ok(Response::new(ListPlansResponse {
            plans: plans.into_iter().map(plan).collect(),
        }))
    }
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
        let answer = match verified {
            None => VerifyApiKeyResponse::default(),
            Some(key) if !key.works => VerifyApiKeyResponse {
                ended: true,
                tenant_id: key.tenant_id.to_string(),
                key_id: key.key_id.to_string(),
                ..VerifyApiKeyResponse::default()
            },
            Some(key) => VerifyApiKeyResponse {
                found: true,
                tenant_id: key.tenant_id.to_string(),
                tenant_slug: key.tenant_slug,
                key_id: key.key_id.to_string(),
                scopes: key.scopes,
                // 0 stands for never.
                expires_at_unix: key.expires_at.map_or(0, |at| at.timestamp().max(1)),
                allowed_addresses: key.allowed_addresses,
                ended: false,
            },
        };
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
