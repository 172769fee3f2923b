//! Applying what workers report.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::messages::v1::TargetChanged;
use contracts::messages::v1::event::Payload;
use db::outbox::{NewEvent, Schema, append};
use db::{SystemPool, SystemTx};
use domain::source::Source;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::rules::cadence::{Book, NO_STRETCH, Plan};
use crate::rules::fair;
use crate::rules::opening;
use crate::rules::outcome::Outcome;
use crate::rules::round::{self, Told};
use crate::rules::trouble::{self, Sign, Turn};
use crate::storage::outcomes::{self, Claim, Written};
use crate::storage::{credentials, lease, payers, progress, stretches};

/// One item's outcome.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    pub(crate) target_id: i64,
    pub(crate) fence: i64,
    pub(crate) round: i64,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) retryable: bool,
    /// Openings that count against its next try: 0 unless it is suspected of taking workers down.
    pub(crate) openings: i16,
    /// To be given back with the next lease; `None`: what is known stays.
    pub(crate) memo: Option<Vec<u8>>,
    /// What it says about the target itself.
    pub(crate) sign: Sign,
    /// Whether it differs from the look before; `None`: not known.
    pub(crate) changed: Option<bool>,
    /// Whether stock is low; `None`: not known.
    pub(crate) low_stock: Option<bool>,
}

impl Reported {
    /// A target whose every opening was lost. It has failed, and goes on travelling alone until it is told of.
    pub(crate) fn hopeless(item: &lease::Item) -> Self {
        let reason = opening::given_up(item.openings);
        Self {
            openings: opening::TOGETHER,
            ..Self::failed(item, reason)
        }
    }

    /// A target that no worker has to try: it cannot go well, by no fault of its own.
    pub(crate) fn lacking(item: &lease::Item, reason: String) -> Self {
        Self {
            sign: Sign::Nothing,
            ..Self::failed(item, reason)
        }
    }

    fn failed(item: &lease::Item, reason: String) -> Self {
        Self {
            target_id: item.id,
            fence: item.fence,
            round: item.round,
            outcome: Outcome::Failed,
            reason: Some(reason),
            retry_after_seconds: None,
            retryable: false,
            openings: 0,
            memo: None,
            changed: None,
            low_stock: None,
            sign: Sign::Bad,
        }
    }
}

/// A target whose trouble began or ended.
struct Turned {
    target_id: i64,
    round: i64,
    turn: Turn,
    outcome: Outcome,
    reason: String,
    failures: u32,
}

impl Turned {
    fn event(self) -> NewEvent {
        let troubled = self.turn == Turn::Trouble;
        NewEvent {
            tenant_id: None,
            kind: "target.changed",
            subject: self.target_id.to_string(),
            version: self.round,
            message: Some(Payload::TargetChanged(TargetChanged {
                listing_id: self.target_id,
                troubled,
                outcome: self.outcome.as_str().to_owned(),
                reason: if troubled { self.reason } else { String::new() },
                failures: self.failures,
            })),
            data: None,
        }
    }
}

/// What became of reported outcomes.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Those whose lease was still current.
    pub(crate) accepted: usize,
    /// The source that has room for another task, because this one ended.
    pub(crate) room: Option<Source>,
}

