//! What is a tenant's of crawling: carried away, and erased.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use contracts::catalog::v1::ExportTenantResponse;
use db::outbox::Schema;
use db::tenant_data::{self, Parts};
use db::{Pools, SystemTx, TenantTx};
use futures::stream::BoxStream;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::events::settle;
use crate::storage::{tenant_data as store, trackings};

/// How long one call goes on erasing: well below the deadline of who asks.
const LONGEST: Duration = Duration::from_secs(4);
/// Targets whose trackings go in one transaction: each takes some eight statements, and their reports wait meanwhile.
const TARGETS: u32 = 100;
/// Rows that go in one transaction.
const ROWS: i32 = 5_000;

/// Tables whose rows a tenant does not see: messages on their way, answers kept for repeated requests, copies of what
/// core tells anyway, and how work is shared out.
const LEFT_OUT: [&str; 7] = [
    "idempotency_key",
    "outbox",
    "payer",
    "standing",
    "stretch",
    "tracking",
    "weight",
];
/// When each tracking is due, and how it last went.
const VIEWS: [&str; 1] = ["tenant_tracking"];

/// Carries away and erases.
#[derive(Clone)]
pub struct TenantData {
    pub(crate) pools: Pools,
}

/// How far an erasing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Rows that went.
    pub rows: u64,
    /// Nothing was left at the end.
    pub done: bool,
}

impl TenantData {
    /// Everything that the tenant can see, as of one instant.
    ///
    /// # Errors
    /// When the database fails before the first line.
    pub async fn export(
        &self,
        tenant_id: Uuid,
    ) -> Result<BoxStream<'static, Result<ExportTenantResponse, DbErr>>, DbErr> {
        let tx = TenantTx::begin_snapshot(&self.pools.api, tenant_id).await?;
        let mut relations = tenant_data::relations(&tx, Schema::Crawl, &VIEWS).await?;
        relations.retain(|relation| !LEFT_OUT.contains(&relation.name.as_str()));
        let total = u64::try_from(relations.len()).unwrap_or(u64::MAX);
        let write = |mut parts: Parts| async move {
            for relation in relations {
                let name = match relation.name.as_str() {
                    "tenant_tracking" => "schedule",
                    name => name,
                };
                parts.file(&format!("crawl/{name}.jsonl")).await?;
                tenant_data::tell_rows(&tx, Schema::Crawl, &relation, "true", &mut parts).await?;
                parts.step();
            }
            parts.finish().await?;
            tx.commit().await
        };
        Ok(tenant_data::told(total, write))
    }

    /// Erases what is the tenant's, for a while or until nothing is left. Whoever is killed in between leaves the rest to
    /// the next call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase(&self, tenant_id: Uuid, now: DateTime<Utc>) -> Result<Erased, DbErr> {
        let began = Instant::now();
        let mut rows = 0;
        let done = loop {
            let gone = self.erase_part(tenant_id, now).await?;
            rows += gone;
            if gone == 0 {
                break true;
            }
            if began.elapsed() > LONGEST {
                break false;
            }
        };
        if rows > 0 {
            tracing::info!(tenant.id = %tenant_id, rows, done, "a tenant's crawling is being erased");
        }
        Ok(Erased { rows, done })
    }

    /// Erases a part in one transaction; nothing: all is gone. First its trackings, so that targets which nobody else
    /// tracks stop and the others are paid for by those who do; then what has its name on it.
    pub(crate) async fn erase_part(
        &self,
        tenant_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<u64, DbErr> {
        let tx = SystemTx::begin(&self.pools.system).await?;
        let mut gone = forget_trackings(&tx, tenant_id, now).await?;
        if gone == 0 {
            gone = tenant_data::erase_rows(&tx, Schema::Crawl, tenant_id, ROWS).await?;
        }
        if gone == 0 {
            gone = store::forget_rest(&tx, tenant_id).await?;
        }
        tx.commit().await?;
        Ok(gone)
    }
}

async fn forget_trackings(
    tx: &SystemTx,
    tenant_id: Uuid,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let targets = store::tracked(tx, tenant_id, TARGETS).await?;
    if targets.is_empty() {
        return Ok(0);
    }
    let locked = trackings::lock_targets(tx, targets.clone()).await?;
    let gone = store::forget_trackings(tx, tenant_id, targets).await?;
    for target in &locked {
        settle(tx, target, false, None, now).await?;
    }
    Ok(gone)
}
