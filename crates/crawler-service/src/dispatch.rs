//! Claiming due targets and publishing them as tasks, one dispatcher a source.

mod fairly;
mod publish;
mod searching;
mod within_plans;

use anyhow::Context;
use bus::topology::Priority;
use bus::{Publisher, Topology};
use chrono::{TimeDelta, Utc};
use db::{SystemPool, SystemTx};
use domain::source::Source;
use http_kit::plans::Plans;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use self::within_plans::Known;
use crate::rules::admission::{Admission, Breaker, admission};
use crate::rules::group::{Claimed, bundles};
use crate::rules::window::{PerPriority, Window};
use crate::settings::Settings;
use crate::storage::claim::{self, Load, Task};
use crate::storage::{discoveries, payers, sources};
use crate::wake::Wake;

/// The lease of a task until the broker has it: longer than publishing takes, short enough that a dispatcher that dies
/// in between costs little.
const UNPUBLISHED: TimeDelta = TimeDelta::seconds(60);

/// Hands out one source's work. Several may run for the same source; locked rows are skipped.
pub struct Dispatcher {
    pub(crate) source: Source,
    pub(crate) pool: SystemPool,
    pub(crate) publisher: Publisher,
    pub(crate) topology: Topology,
    pub(crate) settings: Settings,
    pub(crate) wake: Wake,
    pub(crate) plans: Plans,
}

/// What one look did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Targets leased.
    pub claimed: PerPriority,
    /// Tasks the broker has.
    pub published: usize,
    /// Tasks given back because the broker did not confirm them.
    pub refused: usize,
    /// More was due, and room for it.
    pub more: bool,
}