/// Writes the outcomes whose lease is still current, in one transaction and a handful of statements, and tells how
/// many those were. A target that failed `trouble_after` times in a row is told of, and its recovery. `luck` gives
/// numbers in 0..1 that spread retries.
pub(crate) async fn apply(
    pool: &SystemPool,
    task_id: Uuid,
    reported: Vec<Reported>,
    trouble_after: i32,
    now: DateTime<Utc>,
    mut luck: impl FnMut() -> f64,
) -> Result<Applied, DbErr> {
    if reported.is_empty() {
        return Ok(Applied::default());
    }
    let tx = SystemTx::begin(pool).await?;
    let Some(task) = outcomes::lock_task(&tx, task_id).await? else {
        return Ok(Applied::default());
    };
    let claims: Vec<Claim> = reported.iter().map(claim).collect();
    let current = outcomes::lock_current(&tx, task_id, &claims).await?;
    if current.is_empty() {
        return Ok(Applied::default());
    }
    // Keyed by what identifies the lease: of two outcomes for the same one the last counts.
    let mut by_target: HashMap<(i64, i64), Reported> = reported
        .into_iter()
        .map(|item| ((item.target_id, item.round), item))
        .collect();
    let askers = payers::askers(&tx, current.iter().map(|(target, _)| target.id).collect()).await?;
    let adaptive = current
        .iter()
        .filter(|(target, _)| target.plan.as_ref().is_some_and(Plan::is_adaptive))
        .map(|(target, _)| target.id)
        .collect();
    let stretches = stretches::of_targets(&tx, &task.source, adaptive).await?;
    let mut book = Book::at(now);
    let mut written = Vec::with_capacity(current.len());
    let mut told = Vec::with_capacity(current.len());
    let mut counts: HashMap<Outcome, u64> = HashMap::new();
    let mut turns = Vec::new();
    for (mut target, before) in current {
        let Some(item) = by_target.remove(&(target.id, target.round)) else {
            continue;
        };
        let outcome = item.outcome;
        target.seen.stretch = stretches.get(&target.id).copied().unwrap_or(NO_STRETCH);
        let next = round::after(
            &target,
            Told {
                outcome,
                retryable: item.retryable,
                retry_after_seconds: item.retry_after_seconds,
                changed: item.changed,
                low_stock: item.low_stock,
            },
            &mut book,
            luck(),
        );
        *counts.entry(outcome).or_default() += 1;
        told.push(progress::Told {
            target_id: target.id,
            round: target.round,
            outcome: next.ended.then(|| outcome.as_str().to_owned()),
            reason: item.reason.clone(),
            tries: next.tries,
        });
        let payer = askers
            .get(&target.id)
            .filter(|_| next.ended)
            .and_then(|askers| fair::whose_turn(askers, next.round));
        let (health, turn) = if next.ended {
            let tracked = target.plan.is_some();
            trouble::after(before, item.sign, tracked, trouble_after)
        } else {
            (before, None)
        };
        turns.extend(turn.map(|turn| Turned {
            target_id: target.id,
            round: target.round,
            turn,
            outcome,
            reason: item.reason.clone().unwrap_or_default(),
            failures: health.strikes.unsigned_abs(),
        }));
        written.push(Written {
            target_id: target.id,
            next,
            outcome: outcome.as_str().to_owned(),
            reason: item.reason,
            openings: item.openings,
            // What was remembered of an answer that was no good says nothing.
            memo: item.memo.filter(|_| outcome == Outcome::Ok),
            payer,
            health,
        });
    }
    outcomes::write(&tx, &written, now).await?;
    let ended = outcomes::settle(&tx, task_id, written.len(), now).await?;
    if task.owner_tenant_id.is_some() && counts.contains_key(&Outcome::Ok) {
        credentials::works(&tx, task_id, now).await?;
    }
    let finished = progress::record(&tx, told, now).await?;
    let events = turns.into_iter().map(Turned::event).collect();
    append(&mut *tx.sqlx().await, Schema::Crawl, events).await?;
    tx.commit().await?;
    for (outcome, count) in counts {
        metrics::counter!(
            "crawl_targets_reported_total",
            "source" => task.source.clone(),
            "outcome" => outcome.as_str()
        )
        .increment(count);
    }
    for crawl in finished {
        tracing::info!(crawl.id = %crawl.crawl_id, crawl.status = crawl.status, "crawl finished");
    }
    Ok(Applied {
        accepted: written.len(),
        room: task.source.parse().ok().filter(|_| ended),
    })
}

fn claim(item: &Reported) -> Claim {
    Claim {
        target_id: item.target_id,
        fence: item.fence,
        round: item.round,
    }
}
