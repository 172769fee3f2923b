//! `bellwether.identity.v1.Tenants`.

use std::sync::Arc;

use audit::{Act, Actor, Subject};
use chrono::Utc;
use contracts::identity::v1 as wire;
use contracts::identity::v1::tenants_server::Tenants as TenantsService;
use rpc::Caller;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::Tenants;
use crate::error::storage;
use crate::storage::standings::Overview;
use crate::storage::tenants;

/// Who faces callers and asks how their tenants stand.
const FACING: [Caller; 4] = [
    Caller::User,
    Caller::Core,
    Caller::Crawler,
    Caller::Operator,
];

/// Tenants of one answer at most.
const MOST: u32 = 500;

pub(crate) struct TenantsGrpc(pub(crate) Tenants);

type Answer<T> = Result<Response<T>, Status>;

/// Does `work` as the operator, so that the audit log has a line of it.
async fn by_operator<F: Future>(action: &str, tenant_id: Uuid, work: F) -> F::Output {
    let act = Act::new(action, Subject::new("tenant", tenant_id));
    act.identified(tenant_id, Actor::OPERATOR, None);
    audit::scope(Arc::new(act), work).await
}

fn shown(overview: Overview) -> wire::TenantRecord {
    let Overview {
        tenant,
        members,
        owners,
    } = overview;
    wire::TenantRecord {
        id: tenant.id.to_string(),
        slug: tenant.slug,
        name: tenant.name,
        plan: tenant.plan_code,
        status: tenant.status,
        suspended_for: tenant.suspended_for.unwrap_or_default(),
        delete_at_unix: tenant.delete_at.map(|at| at.timestamp()),
        created_at_unix: tenant.created_at.timestamp(),
        members: u32::try_from(members).unwrap_or(u32::MAX),
        owners,
    }
}

impl TenantsGrpc {
    /// The id of the tenant with this slug, for an operator alone.
    async fn named<T>(
        &self,
        request: Request<T>,
        slug: impl FnOnce(&T) -> &str,
    ) -> Result<(Uuid, T), Status> {
        Caller::check(&request, &[Caller::Operator])?;
        let request = request.into_inner();
        let found = self.0.show(slug(&request)).await?;
        Ok((found.tenant.id, request))
    }

    async fn answer(&self, changed: tenants::Tenant) -> Answer<wire::TenantRecord> {
        Ok(Response::new(shown(self.0.show(&changed.slug).await?)))
    }
}

#[tonic::async_trait]
impl TenantsService for TenantsGrpc {
    async fn get_standing(
        &self,
        request: Request<wire::GetStandingRequest>,
    ) -> Answer<wire::GetStandingResponse> {
        Caller::check(&request, &FACING)?;
        let Ok(id) = request.into_inner().tenant_id.parse() else {
            return Ok(Response::new(wire::GetStandingResponse::default()));
        };
        let tenant = self.0.find(id).await.map_err(storage)?;
        let answer = tenant.map(|tenant| wire::GetStandingResponse {
            status: tenant.status,
            reason: tenant.suspended_for.unwrap_or_default(),
            delete_at_unix: tenant.delete_at.map(|at| at.timestamp()),
        });
        Ok(Response::new(answer.unwrap_or_default()))
    }

    async fn find_moved(
        &self,
        request: Request<wire::FindMovedRequest>,
    ) -> Answer<wire::FindMovedResponse> {
        Caller::check(&request, &[Caller::Core])?;
        let slug = request.into_inner().slug;
        // Postgres refuses a text with NUL, which therefore is nobody's slug.
        if slug.contains('\0') {
            return Ok(Response::new(wire::FindMovedResponse::default()));
        }
        let leads_to = self.0.moved(&slug, Utc::now()).await.map_err(storage)?;
        let slug = leads_to.unwrap_or_default();
        Ok(Response::new(wire::FindMovedResponse { slug }))
    }

    async fn list_tenants(
        &self,
        request: Request<wire::ListTenantsRequest>,
    ) -> Answer<wire::ListTenantsResponse> {
        Caller::check(&request, &[Caller::Operator])?;
        let request = request.into_inner();
        let status = Some(request.status).filter(|status| !status.is_empty());
        let limit = request.limit.clamp(1, MOST);
        let rows = self.0.list(status, &request.after, limit).await?;
        let tenants = rows.into_iter().map(shown).collect();
        Ok(Response::new(wire::ListTenantsResponse { tenants }))
    }

    async fn show_tenant(
        &self,
        request: Request<wire::ShowTenantRequest>,
    ) -> Answer<wire::TenantRecord> {
        Caller::check(&request, &[Caller::Operator])?;
        let found = self.0.show(&request.into_inner().slug).await?;
        Ok(Response::new(shown(found)))
    }

    async fn suspend_tenant(
        &self,
        request: Request<wire::SuspendTenantRequest>,
    ) -> Answer<wire::TenantRecord> {
        let (id, request) = self.named(request, |request| &request.slug).await?;
        let suspended = self.0.suspend(id, &request.reason);
        let suspended = by_operator("suspend_tenant", id, suspended).await?;
        self.answer(suspended).await
    }

    async fn resume_tenant(
        &self,
        request: Request<wire::ResumeTenantRequest>,
    ) -> Answer<wire::TenantRecord> {
        let (id, _) = self.named(request, |request| &request.slug).await?;
        let resumed = by_operator("resume_tenant", id, self.0.resume(id)).await?;
        self.answer(resumed).await
    }

    async fn set_tenant_plan(
        &self,
        request: Request<wire::SetTenantPlanRequest>,
    ) -> Answer<wire::TenantRecord> {
        let (id, request) = self.named(request, |request| &request.slug).await?;
        let changed = self.0.set_plan(id, &request.plan);
        let changed = by_operator("set_plan", id, changed).await?;
        self.answer(changed).await
    }

    async fn delete_tenant(
        &self,
        request: Request<wire::DeleteTenantRequest>,
    ) -> Answer<wire::TenantRecord> {
        let (id, request) = self.named(request, |request| &request.slug).await?;
        let deleting = self.0.delete(id, request.now, Utc::now());
        let deleting = by_operator("delete_tenant", id, deleting).await?;
        self.answer(deleting).await
    }

    async fn restore_tenant(
        &self,
        request: Request<wire::RestoreTenantRequest>,
    ) -> Answer<wire::TenantRecord> {
        let (id, _) = self.named(request, |request| &request.slug).await?;
        let restored = self.0.restore(id, Utc::now());
        let restored = by_operator("restore_tenant", id, restored).await?;
        self.answer(restored).await
    }
}
