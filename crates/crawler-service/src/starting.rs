//! Starting a crawl: the same for HTTP and gRPC.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use db::{ApiPool, TenantTx};
use http_kit::plans::Plans;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::quota::{self, QuotaError};
use crate::rules::priority;
use crate::storage::crawls::{self, Crawl, NewCrawl};
use crate::storage::syncs;
use crate::wake::Wake;

/// What to fetch, and how urgently.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// `manual`, `monitor` or `schedule`.
    pub(crate) trigger: &'static str,
    pub(crate) priority: Priority,
    /// Listings; naming one twice fetches it once.
    pub(crate) listing_ids: Vec<i64>,
}

/// Why no crawl was started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// Nothing was named.
    #[error("a crawl of nothing")]
    Empty,
    /// At least one listing is not tracked by the tenant, or there is no such listing.
    #[error("a listing that the tenant does not track")]
    NotTracked,
    /// The tenant's plan does not admit it, or is not known.
    #[error("a crawl that the plan admits")]
    Quota(#[from] QuotaError),
    /// The database failed.
    #[error("start a crawl")]
    Database(#[from] DbErr),
}

/// Starts crawls with a tenant's own rights.
#[derive(Clone)]
pub(crate) struct Starter {
    pub(crate) pool: ApiPool,
    pub(crate) wake: Wake,
    pub(crate) plans: Plans,
}

impl Starter {
    /// Makes the listings due, stores the crawl that waits for them, and wakes the dispatchers. What somebody asks for is
    /// charged to the tenant's plan at once; what comes by a schedule is when it is fetched.
    pub(crate) async fn start(
        &self,
        tenant_id: Uuid,
        start: Start,
        now: DateTime<Utc>,
    ) -> Result<Crawl, StartError> {
        let mut listing_ids = start.listing_ids;
        listing_ids.sort_unstable();
        listing_ids.dedup();
        if listing_ids.is_empty() {
            return Err(StartError::Empty);
        }
        let asked = listing_ids.len();
        let id = Uuid::now_v7();
        let by_hand = start.trigger == "manual";
        let plan = match by_hand {
            true => Some(quota::plan(&self.plans, tenant_id).await?),
            false => None,
        };
        let tx = TenantTx::begin(&self.pool, tenant_id).await?;
        let new = NewCrawl {
            id,
            trigger: start.trigger,
            priority: priority::number(start.priority),
            listing_ids,
            traceparent: telemetry::propagation::current_traceparent(),
        };
        if crawls::start(&tx, new, now).await? < asked {
            return Err(StartError::NotTracked);
        }
        if by_hand {
            syncs::log_crawl(&tx, id, now).await?;
        }
        let crawl = crawls::get(&tx, id).await?;
        if let (Some(plan), Some(crawl)) = (&plan, &crawl) {
            quota::admit(&tx, crawl, plan, now).await?;
        }
        audit::about("crawl", id);
        tx.commit().await?;
        self.wake.now();
        crawl.ok_or_else(|| DbErr::RecordNotFound(format!("crawl {id}")).into())
    }
}
