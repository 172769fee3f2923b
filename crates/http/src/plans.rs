//! What tenants' plans allow, as user-service knows it; kept for seconds, so that another plan counts soon everywhere.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::identity::v1::{
    GetPlanLimitsRequest, ListPlansRequest, identity_client::IdentityClient,
    plans_client::PlansClient,
};
use moka::future::Cache;
use tonic::{Code, Request};
use uuid::Uuid;

use crate::auth::LookupError;

/// How long an answer is kept: another plan counts after this.
const KEPT: Duration = Duration::from_secs(5);

/// How long it still counts while user-service is away.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// How long user-service may take, and how long it is left alone when it failed: requests wait for it.
const PATIENCE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(2);

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
pub type Table = Arc<HashMap<String, Arc<Plan>>>;

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

    /// Every plan as told last, for who works on without knowing: asked for anew meanwhile, and waited for only when
    /// nothing was ever told.
    pub async fn lately(&self) -> Option<Table> {
        if let Some(fresh) = self.table.fresh.get(&()).await {
            return Some(fresh);
        }
        let last = self.table.last.get(&()).await;
        if last.is_none() && self.table.failed.get(&()).await.is_none() {
            return self.all().await.ok();
        }
        let plans = self.clone();
        tokio::spawn(async move { drop(plans.all().await) });
        last
    }
}

/// Answers that are asked for anew after a while, and count longer while nobody answers.
#[derive(Clone)]
struct Kept<K, V> {
    fresh: Cache<K, V>,
    last: Cache<K, V>,
    failed: Cache<K, Arc<LookupError>>,
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
            failed: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(AGAIN)
                .build(),
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
        if let Some(error) = self.failed.get(&key).await {
            return self.last.get(&key).await.ok_or(error);
        }
        match self.fresh.try_get_with(key, ask).await {
            Ok(told) => {
                self.last.insert(key, told.clone()).await;
                Ok(told)
            }
            Err(error) => {
                self.failed.insert(key, Arc::clone(&error)).await;
                self.last.get(&key).await.ok_or(error)
            }
        }
    }
}

/// user-service over gRPC.
struct GrpcPlans(rpc::Channel);

#[async_trait]
impl PlanLookup for GrpcPlans {
    async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<String>, LookupError> {
        let mut request = Request::new(GetPlanLimitsRequest {
            tenant_id: tenant_id.to_string(),
        });
        request.set_timeout(PATIENCE);
        let mut identity = IdentityClient::new(self.0.clone());
        match identity.get_plan_limits(request).await {
            Ok(limits) => Ok(Some(limits.into_inner().plan)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(LookupError::new(status)),
        }
    }

    async fn plans(&self) -> Result<Vec<Plan>, LookupError> {
        let mut plans = PlansClient::new(self.0.clone());
        let mut request = Request::new(ListPlansRequest {});
        request.set_timeout(PATIENCE);
        let listed = plans.list_plans(request).await;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    /// user-service with one plan, which may be away.
    #[derive(Default)]
    struct User {
        away: AtomicBool,
        asked: AtomicUsize,
    }

    impl User {
        fn answers(&self) -> Result<(), LookupError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            match self.away.load(Ordering::SeqCst) {
                true => Err(LookupError::new("away")),
                false => Ok(()),
            }
        }
    }

    #[async_trait]
    impl PlanLookup for User {
        async fn plan_of(&self, tenant_id: Uuid) -> Result<Option<String>, LookupError> {
            self.answers()?;
            Ok((!tenant_id.is_nil()).then(|| "pro".to_owned()))
        }

        async fn plans(&self) -> Result<Vec<Plan>, LookupError> {
            self.answers()?;
            Ok(vec![Plan {
                code: "pro".to_owned(),
                tracked_products: 2_000,
                requests_per_minute: 600,
                crawls_per_day: 20_000,
                llm_tokens_per_month: 1,
                source_spend_cents_per_month: 20_000,
                members: 10,
            }])
        }
    }

    const ACME: Uuid = Uuid::from_u128(1);

    #[tokio::test]
    async fn plans_are_asked_for_once_and_remembered_while_user_service_is_away() {
        let user = Arc::new(User::default());
        let plans = Plans::new(user.clone());
        let plan = plans.of(ACME).await.expect("told").expect("a tenant");
        assert_eq!((plan.code.as_str(), plan.requests_per_minute), ("pro", 600));
        assert!(plans.of(Uuid::nil()).await.expect("told").is_none());
        plans.of(ACME).await.expect("known");
        assert_eq!(
            user.asked.load(Ordering::SeqCst),
            3,
            "two tenants and the plans"
        );
        user.away.store(true, Ordering::SeqCst);
        assert!(plans.of(ACME).await.is_ok());
        assert!(plans.lately().await.is_some());
    }

    #[tokio::test]
    async fn who_asks_while_user_service_is_away_does_not_wait_for_it_again_and_again() {
        let user = Arc::new(User::default());
        user.away.store(true, Ordering::SeqCst);
        let plans = Plans::new(user.clone());
        for _ in 0..10 {
            assert!(plans.of(ACME).await.is_err());
        }
        assert_eq!(user.asked.load(Ordering::SeqCst), 1);
        assert!(plans.lately().await.is_none());
        user.away.store(false, Ordering::SeqCst);
        let back = async {
            while plans.lately().await.is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let back = tokio::time::timeout(Duration::from_secs(20), back).await;
        back.expect("asked again by itself");
    }
}
