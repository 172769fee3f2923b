//! How a run of a monitor ends, and when it runs again.

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::rules::cadence::{Book, Plan, Seen};
use crate::rules::opening;
use crate::rules::outcome::Outcome;
use crate::rules::round::{self, Leased, Told};
use crate::storage::discoveries::{self, Ended, Running};
use crate::storage::monitors::Key;
use crate::storage::outcomes;

/// How a worker says that a run ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) fence: i64,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) retryable: bool,
    pub(crate) found: u32,
    pub(crate) total: Option<u64>,
    pub(crate) openings: i16,
}

impl Finished {
    /// A run that no worker has to try: it cannot go well.
    pub(crate) const fn failed(fence: i64, reason: String) -> Self {
        Self {
            fence,
            outcome: Outcome::Failed,
            reason: Some(reason),
            retry_after_seconds: None,
            retryable: false,
            found: 0,
            total: None,
            openings: 0,
        }
    }

    /// A run whose every opening was lost.
    pub(crate) fn hopeless(running: &Running) -> Self {
        Self::failed(running.fence, opening::given_up(running.openings))
    }
}

/// Ends the run that a task is about; false: its lease is another's by now.
pub(crate) async fn finish(
    pool: &SystemPool,
    task_id: Uuid,
    told: Finished,
    now: DateTime<Utc>,
    luck: f64,
) -> Result<bool, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    if outcomes::lock_task(&tx, task_id).await?.is_none() {
        return Ok(false);
    }
    let running = discoveries::lock_of(&tx, task_id).await?;
    let Some(running) = running.filter(|running| running.fence == told.fence) else {
        return Ok(false);
    };
    let told = doubted(told, &running);
    let next = round::after(
        &leased(&running),
        Told {
            outcome: told.outcome,
            retryable: told.retryable,
            retry_after_seconds: told.retry_after_seconds,
            changed: None,
            low_stock: None,
        },
        &mut Book::at(now),
        luck,
    );
    let good = told.outcome == Outcome::Ok;
    let found = i32::try_from(told.found).unwrap_or(i32::MAX);
    let total = told.total.and_then(|total| i64::try_from(total).ok());
    let ended = Ended {
        key: Key {
            tenant_id: running.tenant_id,
            id: running.id,
        },
        next,
        outcome: told.outcome.as_str(),
        reason: told.reason,
        found: good.then_some((found, total)),
        openings: told.openings,
    };
    discoveries::end(&tx, ended, now).await?;
    outcomes::finish_task(&tx, task_id, now).await?;
    tx.commit().await?;
    metrics::counter!(
        "crawl_monitor_runs_total",
        "source" => running.source,
        "outcome" => told.outcome.as_str()
    )
    .increment(1);
    Ok(true)
}

/// A search that finds nothing where there were hits is more likely broken than right: it changes nothing, and is
/// looked at again.
fn doubted(told: Finished, running: &Running) -> Finished {
    if told.outcome != Outcome::Ok || told.found > 0 || running.last_found.unwrap_or(0) == 0 {
        return told;
    }
    let before = running.last_found.unwrap_or(0);
    Finished {
        outcome: Outcome::Suspicious,
        reason: Some(format!(
            "nothing was found where there were {before} the last time; what is known stays"
        )),
        ..told
    }
}

fn leased(running: &Running) -> Leased {
    // Any fixed number spreads due times.
    let (id, _) = running.id.as_u64_pair();
    Leased {
        id: id.cast_signed(),
        round: running.round,
        attempts: running.attempts,
        failures: running.failures,
        plan: running
            .interval_seconds
            .map(|interval| Plan::every(interval.unsigned_abs())),
        seen: Seen::default(),
    }
}
