//! What paid upstream runs cost, told by workers.

use chrono::{DateTime, Utc};
use connectors::{Ability, About};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::rules::shares::shares;
use crate::storage::costs::{self, Run};

/// Records what a run cost and whom; a run counts once. False: the task is unknown.
pub(crate) async fn record(pool: &SystemPool, run: Run, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let day = now.date_naive();
    let tx = SystemTx::begin(pool).await?;
    let Some(paid) = costs::paid(&tx, run.task_id).await? else {
        return Ok(false);
    };
    if !costs::store(&tx, &paid, &run, day).await? {
        return Ok(true);
    }
    let trackers = match paid.owner_tenant_id.or(paid.monitor_tenant_id) {
        Some(tenant) => vec![vec![tenant]],
        None => costs::trackers(&tx, &paid.targets).await?,
    };
    costs::charge(&tx, &paid.source, day, shares(run.micro_usd, &trackers)).await?;
    tx.commit().await?;
    metrics::counter!("crawl_run_cost_micro_usd_total", "source" => paid.source)
        .increment(run.micro_usd.unsigned_abs());
    Ok(true)
}

/// Opens accounts for what somebody asks the outside world at once; can do nothing else, and shows nothing.
#[derive(Clone)]
pub(crate) struct Accounts(SystemPool);

impl Accounts {
    pub(crate) const fn new(pool: SystemPool) -> Self {
        Self(pool)
    }

    /// Under what a live call of the tenant tells its cost: a task that has ended, so that nobody works on it. `None`
    /// where the source costs nothing.
    pub(crate) async fn open(
        &self,
        tenant_id: Uuid,
        about: &About,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, DbErr> {
        if !about.abilities.contains(&Ability::Paid) {
            return Ok(None);
        }
        let id = Uuid::now_v7();
        let tx = SystemTx::begin(&self.0).await?;
        costs::open(&tx, id, tenant_id, about.source.as_str(), now).await?;
        tx.commit().await?;
        Ok(Some(id))
    }
}
