//! The life of a paid run: started once, found again when nobody knows, waited for patiently.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use egress::Urgency;
use tokio::time::Instant;

use super::checkpoint::{Ledger, Mark, Stage, Starting};
use super::client::{Client, Page};
use super::input::Order;
use super::settings::Plan;
use super::wire::{Run, RunStatus};
use crate::{Cost, LeaseLost, Outcome, Progress};

/// A run that was begun is paid for, so a passing trouble of Apify's is waited out this long before
/// the run is given up and a later try pays for another.
const TROUBLE_LIMIT: Duration = Duration::from_secs(5 * 60);
/// First pause in trouble, doubled up to the longest (Apify's own advice).
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Answers in a row that may be unreadable.
const UNREADABLE: u32 = 3;
/// The least pause between two questions about a run.
const POLL_PAUSE: Duration = Duration::from_millis(400);
/// How far Apify's clock may be behind ours while it does not tell.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// How wrong its clock may be when it tells: it tells whole seconds, and answers take time.
const ROUNDING: TimeDelta = TimeDelta::seconds(2);
/// Times a run is started for one piece of work, when each time Apify surely has none of ours.
const STARTS: u32 = 3;
/// Time for an aborted run to end: Apify forces it after 30 seconds.
const ABORT_LIMIT: Duration = Duration::from_secs(45);

/// Works on the runs of one task.
#[derive(Clone, Copy)]
pub(crate) struct Runs<'a> {
    pub(crate) client: &'a Client,
    pub(crate) plan: &'a Plan,
    pub(crate) urgency: Urgency,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) run: Run,
    /// We ended it, because it took too long.
    pub(crate) overdue: bool,
}

