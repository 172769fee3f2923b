//! How a run of a monitor ends, and when it runs again.

use chrono::{DateTime, Utc};
use db::{SystemPool, SystemTx};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::rules::cadence::{Book, Plan, Seen};
use crate::rules::opening;
use crate::rules::outcome::Outcome;
use crate::rules::round::{self, Leased, Next, Told};
use crate::rules::sync::Listing;
use crate::storage::discoveries::{self, Ended, Running};
use crate::storage::monitors::Key;
use crate::storage::sync_work::{self, Trouble};
use crate::storage::{outcomes, searches};

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
    let next = next(&running, &told, now, luck);
    let good = told.outcome == Outcome::Ok;
    let found = i32::try_from(told.found).unwrap_or(i32::MAX);
    let total = told.total.and_then(|total| i64::try_from(total).ok());
    let trouble = told.reason.clone();
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
    let for_crawls = searches::Told {
        key: ended.key,
        round: running.round,
        outcome: next.ended.then_some(told.outcome),
        reason: ended.reason.clone(),
        tries: next.tries,
        found: good.then_some((found, running.run_new)),
    };
    discoveries::end(&tx, ended, now).await?;
    outcomes::settle(&tx, task_id, 0, now).await?;
    let finished = searches::record(&tx, for_crawls, now).await?;
    if let Some(sync_id) = running.sync_id.filter(|_| next.ended) {
        let trouble = (!good).then(|| Trouble {
            marketplace: running.marketplace.clone(),
            search: searched(&running),
            outcome: told.outcome.as_str(),
            reason: trouble.unwrap_or_default(),
        });
        sync_work::searched(&tx, running.tenant_id, sync_id, trouble).await?;
        tx.execute_unprepared(crate::wake::NOTIFY).await?;
    }
    tx.commit().await?;
    for crawl in finished {
        tracing::info!(crawl.id = %crawl.crawl_id, crawl.status = crawl.status, "crawl finished");
    }
    metrics::counter!(
        "crawl_monitor_runs_total",
        "source" => running.source,
        "outcome" => told.outcome.as_str()
    )
    .increment(1);
    Ok(true)
}

/// What a search was for, for people.
fn searched(running: &Running) -> String {
    let listing = Listing {
        kind: running.kind.clone(),
        term: running.term.clone(),
        category: running.category.clone(),
    };
    listing.name()
}

/// How the monitor goes on. One that stands for rounds is tried again as any other, and then waits to be asked.
fn next(running: &Running, told: &Finished, now: DateTime<Utc>, luck: f64) -> Next {
    let told = Told {
        outcome: told.outcome,
        retryable: told.retryable,
        retry_after_seconds: told.retry_after_seconds,
        changed: None,
        low_stock: None,
    };
    let mut next = round::after(&leased(running), told, &mut Book::at(now), luck);
    if running.of_round && next.ended {
        next.due_at = None;
    }
    next
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
