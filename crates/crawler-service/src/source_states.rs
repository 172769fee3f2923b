//! In what state sources are, told by workers.

use chrono::{DateTime, Utc};
use connectors::Ownership;
use contracts::messages::v1::SourceChanged;
use contracts::messages::v1::event::Payload;
use db::outbox::{NewEvent, Schema, append};
use db::{SystemPool, SystemTx};
use domain::source::Source;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::rules::admission::{Breaker, word};
use crate::sealing;
use crate::storage::sources::{self, SourceState};

/// What a worker found, and what it counted since it last told.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) source: String,
    pub(crate) scope: String,
    pub(crate) breaker: Breaker,
    pub(crate) probe_at: Option<DateTime<Utc>>,
    pub(crate) paused_until: Option<DateTime<Utc>>,
    pub(crate) gap_percent: u32,
    pub(crate) concurrency: u32,
    pub(crate) last_error: String,
    pub(crate) last_error_at: Option<DateTime<Utc>>,
    pub(crate) last_ok_at: Option<DateTime<Utc>>,
    /// Unix milliseconds.
    pub(crate) at_ms: i64,
    pub(crate) requests: u64,
    pub(crate) troubles: u64,
}

/// Stores the newest state of a scope, counts what every worker counted, and tells when a breaker opened or closed.
/// True: the source is asked again, so there may be something to dispatch.
pub(crate) async fn apply(
    pool: &SystemPool,
    report: Report,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let tx = SystemTx::begin(pool).await?;
    let before = sources::lock(&tx, &report.source, &report.scope).await?;
    let was_open = before
        .as_ref()
        .is_some_and(|state| state.breaker != "closed");
    let fresh = before.is_none();
    let Some(after) = merge(before, report, now) else {
        return Ok(false);
    };
    let is_open = after.breaker != "closed";
    let (source, scope) = (after.source.clone(), after.scope.clone());
    if was_open != is_open {
        let events = changes(&tx, &after, is_open).await?;
        append(&mut *tx.sqlx().await, Schema::Crawl, events).await?;
        tracing::warn!(
            source,
            scope,
            open = is_open,
            reason = after.last_error,
            "the source's breaker changed"
        );
        let to = if is_open { "open" } else { "closed" };
        metrics::counter!("crawl_source_changes_total", "source" => source.clone(), "to" => to)
            .increment(1);
    }
    if scope.is_empty() {
        metrics::gauge!("crawl_source_open", "source" => source.clone())
            .set(f64::from(u8::from(is_open)));
    }
    sources::write(&tx, after).await?;
    if fresh && !scope.is_empty() {
        sources::forget_excess(&tx, &source).await?;
    }
    tx.commit().await?;
    Ok(was_open && !is_open)
}

/// The state after a report; `None`: the report is known.
fn merge(before: Option<SourceState>, report: Report, now: DateTime<Utc>) -> Option<SourceState> {
    // A worker whose clock is ahead must not silence the others for as long.
    let at_ms = report.at_ms.min(now.timestamp_millis());
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (requests, troubles) = (count(report.requests), count(report.troubles));
    if let Some(before) = &before {
        if at_ms == before.at_ms && requests == 0 && troubles == 0 {
            return None;
        }
        if at_ms < before.at_ms {
            let mut counted = before.clone();
            counted.requests = counted.requests.saturating_add(requests);
            counted.troubles = counted.troubles.saturating_add(troubles);
            return Some(counted);
        }
    }
    let gap_percent = report.gap_percent.max(1);
    let word = word(report.breaker, report.paused_until, gap_percent, now);
    let since = before
        .as_ref()
        .filter(|before| before.word == word)
        .map_or(now, |before| before.since);
    let turned = before
        .as_ref()
        .is_some_and(|before| (before.breaker == "closed") != (report.breaker == Breaker::Closed));
    let known = before.as_ref();
    let (last_error, last_error_at) = match known {
        // Each worker knows its own troubles; the newest of all is told.
        Some(known) if known.last_error_at > report.last_error_at => {
            (known.last_error.clone(), known.last_error_at)
        }
        _ => (report.last_error, report.last_error_at),
    };
    Some(SourceState {
        breaker: report.breaker.as_str().to_owned(),
        probe_at: report.probe_at,
        paused_until: report.paused_until,
        gap_percent: i32::try_from(gap_percent).unwrap_or(i32::MAX),
        concurrency: i32::try_from(report.concurrency).unwrap_or(i32::MAX),
        last_error,
        last_error_at,
        last_ok_at: report
            .last_ok_at
            .max(known.and_then(|known| known.last_ok_at)),
        requests: requests.saturating_add(known.map_or(0, |known| known.requests)),
        troubles: troubles.saturating_add(known.map_or(0, |known| known.troubles)),
        at_ms,
        word: word.to_owned(),
        since,
        version: known.map_or(1, |known| known.version + i64::from(turned)),
        source: report.source,
        scope: report.scope,
    })
}

/// Who is told that a breaker opened or closed: everybody, or of an account those whose credentials name it. Several
/// tenants may use one app; nobody else learns of it.
async fn changes(tx: &SystemTx, state: &SourceState, open: bool) -> Result<Vec<NewEvent>, DbErr> {
    if !is_account(state) {
        return Ok(vec![changed(state, open, None)]);
    }
    let mark = sealing::mark(&state.scope);
    let owners = sources::owners(tx, &state.source, &mark).await?;
    let told = owners.into_iter();
    Ok(told
        .map(|owner| changed(state, open, Some(owner)))
        .collect())
}

/// Whether the part of the source is an account of tenants.
fn is_account(state: &SourceState) -> bool {
    let source: Option<Source> = state.source.parse().ok();
    let about = source.and_then(connectors::about);
    !state.scope.is_empty() && about.is_some_and(|about| about.ownership == Ownership::Tenant)
}

fn changed(state: &SourceState, open: bool, owner: Option<Uuid>) -> NewEvent {
    NewEvent {
        tenant_id: None,
        kind: "source.changed",
        subject: format!("{}/{}", state.source, state.scope),
        version: state.version,
        message: Some(Payload::SourceChanged(SourceChanged {
            source: state.source.clone(),
            scope: state.scope.clone(),
            open,
            reason: if open {
                state.last_error.clone()
            } else {
                String::new()
            },
            owner_tenant_id: owner.map(|id| id.to_string()),
            probe_at_unix: state.probe_at.filter(|_| open).map(|at| at.timestamp()),
        })),
        data: None,
    }
}
