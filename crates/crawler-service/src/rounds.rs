//! Starting whole rounds: on request, and by a scheduler.

use bus::topology::Priority;
use chrono::{DateTime, TimeDelta, Utc};
use db::{ApiPool, TenantTx};
use http_kit::plans::Plans;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::quota::{self, QuotaError};
use crate::rules::priority;
use crate::rules::rounds::{self as rules, Wish};
use crate::storage::crawls;
use crate::storage::credentials;
use crate::storage::rounds::{self, NewRound};
use crate::storage::schedulers::{self, Scheduler};
use crate::storage::syncs;
use crate::wake::Wake;

/// Hits of one search of a round.
const MOST_HITS: i32 = 100;

/// What starts a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Somebody who waits for it.
    Manual(Priority),
    /// A scheduler.
    Schedule,
}

/// What became of a wish to start a scheduler.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Its first round is under way.
    Now,
    /// A round is under way already.
    Running(Uuid),
    /// It had been started before; its next round begins then.
    Before(Option<DateTime<Utc>>),
    /// There is nothing to do.
    Nothing,
}

/// Starts rounds with a tenant's own rights.
#[derive(Clone)]
pub(crate) struct Rounds {
    pub(crate) pool: ApiPool,
    pub(crate) wake: Wake,
    pub(crate) plans: Plans,
}

impl Rounds {
    /// Starts a round that somebody asked for, if the tenant's plan admits all of it; `None`: there is nothing to do.
    pub(crate) async fn manual(
        &self,
        tenant_id: Uuid,
        wish: &Wish,
        urgency: Priority,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, QuotaError> {
        let plan = quota::plan(&self.plans, tenant_id).await?;
        let tx = TenantTx::begin(&self.pool, tenant_id).await?;
        let Some(id) = start(&tx, wish, Cause::Manual(urgency), now).await? else {
            return Ok(None);
        };
        syncs::log_crawl(&tx, id, now).await?;
        let Some(crawl) = crawls::get(&tx, id).await? else {
            return Err(DbErr::RecordNotFound(format!("crawl {id}")).into());
        };
        quota::admit(&tx, &crawl, &plan, now).await?;
        tx.commit().await?;
        self.wake.now();
        Ok(Some(id))
    }

    /// Starts a scheduler, and its first round at once. `change` says what is to be different about it.
    pub(crate) async fn begin(
        &self,
        tenant_id: Uuid,
        change: impl FnOnce(&mut Scheduler) + Send,
        now: DateTime<Utc>,
    ) -> Result<Begun, DbErr> {
        let tx = TenantTx::begin(&self.pool, tenant_id).await?;
        let mut scheduler = schedulers::lock(&tx).await?;
        if let Some(crawl) = scheduler.running_crawl() {
            return Ok(Begun::Running(crawl));
        }
        if scheduler.enabled {
            return Ok(Begun::Before(scheduler.next_round_at));
        }
        change(&mut scheduler);
        scheduler.enabled = true;
        let Some(id) = start(&tx, &scheduler.wish(), Cause::Schedule, now).await? else {
            return Ok(Begun::Nothing);
        };
        started(&mut scheduler, Some(id), now);
        schedulers::put(&tx, &scheduler, now).await?;
        tx.commit().await?;
        self.wake.now();
        Ok(Begun::Now)
    }

    /// Starts a tenant's scheduled round, if it is due and none is under way: of several that try at once one does.
    /// What was missed meanwhile is made up for by this one round.
    pub(crate) async fn scheduled(
        &self,
        tenant_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, DbErr> {
        let tx = TenantTx::begin(&self.pool, tenant_id).await?;
        let mut scheduler = schedulers::lock(&tx).await?;
        let due = scheduler.enabled && scheduler.next_round_at.is_some_and(|at| at <= now);
        if !due || scheduler.running {
            return Ok(None);
        }
        // A round of nothing leaves no crawl, and is looked at again when the next one is due.
        let id = start(&tx, &scheduler.wish(), Cause::Schedule, now).await?;
        started(&mut scheduler, id, now);
        schedulers::put(&tx, &scheduler, now).await?;
        tx.commit().await?;
        self.wake.now();
        Ok(id)
    }
}

fn started(scheduler: &mut Scheduler, crawl: Option<Uuid>, now: DateTime<Utc>) {
    if let Some(crawl) = crawl {
        scheduler.last_crawl_id = Some(crawl);
        scheduler.last_started_at = Some(now);
    }
    let interval = TimeDelta::seconds(i64::from(scheduler.interval_seconds));
    scheduler.next_round_at = Some(now + interval);
}

/// Makes all of a round due; `None`: there is nothing, and nothing is stored.
async fn start(
    tx: &TenantTx,
    wish: &Wish,
    cause: Cause,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, DbErr> {
    let known = credentials::list(tx).await?;
    let searches = rules::searches(wish, |source| {
        known.iter().any(|row| row.source == source.as_str())
    });
    let (trigger, urgency) = match cause {
        Cause::Manual(urgency) => ("manual", urgency),
        Cause::Schedule => ("schedule", Priority::Low),
    };
    let round = NewRound {
        id: Uuid::now_v7(),
        trigger,
        priority: priority::number(urgency),
        tracked: wish.tracked,
        sources: wish.sources.clone(),
        searches,
        most_hits: MOST_HITS,
        // Whoever asked just now sees what was found; somebody has to be told of what a schedule finds.
        tells: cause == Cause::Schedule,
        traceparent: telemetry::propagation::current_traceparent(),
    };
    let total = rounds::start(tx, &round, now).await?;
    Ok((total > 0).then_some(round.id))
}
