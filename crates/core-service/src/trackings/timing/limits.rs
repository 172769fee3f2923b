//! What tenants' plans allow, which user-service knows.

use std::sync::Arc;
use std::time::Duration;

use contracts::identity::v1::GetPlanLimitsRequest;
use contracts::identity::v1::identity_client::IdentityClient;
use http_kit::{ApiError, ApiResult};
use moka::future::Cache;
use tonic::Request;
use uuid::Uuid;

/// How long an answer is kept: another plan or time zone counts after this.
const KEPT: Duration = Duration::from_secs(5);
/// Answers kept at most.
const CAPACITY: u64 = 10_000;
/// How long an answer still counts while user-service is away.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// How long a request waits for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What bounds a tenant's schedules and how much it tracks, and how far back it sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Code of its plan.
    pub plan: String,
    /// The shortest interval it allows, in seconds.
    pub least_seconds: u32,
    /// IANA name of the tenant's time zone.
    pub time_zone: String,
    /// How far back history is shown, in days.
    pub retention_days: u32,
    /// Most products tracked at a time.
    pub tracked_products: u32,
}

/// Asks for limits, and keeps them for a moment.
#[derive(Clone)]
pub struct Plans {
    user: rpc::Channel,
    known: Cache<Uuid, Arc<Limits>>,
    last: Cache<Uuid, Arc<Limits>>,
}

impl Plans {
    /// Over a channel to user-service.
    pub fn new(user: rpc::Channel) -> Self {
        let cache = |lifetime| {
            Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(lifetime)
                .build()
        };
        Self {
            user,
            known: cache(KEPT),
            last: cache(REMEMBERED),
        }
    }

    /// A tenant's limits; while user-service is away those it told last.
    ///
    /// # Errors
    /// 503 while user-service is away and told nothing lately.
    pub async fn of(&self, tenant_id: Uuid) -> ApiResult<Arc<Limits>> {
        let asking = self.known.try_get_with(tenant_id, self.ask(tenant_id));
        match asking.await {
            Ok(limits) => {
                self.last.insert(tenant_id, Arc::clone(&limits)).await;
                Ok(limits)
            }
            Err(error) => {
                let last = self.last.get(&tenant_id).await;
                last.ok_or_else(|| ApiError::unavailable(error))
            }
        }
    }

    async fn ask(&self, tenant_id: Uuid) -> Result<Arc<Limits>, tonic::Status> {
        let mut request = Request::new(GetPlanLimitsRequest {
            tenant_id: tenant_id.to_string(),
        });
        request.set_timeout(PATIENCE);
        let mut user = rpc::sized!(IdentityClient::new(self.user.clone()));
        let told = user.get_plan_limits(request).await?.into_inner();
        Ok(Arc::new(Limits {
            plan: told.plan,
            least_seconds: told.min_interval_seconds,
            time_zone: told.time_zone,
            retention_days: told.retention_days,
            tracked_products: told.tracked_products,
        }))
    }
}