impl Runs<'_> {
    /// The run for an order, at its end: the one begun before, or a new one.
    pub(crate) async fn complete(
        self,
        order: &Order,
        ledger: &Ledger<'_>,
    ) -> Result<Result<Ended, Outcome>, LeaseLost> {
        Ok(match self.begun(order, ledger).await? {
            Ok(run) => self.ended(run).await,
            Err(outcome) => Err(outcome),
        })
    }

    async fn begun(
        self,
        order: &Order,
        ledger: &Ledger<'_>,
    ) -> Result<Result<Run, Outcome>, LeaseLost> {
        let mut since = None;
        match ledger.stage(&order.actor).await {
            Some(Stage::Started(id)) => {
                let look = || self.client.run(&id, Duration::ZERO, self.urgency);
                match patiently(look).await {
                    // Apify forgets runs after days; then there is nothing to resume.
                    Err(Outcome::NotFound) => {}
                    known => return Ok(known),
                }
            }
            Some(Stage::Starting(starting)) => match self.find(order, &starting).await {
                Ok(Some(run)) => return self.adopt(order, run, ledger).await,
                Ok(None) => since = Some(starting.since),
                Err(outcome) => return Ok(Err(outcome)),
            },
            None => {}
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let now = Utc::now();
            let starting = Starting {
                since: *since.get_or_insert(now),
                sent: now,
                mark: Mark::of(&order.input),
            };
            // Durable before the request leaves: whoever comes after us knows to look for the run.
            let stage = Stage::Starting(starting.clone());
            ledger.keep(&order.actor, stage).await?;
            let outcome = match self.client.start(order, self.plan, self.urgency).await {
                Ok(run) => return self.adopt(order, run, ledger).await,
                Err(outcome) if !may_have_started(&outcome) => return Ok(Err(outcome)),
                Err(outcome) => outcome,
            };
            tracing::warn!(
                reason = outcome.reason(),
                "nobody knows whether a run was started; looking for it"
            );
            match self.find(order, &starting).await {
                Ok(Some(run)) => return self.adopt(order, run, ledger).await,
                Ok(None) if tries < STARTS => {}
                Ok(None) => return Ok(Err(outcome)),
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
    }

    async fn adopt(
        self,
        order: &Order,
        run: Run,
        ledger: &Ledger<'_>,
    ) -> Result<Result<Run, Outcome>, LeaseLost> {
        ledger
            .keep(&order.actor, Stage::Started(run.id.clone()))
            .await?;
        Ok(Ok(run))
    }

    /// The run that a start of unknown end began, if any: the newest whose input is ours. Others of
    /// the same input are ended. `None` only after the grace for a start still under way.
    async fn find(self, order: &Order, starting: &Starting) -> Result<Option<Run>, Outcome> {
        let grace = TimeDelta::from_std(self.plan.start_grace).unwrap_or_default();
        loop {
            let last_look = Utc::now() >= starting.sent + grace;
            let mut ours = self.ours(order, starting).await?.into_iter();
            if let Some(newest) = ours.next() {
                for other in ours.filter(|run| !run.status.is_final()) {
                    tracing::warn!(run.id = other.id, "ending a second run of the same work");
                    self.client.abort(&other.id, self.urgency).await;
                }
                tracing::info!(run.id = newest.id, "found the run");
                return Ok(Some(newest));
            }
            if last_look {
                return Ok(None);
            }
            tokio::time::sleep(POLL_PAUSE * 2).await;
        }
    }

    /// The actor's runs since the start whose input is ours, the newest first.
    async fn ours(self, order: &Order, starting: &Starting) -> Result<Vec<Run>, Outcome> {
        let earliest = starting.since - SKEW;
        let list = || self.client.runs_since(&order.actor, earliest, self.urgency);
        let (mut runs, clock) = patiently(list).await?;
        // By Apify's own clock, so that an earlier run for the same products is not taken for ours.
        let since = clock.map_or(earliest, |clock| {
            starting.since + (clock - Utc::now()) - ROUNDING
        });
        runs.retain(|run| run.started_at.is_none_or(|at| at >= since));
        runs.sort_by_key(|run| std::cmp::Reverse(run.started_at));
        let mut ours = Vec::new();
        for run in runs {
            let Some(store) = &run.default_key_value_store_id else {
                continue;
            };
            let input = patiently(|| self.client.input(store, self.urgency)).await?;
            if input.is_some_and(|input| starting.mark.fits(&input)) {
                ours.push(run);
            }
        }
        Ok(ours)
    }

    /// Waits for the run's end; ends it when it takes too long.
    async fn ended(self, mut run: Run) -> Result<Ended, Outcome> {
        let begun = Instant::now();
        let mut overdue = false;
        while !run.status.is_final() {
            let limit = if overdue {
                self.plan.run_limit + ABORT_LIMIT
            } else {
                self.plan.run_limit
            };
            let left = limit.saturating_sub(begun.elapsed());
            if left.is_zero() && overdue {
                // It does not even end when told to: what it has is what there is.
                break;
            }
            if left.is_zero() {
                tracing::warn!(run.id, "ending a run that takes too long");
                self.client.abort(&run.id, self.urgency).await;
                overdue = true;
            }
            let asked = Instant::now();
            let wait = self.plan.poll_wait.min(left);
            run = match patiently(|| self.client.run(&run.id, wait, self.urgency)).await {
                Err(Outcome::NotFound) => Err(Outcome::failed("Apify has forgotten the run")),
                known => known,
            }?;
            if !run.status.is_final() && asked.elapsed() < POLL_PAUSE {
                tokio::time::sleep(POLL_PAUSE).await;
            }
        }
        Ok(Ended { run, overdue })
    }

    /// One page of the run's results.
    pub(crate) async fn page(self, run: &Run, offset: u64) -> Result<Page, Outcome> {
        patiently(|| {
            self.client
                .items(&run.default_dataset_id, offset, self.urgency)
        })
        .await
    }

    /// Tells what the run cost. Apify settles it some seconds after the run's end, so it is asked
    /// for again then, unless somebody waits.
    pub(crate) async fn tell_cost(self, ended: &Ended, results: u64, progress: &dyn Progress) {
        let mut run = ended.run.clone();
        if self.urgency != Urgency::High || run.micro_usd().is_none() {
            let age = run
                .finished_at
                .and_then(|at| (Utc::now() - at).to_std().ok())
                .unwrap_or_default();
            let left = self.plan.cost_settle.saturating_sub(age);
            if !left.is_zero() || run.micro_usd().is_none() {
                tokio::time::sleep(left).await;
                // Better what is known than nothing.
                if let Ok(settled) = self.client.run(&run.id, Duration::ZERO, self.urgency).await
                    && settled.micro_usd().is_some()
                {
                    run = settled;
                }
            }
        }
        if let Some(micro_usd) = run.micro_usd() {
            let cost = Cost {
                run: run.id,
                micro_usd,
                results: u32::try_from(results).ok(),
            };
            progress.cost(cost).await;
        }
    }
}

impl Ended {
    /// What is told of something that the results do not mention.
    pub(crate) fn missing(&self, unreadable: Option<String>) -> Outcome {
        if self.overdue {
            return Outcome::Timeout;
        }
        match (self.run.status, unreadable) {
            (RunStatus::TimedOut, _) => Outcome::Timeout,
            (RunStatus::Succeeded, Some(what)) => Outcome::malformed(what),
            (RunStatus::Succeeded, None) => Outcome::failed("the run ended without this product"),
            (RunStatus::Aborted, _) => Outcome::failed("the run was aborted"),
            _ => {
                let said = self.run.status_message.as_deref().unwrap_or("no message");
                let said: String = said.chars().take(200).collect();
                Outcome::failed(format!("the run did not succeed: {said}"))
            }
        }
    }
}

/// Whether a start that ended so may have begun a run.
fn may_have_started(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Timeout | Outcome::Network { .. } | Outcome::Malformed { .. } => true,
        Outcome::Failed { retryable, .. } => *retryable,
        _ => false,
    }
}

/// Asks about a paid run until there is an answer, a refusal that stays, or [`TROUBLE_LIMIT`] is over.
async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, Outcome>
where
    F: Future<Output = Result<T, Outcome>>,
{
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut unreadable = 0;
    loop {
        let outcome = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(outcome) => outcome,
        };
        if matches!(outcome, Outcome::Malformed { .. }) {
            unreadable += 1;
        }
        let wait = outcome
            .retry_after()
            .unwrap_or_else(|| pause.mul_f64(rand::random_range(1.0..=2.0)))
            .max(POLL_PAUSE);
        let passes = outcome.retryable() && unreadable < UNREADABLE;
        if !passes || begun.elapsed() + wait > TROUBLE_LIMIT {
            return Err(outcome);
        }
        tracing::warn!(reason = outcome.reason(), "asking again about a paid run");
        tokio::time::sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
