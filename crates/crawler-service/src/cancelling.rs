//! Stopping a crawl.

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::storage::cancel::{self, Cancelled};

/// Stops crawls of the tenant that asks. All that it does across tenants is to leave urgent what another's crawl waits for.
#[derive(Clone)]
pub(crate) struct Canceller {
    pub(crate) pool: SystemPool,
}

impl Canceller {
    /// Stops a crawl of `tenant_id`.
    pub(crate) async fn cancel(
        &self,
        tenant_id: Uuid,
        crawl_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Cancelled, DbErr> {
        let tx = SystemTx::begin(&self.pool).await?;
        let cancelled = cancel::cancel(&tx, tenant_id, crawl_id, now).await?;
        tx.commit().await?;
        if cancelled == Cancelled::Now {
            tracing::info!(crawl.id = %crawl_id, tenant.id = %tenant_id, "crawl cancelled");
        }
        Ok(cancelled)
    }
}
