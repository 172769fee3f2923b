//! What paid upstream runs cost, told by workers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use connectors::{Ability, About};
use db::outbox::{Schema, append};
use db::{SystemPool, SystemTx};
use http_kit::plans::{Plan, Plans};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::quota;
use crate::rules::quota::{MICRO_A_CENT, SPEND, month};
use crate::rules::shares::{bearers, shares};
use crate::storage::costs::{self, Run};
use crate::storage::quotas;

/// Records what a run cost and whom; a run counts once. False: the task is unknown.
pub(crate) async fn record(
    pool: &SystemPool,
    plans: &Plans,
    run: Run,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let day = now.date_naive();
    // Asked before anything is held. A warning that is not given now is given with the next run.
    let known = plans.all().await.unwrap_or_default();
    let tx = SystemTx::begin(pool).await?;
    let Some(paid) = costs::paid(&tx, run.task_id).await? else {
        return Ok(false);
    };
    if !costs::store(&tx, &paid, &run, day).await? {
        return Ok(true);
    }
    let trackers = match paid.owner_tenant_id.or(paid.monitor_tenant_id) {
        Some(tenant) => vec![vec![tenant]],
        None => {
            let trackers = costs::trackers(&tx, &paid.targets).await?;
            let all: BTreeSet<Uuid> = trackers.iter().flatten().copied().collect();
            let spent = quotas::spent(&tx, month(now), all.into_iter().collect()).await?;
            bearers(trackers, &quota::spent_out(&spent, &known))
        }
    };
    let shares = shares(run.micro_usd, &trackers);
    let payers: Vec<Uuid> = shares.keys().copied().collect();
    costs::charge(&tx, &paid.source, day, shares).await?;
    warn(&tx, &known, payers, now).await?;
    tx.commit().await?;
    metrics::counter!("crawl_run_cost_micro_usd_total", "source" => paid.source)
        .increment(run.micro_usd.unsigned_abs());
    Ok(true)
}

/// Tells those who have spent most of what their plans allow in the month, or all.
async fn warn(
    tx: &SystemTx,
    known: &HashMap<String, Arc<Plan>>,
    payers: Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let month = month(now);
    let mut events = Vec::new();
    for spent in quotas::spent(tx, month, payers).await? {
        let plan = spent.plan.as_deref().and_then(|code| known.get(code));
        let Some(cents) = plan.map(|plan| plan.source_spend_cents_per_month) else {
            continue;
        };
        if let Some(told) = quota::spend_warning(spent.micro_usd, cents, spent.told(), month) {
            quotas::remember_month(tx, spent.tenant_id, month, told).await?;
            let used = spent.micro_usd.unsigned_abs() / MICRO_A_CENT;
            events.push(quota::warned(spent.tenant_id, SPEND, used, told, now));
        }
    }
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await
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
