//! What workers send, checked and in our terms.

use chrono::{DateTime, Utc};
use contracts::crawl::v1::{
    Discovery, FinishDiscoveryRequest, ItemOutcome, RecordCostRequest, ReportSourceRequest,
    TaskItem,
};
use domain::source::Source;
use tonic::Status;
use uuid::Uuid;

use crate::discoveries::Finished;
use crate::reports::Reported;
use crate::rules::admission::Breaker;
use crate::rules::trouble::Sign;
use crate::source_states::Report;
use crate::storage::costs::Run;
use crate::storage::discoveries::Running;
use crate::storage::lease;

/// The longest reason that is stored, in characters.
const REASON_LENGTH: usize = 500;
/// The longest id of an upstream's run and the longest scope, in bytes.
const NAME_LIMIT: usize = 255;

/// The beginning of a text that others wrote, without what no column takes and no log line needs.
pub(super) fn line(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(REASON_LENGTH)
        .collect()
}

fn reason(text: &str) -> Option<String> {
    Some(line(text)).filter(|reason| !reason.is_empty())
}

pub(super) fn task_item(item: lease::Item) -> TaskItem {
    TaskItem {
        target_id: item.id,
        marketplace: item.marketplace,
        external_id: item.external_id,
        url: item.url,
        fence: item.fence,
        round: item.round,
        strategy: item.strategy,
        memo: item.memo,
    }
}

pub(super) fn discovery(running: Running) -> Discovery {
    Discovery {
        kind: running.kind,
        term: running.term,
        category: running.category,
        marketplace: running.marketplace,
        limit: running.hits_limit.unsigned_abs(),
        fence: running.fence,
    }
}

pub(super) fn reported(item: ItemOutcome) -> Result<Reported, Status> {
    let outcome = item
        .outcome
        .parse()
        .map_err(|error| Status::invalid_argument(format!("outcomes: {error}")))?;
    Ok(Reported {
        target_id: item.target_id,
        fence: item.fence,
        round: item.round,
        outcome,
        reason: reason(&item.reason),
        retry_after_seconds: item.retry_after_seconds,
        retryable: item.retryable,
        openings: 0,
        sign: Sign::of(outcome),
        memo: item.memo.filter(|memo| fits(item.target_id, memo)),
        changed: item.changed,
        low_stock: item.low_stock,
    })
}

/// A memo that is too long is left out: what was fetched counts all the same.
fn fits(target_id: i64, memo: &[u8]) -> bool {
    let fits = memo.len() <= connectors::MEMO_LIMIT;
    if !fits {
        tracing::warn!(
            target.id = target_id,
            bytes = memo.len(),
            "a memo beyond 16 KiB is not kept"
        );
    }
    fits
}

pub(super) fn finished(request: FinishDiscoveryRequest) -> Result<Finished, Status> {
    let outcome = request
        .outcome
        .parse()
        .map_err(|error| Status::invalid_argument(format!("outcome: {error}")))?;
    Ok(Finished {
        fence: request.fence,
        outcome,
        reason: reason(&request.reason),
        retry_after_seconds: request.retry_after_seconds,
        retryable: request.retryable,
        found: request.found,
        total: request.total,
        openings: 0,
    })
}

pub(super) fn run(task_id: Uuid, request: RecordCostRequest) -> Result<Run, Status> {
    if !named(&request.run) {
        return Err(Status::invalid_argument("run is no id"));
    }
    if request.micro_usd < 0 {
        return Err(Status::invalid_argument("micro_usd is negative"));
    }
    Ok(Run {
        run: request.run,
        task_id,
        micro_usd: request.micro_usd,
        results: request.results.map(i64::from),
    })
}

pub(super) fn source_state(request: ReportSourceRequest) -> Result<Report, Status> {
    let source: Option<Source> = request.source.parse().ok();
    if source.and_then(connectors::about).is_none() {
        return Err(Status::invalid_argument("source is not one of ours"));
    }
    if !request.scope.is_empty() && !named(&request.scope) {
        return Err(Status::invalid_argument("scope is no name"));
    }
    let breaker = Breaker::parse(&request.breaker)
        .ok_or_else(|| Status::invalid_argument("breaker is not a state"))?;
    Ok(Report {
        source: request.source,
        scope: request.scope,
        breaker,
        probe_at: request.probe_at_unix.and_then(instant),
        paused_until: request.paused_until_unix.and_then(instant),
        gap_percent: request.gap_percent,
        concurrency: request.concurrency,
        last_error: line(&request.last_error),
        last_error_at: request.last_error_unix.and_then(instant),
        last_ok_at: request.last_ok_unix.and_then(instant),
        at_ms: request.at_ms,
        requests: request.requests,
        troubles: request.troubles,
    })
}

/// Whether a text can be stored as a name.
fn named(text: &str) -> bool {
    (1..=NAME_LIMIT).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// An instant within the years that can be stored.
fn instant(unix: i64) -> Option<DateTime<Utc>> {
    let year_2200 = 7_258_118_400;
    DateTime::from_timestamp(unix, 0).filter(|_| (0..year_2200).contains(&unix))
}