impl Dispatcher {
    /// Dispatches until `stop`. Failures are logged and tried again: what is due waits in its table meanwhile.
    ///
    /// # Errors
    /// Never in practice; the type is that of a supervised task.
    pub async fn run(self, bus: bus::Bus, stop: CancellationToken) -> anyhow::Result<()> {
        let mut woken = self.wake.of(self.source);
        while !stop.is_cancelled() {
            let mut more = false;
            // Without a broker a claim would only be given back.
            if bus.is_connected() {
                // A root of its own: whoever was waited for a moment ago has nothing to do with what is due now.
                let span =
                    tracing::info_span!(parent: None, "dispatch", source = self.source.as_str());
                match self.pass().instrument(span).await {
                    Ok(pass) => more = pass.more && pass.refused == 0,
                    Err(error) => tracing::warn!(
                        source = self.source.as_str(),
                        error = format!("{error:#}"),
                        "dispatch failed; goes on"
                    ),
                }
            }
            if !more {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = woken.changed() => {}
                    () = tokio::time::sleep(self.settings.claim_interval) => {}
                }
            }
        }
        Ok(())
    }

    /// Claims what is due and has room, then publishes it.
    ///
    /// # Errors
    /// When the database fails. Leases of tasks that are not published end by themselves.
    pub async fn pass(&self) -> anyhow::Result<Pass> {
        let (tasks, mut pass) = self.claim().await.context("claim due targets")?;
        if tasks.is_empty() {
            return Ok(pass);
        }
        let targets = f64::from(pass.claimed.total());
        metrics::counter!("crawl_targets_claimed_total", "source" => self.source.to_string())
            .increment(targets as u64);
        self.publish(tasks, &mut pass)
            .await
            .context("publish tasks")?;
        tracing::debug!(
            targets,
            tasks = pass.published,
            refused = pass.refused,
            "dispatched"
        );
        Ok(pass)
    }

    /// One transaction: the most urgent first, each priority as far as its room goes; nothing of a source whose breaker
    /// is open, or one task that finds out whether it is back.
    async fn claim(&self) -> anyhow::Result<(Vec<Task>, Pass)> {
        let now = Utc::now();
        // Asked before anything is held, and also while nothing is due: so that what is known is never of yesterday.
        let known = self.known_plans().await;
        if !claim::anything_due(&self.pool, self.source, now).await? {
            return Ok((Vec::new(), Pass::default()));
        }
        let task_items = self.settings.task_items(self.source);
        let tx = SystemTx::begin(&self.pool).await?;
        if !payers::hold(&tx, self.source).await? {
            // Another dispatcher of this source is claiming just now.
            return Ok((Vec::new(), Pass::default()));
        }
        let done = claim::finished(&tx, self.source, now - self.settings.window).await?;
        let window = Window::measured(done, task_items);
        let mut leased = claim::leased(&tx, self.source).await?;
        let running = discoveries::running(&tx, self.source).await?;
        let mut pass = Pass::default();
        let admission = self
            .admission(&tx, leased.total().saturating_add(running.total()))
            .await?;
        if admission == Admission::Nothing {
            tx.rollback().await?;
            return Ok((Vec::new(), pass));
        }
        let mut claimed = Vec::new();
        for priority in Priority::ALL {
            let room = window.room(priority, leased);
            let limit = room.min(self.settings.claim_batch);
            if limit == 0 {
                continue;
            }
            let due = self.fairly(&tx, priority, now, limit).await?;
            let count = u32::try_from(due.len()).unwrap_or(u32::MAX);
            leased.add(priority, count);
            pass.more |= count == limit && limit < room;
            claimed.push((priority, due));
        }
        let searches = self.searches(&tx, &known, running, now).await?;
        let found = claimed.iter().any(|(_, due)| !due.is_empty());
        if admission == Admission::Probe {
            // Nobody is charged for what is let go.
            only_first(&mut claimed, task_items);
        }
        let mut tasks = Vec::new();
        for (priority, due) in self.within_plans(&tx, &known, claimed, now).await? {
            tasks.extend(bundles(due, task_items).into_iter().map(|bundle| Task {
                id: Uuid::now_v7(),
                source: self.source,
                priority,
                owner: bundle.owner,
                traceparent: bundle.traceparent,
                load: Load::Targets(bundle.targets),
            }));
        }
        tasks.extend(searches);
        if admission == Admission::Probe {
            // What is locked and not leased is let go with the transaction.
            tasks.truncate(1);
            pass.more = false;
        }
        for task in &tasks {
            pass.claimed.add(task.priority, task.items());
        }
        if tasks.is_empty() && !found {
            // Not left to the drop: the next pass, here or elsewhere, must find the source free.
            tx.rollback().await?;
        } else {
            if !tasks.is_empty() {
                claim::lease(&tx, &tasks, now, now + self.settings.lease.min(UNPUBLISHED)).await?;
            }
            // Also when all that was found waits for another day.
            tx.commit().await?;
        }
        Ok((tasks, pass))
    }

    /// What plans allow. While that is not known nobody is held back: what is due is late otherwise, for everybody.
    async fn known_plans(&self) -> Known {
        self.plans.lately().await.unwrap_or_else(|| {
            tracing::debug!("plans are not known; nobody is held back by them");
            Known::default()
        })
    }

    /// Whether the source is asked at all, as the workers last told.
    async fn admission(&self, tx: &SystemTx, under_way: u32) -> anyhow::Result<Admission> {
        let state = sources::get(tx, self.source.as_str(), "").await?;
        let Some(state) = state else {
            return Ok(Admission::All);
        };
        let breaker = Breaker::parse(&state.breaker).context("a stored breaker")?;
        Ok(admission(breaker, state.probe_at, under_way, Utc::now()))
    }
}

/// Leaves what the first task carries.
fn only_first(claimed: &mut [(Priority, Vec<Claimed>)], task_items: u32) {
    let mut first = None;
    for (_, due) in claimed {
        let mut bundles = bundles(due.clone(), task_items).into_iter();
        match bundles.next().filter(|_| first.is_none()) {
            Some(bundle) => {
                due.retain(|target| bundle.targets.contains(&target.id));
                first = Some(bundle);
            }
            None => due.clear(),
        }
    }
}
