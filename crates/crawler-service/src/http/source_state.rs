//! How a source stands, in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::found::Money;
use super::sources::dollars;
use crate::rules::admission::{Breaker, badness, word};
use crate::storage::sources::SourceState;

/// How a source, or a part of it, stands.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(super) struct Standing {
    /// Since when it is in this state; null when no worker has told of it yet.
    since: Option<DateTime<Utc>>,
    /// When a pause ends, or an open breaker is probed.
    until: Option<DateTime<Utc>>,
    /// How wide the gaps between two requests are now; 100 is as configured.
    pub(super) gap_percent: i32,
    /// The newest trouble.
    last_error: Option<LastError>,
    /// The newest good answer.
    last_success_at: Option<DateTime<Utc>>,
    /// Requests sent, by all workers.
    requests: i64,
    /// Troubles met.
    troubles: i64,
}

/// A trouble with a source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct LastError {
    /// For people.
    message: String,
    at: Option<DateTime<Utc>>,
}

/// A part of a source and how it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct StandingOf {
    /// The part, such as a web page's host.
    scope: String,
    /// As in `state` of the source.
    state: &'static str,
    #[serde(flatten)]
    standing: Standing,
}

/// How often a source may be asked, and what it cost the tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Budget {
    /// Requests that the manners allow in an hour at the present gap, by all workers together and for all tenants; null
    /// when there is no gap.
    requests_per_hour: Option<i64>,
    /// What paid runs cost this tenant since the month began. A run's cost is divided equally over its products, a
    /// product's part equally over the tenants that track it.
    spend_this_month: Money,
}

/// A stored state as it is at `at`: a pause may have ended since it was told.
fn current(row: &SourceState, at: DateTime<Utc>) -> &'static str {
    let breaker = Breaker::parse(&row.breaker).unwrap_or(Breaker::Closed);
    word(
        breaker,
        row.paused_until,
        row.gap_percent.unsigned_abs(),
        at,
    )
}

fn of(row: &SourceState, at: DateTime<Utc>) -> Standing {
    let state = current(row, at);
    Standing {
        since: Some(if state == row.word {
            row.since
        } else {
            row.paused_until.unwrap_or(row.since)
        }),
        until: match state {
            "open" => row.probe_at,
            "paused" => row.paused_until,
            _ => None,
        },
        gap_percent: row.gap_percent,
        last_error: (!row.last_error.is_empty()).then(|| LastError {
            message: row.last_error.clone(),
            at: row.last_error_at,
        }),
        last_success_at: row.last_ok_at,
        requests: row.requests,
        troubles: row.troubles,
    }
}

impl StandingOf {
    pub(super) fn of(row: &SourceState, at: DateTime<Utc>) -> Self {
        Self {
            scope: row.scope.clone(),
            state: current(row, at),
            standing: of(row, at),
        }
    }
}

/// The state of a source out of its parts: that of the worst, with the counts of all.
pub(super) fn standing(rows: &[&SourceState], at: DateTime<Utc>) -> (String, Standing) {
    let worst = rows.iter().max_by_key(|row| badness(current(row, at)));
    let Some(worst) = worst else {
        let untold = Standing {
            gap_percent: 100,
            ..Standing::default()
        };
        return ("ok".to_owned(), untold);
    };
    let newest_error = rows
        .iter()
        .filter(|row| !row.last_error.is_empty())
        .max_by_key(|row| row.last_error_at);
    let standing = Standing {
        last_error: newest_error.and_then(|row| of(row, at).last_error),
        last_success_at: rows.iter().filter_map(|row| row.last_ok_at).max(),
        requests: rows.iter().map(|row| row.requests).sum(),
        troubles: rows.iter().map(|row| row.troubles).sum(),
        ..of(worst, at)
    };
    (current(worst, at).to_owned(), standing)
}

/// `gap_ms` is the mean gap between two requests as configured.
pub(super) fn budget(gap_ms: u64, gap_percent: i32, micro_usd: i64) -> Budget {
    let gap = i64::try_from(gap_ms).unwrap_or(i64::MAX / 100_000) * i64::from(gap_percent);
    Budget {
        requests_per_hour: (gap > 0).then(|| 3_600_000 * 100 / gap),
        spend_this_month: dollars(micro_usd),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn row(scope: &str, breaker: &str, at: DateTime<Utc>) -> SourceState {
        SourceState {
            source: "web".to_owned(),
            scope: scope.to_owned(),
            breaker: breaker.to_owned(),
            probe_at: Some(at + TimeDelta::seconds(60)),
            paused_until: None,
            gap_percent: 100,
            concurrency: 1,
            last_error: String::new(),
            last_error_at: None,
            last_ok_at: None,
            requests: 3,
            troubles: 1,
            at_ms: 0,
            word: if breaker == "closed" { "ok" } else { "open" }.to_owned(),
            since: at - TimeDelta::seconds(60),
            version: 1,
        }
    }

    #[test]
    fn the_worst_part_stands_for_the_source() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        let rows = [row("a.example", "closed", at), row("b.example", "open", at)];
        let (state, whole) = standing(&rows.iter().collect::<Vec<_>>(), at);
        assert_eq!(
            (state.as_str(), whole.requests, whole.troubles),
            ("open", 6, 2)
        );
        assert_eq!(whole.until, rows[1].probe_at);
        assert_eq!(standing(&[], at).0, "ok");
    }

    #[test]
    fn a_pause_that_ended_is_over() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time");
        let mut paused = row("", "closed", at);
        paused.word = "paused".to_owned();
        paused.paused_until = Some(at + TimeDelta::seconds(5));
        assert_eq!(standing(&[&paused], at).0, "paused");
        let (state, whole) = standing(&[&paused], at + TimeDelta::seconds(5));
        assert_eq!((state.as_str(), whole.since), ("ok", paused.paused_until));
    }

    #[test]
    fn the_budget_shrinks_with_the_gap() {
        assert_eq!(budget(2_750, 100, 0).requests_per_hour, Some(1_309));
        assert_eq!(budget(2_750, 200, 0).requests_per_hour, Some(654));
        assert_eq!(budget(0, 100, 0).requests_per_hour, None);
    }
}
