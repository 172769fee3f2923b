//! Telling the crawler in what state the sources are.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connectors::{Breaker, Executor, ScopeState};
use contracts::crawl::v1::ReportSourceRequest;
use tokio_util::sync::CancellationToken;

use crate::clients::Clients;

/// How soon states that could not be told are tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// Scopes that may wait to be told; beyond it the newest are dropped, which the next change mends.
const WAITING: usize = 1_000;

/// Tells every change until `stop`. The newest state of a scope counts; what was not told is kept.
pub(crate) async fn tell(
    executor: Executor,
    clients: Clients,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut waiting = Waiting::default();
    while !stop.is_cancelled() {
        let retry = async {
            if waiting.0.is_empty() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(AGAIN).await;
        };
        tokio::select! {
            () = stop.cancelled() => break,
            states = executor.changes() => waiting.add(states, Utc::now()),
            () = retry => {}
        }
        while let Some((key, report)) = waiting.0.pop_first() {
            if let Err(status) = clients.work.clone().report_source(report.clone()).await {
                tracing::debug!(code = ?status.code(), error = status.message(), "a source's state is told later");
                if rpc::is_transient(&status) {
                    waiting.0.insert(key, report);
                }
                break;
            }
        }
    }
    Ok(())
}

/// Reports by source and scope.
#[derive(Default)]
struct Waiting(BTreeMap<(String, String), ReportSourceRequest>);

impl Waiting {
    /// Takes newer states in, and counts what was not told yet together.
    fn add(&mut self, states: Vec<ScopeState>, now: DateTime<Utc>) {
        for state in states {
            let mut report = report(state, now);
            let key = (report.source.clone(), report.scope.clone());
            if let Some(untold) = self.0.remove(&key) {
                report.requests += untold.requests;
                report.troubles += untold.troubles;
            } else if self.0.len() >= WAITING {
                continue;
            }
            self.0.insert(key, report);
        }
    }
}

fn report(state: ScopeState, now: DateTime<Utc>) -> ReportSourceRequest {
    let (breaker, probe_at) = match state.breaker {
        Breaker::Closed => ("closed", None),
        Breaker::Open { probe_at } => ("open", Some(probe_at)),
        Breaker::HalfOpen => ("half_open", None),
    };
    let (last_error, last_error_at) = state.last_error.unzip();
    ReportSourceRequest {
        source: state.source.as_str().to_owned(),
        scope: state.scope,
        breaker: breaker.to_owned(),
        probe_at_unix: probe_at.map(|at| at.timestamp()),
        paused_until_unix: state.paused_until.map(|at| at.timestamp()),
        gap_percent: state.gap_percent,
        concurrency: state.concurrency.into(),
        last_error: last_error.unwrap_or_default(),
        last_error_unix: last_error_at.map(|at| at.timestamp()),
        last_ok_unix: state.last_ok.map(|at| at.timestamp()),
        at_ms: now.timestamp_millis(),
        requests: state.requests,
        troubles: state.troubles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(requests: u64, breaker: Breaker) -> ScopeState {
        ScopeState {
            source: connectors::popmart::SOURCE,
            scope: String::new(),
            breaker,
            paused_until: None,
            gap_percent: 100,
            concurrency: 3,
            last_error: None,
            last_ok: None,
            requests,
            troubles: 1,
        }
    }

    #[test]
    fn the_newest_state_counts_and_no_request_is_forgotten() {
        let now = Utc::now();
        let mut waiting = Waiting::default();
        waiting.add(vec![state(3, Breaker::Closed)], now);
        waiting.add(vec![state(4, Breaker::Open { probe_at: now })], now);
        let (_, report) = waiting.0.pop_first().expect("one report");
        assert_eq!((report.requests, report.troubles), (7, 2));
        assert_eq!(report.breaker, "open");
        assert_eq!(report.probe_at_unix, Some(now.timestamp()));
        assert!(waiting.0.is_empty());
    }
}
