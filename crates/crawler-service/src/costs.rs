//! What paid upstream runs cost, told by workers.

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;

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
    // In the order of tenants, as everybody who charges several.
    for (tenant, share) in shares(run.micro_usd, &trackers) {
        costs::charge(&tx, tenant, &paid.source, day, share).await?;
    }
    tx.commit().await?;
    metrics::counter!("crawl_run_cost_micro_usd_total", "source" => paid.source)
        .increment(run.micro_usd.unsigned_abs());
    Ok(true)
}
