//! What a tenant's plan admits, as user-service tells.

use contracts::identity::v1::identity_client::IdentityClient;
use contracts::identity::v1::{GetPlanLimitsRequest, GetPlanLimitsResponse};
use tonic::Status;
use uuid::Uuid;

/// user-service, for plans.
#[derive(Clone)]
pub(crate) struct Limits(IdentityClient<rpc::Channel>);

impl Limits {
    pub(crate) fn new(user: rpc::Channel) -> Self {
        Self(IdentityClient::new(user))
    }

    /// The limits of the tenant's plan.
    pub(crate) async fn of(&self, tenant_id: Uuid) -> Result<GetPlanLimitsResponse, Status> {
        let request = GetPlanLimitsRequest {
            tenant_id: tenant_id.to_string(),
        };
        let limits = self.0.clone().get_plan_limits(request).await?;
        Ok(limits.into_inner())
    }
}
