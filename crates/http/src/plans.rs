//! What tenants' plans allow, as user-service knows it; kept for seconds, so that another plan counts soon everywhere.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::identity::v1::{
    GetPlanLimitsRequest, ListPlansRequest, identity_client::IdentityClient,
    plans_client::PlansClient,
};
use moka::future::Cache;
use tonic::Code;
use uuid::Uuid;

use crate::auth::LookupError;

/// How long an answer is kept: another plan counts after this.
const KEPT: Duration = Duration::from_secs(5);

/// How long it still counts while user-service is away.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// Tenants remembered at most.
const CAPACITY: u64 = 100_000;

/// A plan's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Such as `pro`.
    pub code: String,
    /// Most products tracked at a time.
    pub tracked_products: u64,
    /// API requests.
    pub requests_per_minute: u32,
    /// Fetches of targets, by UTC days.
    pub crawls_per_day: u64,
    /// What texts may cost, by UTC months.
    pub llm_tokens_per_month: u64,
    /// Of paid sources, by UTC months.
    pub source_spend_cents_per_month: u64,
    /// People.
    pub members: u64,
}

/// Where plans are known: user-service, over gRPC or in this very process.
#[async_trait]
pub trait PlanLookup: Send + Sync + 'static {
    /// The code of a tenant's plan; `None`: there is no such tenant.
    async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<String>, LookupError>;
    /// Every plan.
    async fn plans(&self) -> Result<Vec<Plan>, LookupError>;
}

/// Plans by code.
type Table = Arc<HashMap<String, Arc<Plan>>>;

/// Knows plans; cheap to clone.
#[derive(Clone)]
pub struct Plans {
    lookup: Arc<dyn PlanLookup>,
    codes: Kept<Uuid, Option<Arc<str>>>,
    table: Kept<(), Table>,
}

impl std::fmt::Debug for Plans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plans")
    }
}

impl Plans {
    /// Asks `lookup`.
    pub fn new(lookup: Arc<dyn PlanLookup>) -> Self {
        Self {
            lookup,
            codes: Kept::new(),
            table: Kept::new(),
        }
    }

    /// Asks user-service over this channel (`peers.user`).
    pub fn over_grpc(channel: rpc::Channel) -> Self {
        Self::new(Arc::new(GrpcPlans(channel)))
    }

    /// A tenant's plan; `None`: there is no such tenant.
    ///
    /// # Errors
    /// While user-service is away and told nothing lately.
    pub async fn of(&self, tenant_id: Uuid) -> Result<Option<Arc<Plan>>, Arc<LookupError>> {
        let code = self.codes.get(tenant_id, async {
            let code = self.lookup.plan_of(tenant_id).await?;
            Ok(code.map(Arc::from))
        });
        match code.await? {
            Some(code) => Ok(self.all().await?.get(&*code).cloned()),
            None => Ok(None),
        }
    }

    /// Every plan, by its code.
    ///
    /// # Errors
    /// While user-service is away and told nothing lately.
    pub async fn all(&self) -> Result<Table, Arc<LookupError>> {
        let table = async {
            let plans = self.lookup.plans().await?;
            let by_code = plans
                .into_iter()
                .map(|plan| (plan.code.clone(), Arc::new(plan)));
            Ok(Arc::new(by_code.collect()))
        };
        self.table.get((), table).await
    }
}

/// Answers that are asked for anew after a while, and count longer while nobody answers.
#[derive(Clone)]
struct Kept<K, V> {
    fresh: Cache<K, V>,
    last: Cache<K, V>,
}

impl<K, V> Kept<K, V>
where
    K: std::hash::Hash + Eq + Copy + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new() -> Self {
        let cache = |lifetime| {
            Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(lifetime)
                .build()
        };
        Self {
            fresh: cache(KEPT),
            last: cache(REMEMBERED),
        }
    }

    async fn get(
        &self,
        key: K,
        ask: impl Future<Output = Result<V, LookupError>>,
    ) -> Result<V, Arc<LookupError>> {
        if let Some(known) = self.fresh.get(&key).await {
            return Ok(known);
        }
        match self.fresh.try_get_with(key, ask).await {
            Ok(told) => {
                self.last.insert(key, told.clone()).await;
                Ok(told)
            }
            Err(error) => self.last.get(&key).await.ok_or(error),
        }
    }
}

/// user-service over gRPC.
struct GrpcPlans(rpc::Channel);

#[async_trait]
impl PlanLookup for GrpcPlans {
    async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<String>, LookupError> {
        let request = GetPlanLimitsRequest {
            tenant_id: tenant_id.to_string(),
        };
        let mut identity = IdentityClient::new(self.0.clone());
        match identity.get_plan_limits(request).await {
            Ok(limits) => Ok(Some(limits.into_inner().plan)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(LookupError::new(status)),
        }
    }

    async fn plans(&self) -> Result<Vec<Plan>, LookupError> {
        let mut plans = PlansClient::new(self.0.clone());
        let listed = plans.list_plans(ListPlansRequest {}).await;
        let listed = listed.map_err(LookupError::new)?.into_inner().plans;
        let plan = |plan: contracts::identity::v1::Plan| Plan {
            code: plan.code,
            tracked_products: plan.tracked_products.into(),
            requests_per_minute: plan.requests_per_minute,
            crawls_per_day: plan.crawls_per_day.into(),
            llm_tokens_per_month: plan.llm_tokens_per_month,
            source_spend_cents_per_month: plan.source_spend_cents_per_month.into(),
            members: plan.members.into(),
        };
        Ok(listed.into_iter().map(plan).collect())
    }
}
