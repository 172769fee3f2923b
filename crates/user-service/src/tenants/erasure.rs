//! Erasing tenants that are due.
//!
//! One process at a time drives it. The other services are asked to erase what is theirs until a whole round finds nothing,
//! with a pause before it in which what was on its way turns up; only then what is here goes, the tenant's row last. All
//! that is known of how far it came is which rows are left, so whoever is killed is followed by somebody who goes on.

use std::time::{Duration, Instant};

use anyhow::Context;
use audit::{Actor, Entry, Subject};
use chrono::{DateTime, Utc};
use contracts::catalog::v1::EraseTenantRequest;
use contracts::catalog::v1::tenant_data_client::TenantDataClient as CatalogData;
use contracts::crawl::v1::tenant_data_client::TenantDataClient as CrawlData;
use db::audited;
use db::outbox::Schema;
use db::tenant_data::erase_rows;
use db::{SystemPool, SystemTx};
use sea_orm::sqlx::{self, Row};
use tokio_util::sync::CancellationToken;
use tonic::Request;
use uuid::Uuid;

use super::{Life, write};
use crate::rules::standing::{Standing, Status};
use crate::storage::tenants::Tenant;
use crate::storage::{erasing, slugs, standings};

/// How often it is looked for tenants that are due.
const EVERY: Duration = Duration::from_secs(5);
/// The longest that another service may take for a part: it stops by itself long before.
const PATIENCE: Duration = Duration::from_secs(60);
/// People, and rows, that go in one transaction.
const PEOPLE: i64 = 200;
const ROWS: i32 = 5_000;

/// Erases tenants.
#[derive(Clone)]
pub(crate) struct Erasure {
    pub(crate) system: SystemPool,
    pub(crate) core: rpc::Channel,
    pub(crate) crawler: rpc::Channel,
    pub(crate) life: Life,
}

impl Erasure {
    /// Works until `stop`. Failures are logged and tried again.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub(crate) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => {}
            }
            match stop.run_until_cancelled(self.look()).await {
                Some(Err(error)) => {
                    tracing::warn!(error = format!("{error:#}"), "erasing waits for now");
                }
                Some(Ok(())) => {}
                None => return Ok(()),
            }
        }
    }

    /// Erases all that is due, unless another process is at it. One that cannot be erased holds up no other: it is tried
    /// again at the next look.
    async fn look(&self) -> anyhow::Result<()> {
        if self.next(None).await?.is_none() {
            return Ok(());
        }
        // A connection of its own: the lock lives as long as it does, and ends with a dying process.
        let mut lock = self.system.sqlx().acquire().await?.detach();
        let ours: bool = sqlx::query("select pg_try_advisory_lock(hashtext('erase tenants'))")
            .fetch_one(&mut lock)
            .await?
            .try_get(0)?;
        if !ours {
            return Ok(());
        }
        let mut after = None;
        while let Some(tenant) = self.next(after).await? {
            if let Err(error) = self.erase(&tenant).await {
                tracing::warn!(
                    tenant.id = %tenant.id, error = format!("{error:#}"), "erasing a tenant is interrupted; goes on"
                );
            }
            after = tenant.delete_at.zip(Some(tenant.id));
        }
        Ok(())
    }

    async fn next(&self, after: Option<(DateTime<Utc>, Uuid)>) -> anyhow::Result<Option<Tenant>> {
        let tx = SystemTx::begin(&self.system).await?;
        let due = standings::due(&tx, after, Utc::now()).await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn erase(&self, tenant: &Tenant) -> anyhow::Result<()> {
        let began = Instant::now();
        if !self.begin(tenant.id).await? {
            return Ok(());
        }
        let mut rows = 0;
        loop {
            let round = self.elsewhere(tenant.id).await?;
            rows += round;
            if round == 0 {
                break;
            }
            tracing::info!(tenant.id = %tenant.id, rows, "of a tenant nothing is left elsewhere; looked at once more");
            tokio::time::sleep(self.life.settle).await;
        }
        rows += self.here(tenant).await?;
        let seconds = began.elapsed().as_secs();
        metrics::counter!("tenants_erased_total").increment(1);
        tracing::info!(tenant.id = %tenant.id, tenant.slug = tenant.slug, rows, seconds, "a tenant is erased");
        Ok(())
    }

    /// From here on nothing brings it back; false: it was restored meanwhile.
    async fn begin(&self, id: Uuid) -> anyhow::Result<bool> {
        let tx = SystemTx::begin(&self.system).await?;
        let Some(tenant) = standings::lock(&tx, id).await? else {
            return Ok(false);
        };
        let standing = tenant.standing()?;
        if standing.delete_at.is_none_or(|at| at > Utc::now()) {
            return Ok(false);
        }
        if standing.status != Status::Erasing {
            let erasing = Standing {
                status: Status::Erasing,
                ..standing
            };
            write(&tx, id, &erasing).await?;
            tracing::info!(tenant.id = %id, tenant.slug = tenant.slug, "a tenant is being erased");
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Lets the others erase what is theirs; says how many rows that were. Crawling first: it is what brings new rows.
    async fn elsewhere(&self, id: Uuid) -> anyhow::Result<u64> {
        let mut crawl = rpc::sized!(CrawlData::new(self.crawler.clone()));
        let mut catalog = rpc::sized!(CatalogData::new(self.core.clone()));
        let mut rows = 0;
        loop {
            let part = crawl.erase(request(id)).await.context("crawler")?;
            let part = part.into_inner();
            rows += part.erased;
            if part.done {
                break;
            }
            tracing::info!(tenant.id = %id, rows, "crawler erases a tenant");
        }
        loop {
            let part = catalog.erase(request(id)).await.context("core")?;
            let part = part.into_inner();
            rows += part.erased;
            if part.done {
                return Ok(rows);
            }
            tracing::info!(tenant.id = %id, rows, "core erases a tenant");
        }
    }

    /// Erases what is here: people who belong to no other tenant, all rows, and the tenant. Its slugs stay nobody's, and
    /// the installation's audit log keeps that it was erased.
    async fn here(&self, tenant: &Tenant) -> anyhow::Result<u64> {
        let id = tenant.id;
        let mut rows = 0;
        loop {
            let tx = SystemTx::begin(&self.system).await?;
            let mut gone = erasing::people(&tx, id, PEOPLE).await?;
            if gone == 0 {
                gone = erase_rows(&tx, Schema::Identity, id, ROWS).await?;
            }
            if gone == 0 {
                slugs::retire(&tx, id, Utc::now() + self.life.erased_slug).await?;
                rows += erasing::tenant(&tx, id).await?;
                // Lines that came since the rows went.
                rows += erasing::audit_log(&tx, id).await?;
                // By its slug, which is held for a while: the id is to stand nowhere any more.
                let subject = Subject::new("tenant", &tenant.slug);
                let line = Entry::by(Actor::SYSTEM, "erase_tenant", None, subject);
                audited::append(&mut *tx.sqlx().await, Schema::Identity, vec![line]).await?;
                tx.commit().await?;
                return Ok(rows);
            }
            rows += gone;
            tx.commit().await?;
            tracing::info!(tenant.id = %id, rows, "a tenant's people and settings are being erased");
        }
    }
}

fn request(id: Uuid) -> Request<EraseTenantRequest> {
    let mut request = Request::new(EraseTenantRequest {
        tenant_id: id.to_string(),
    });
    request.set_timeout(PATIENCE);
    request
}
