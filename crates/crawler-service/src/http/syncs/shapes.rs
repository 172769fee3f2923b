//! Logs in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::sync;
use crate::storage::syncs::{Failure, Log};

/// How much of a catalogue a sync reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum Mode {
    /// All that the source lists.
    Full,
    /// What is likely to have changed, or is asked for.
    Incremental,
}

impl From<Mode> for sync::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Full => Self::Full,
            Mode::Incremental => Self::Incremental,
        }
    }
}

/// One sync of a catalogue, live read, or crawl that a person started.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct SyncLog {
    pub(in crate::http) id: Uuid,
    /// What is read: `products`, `prices`, `stock`, `order` (what an account can order for), `logistics`; `manual`: a
    /// crawl that a person started.
    #[serde(rename = "type")]
    kind: String,
    /// Null: several sources.
    source: Option<String>,
    /// Upper-case ISO 3166 code; null where none is meant.
    marketplace: Option<String>,
    /// `full` or `incremental`; null: no sync of a catalogue.
    mode: Option<String>,
    /// Why: `first_run`, `credentials_changed`, `integrity_failed`, `periodic`, `changed_price`, `low_stock` or
    /// `on_demand`.
    trigger: String,
    /// `pending`, `processing`, `success`, `failed` or `partial`.
    status: String,
    /// Codes known so far; all of them once they are crawled.
    total: i32,
    /// Those that ended well.
    success: i32,
    /// Those that did not.
    failed: i32,
    /// One line for people; empty while it is under way.
    message: String,
    started_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    /// From start to end; so far, while it is under way.
    duration_ms: i64,
    /// The crawl that does it: `GET /api/v1/crawls/{id}`.
    crawl_id: Option<Uuid>,
}

impl SyncLog {
    /// A stored log as it stands at `now`.
    pub(in crate::http) fn at(row: Log, now: DateTime<Utc>) -> Self {
        let until = row.completed_at.unwrap_or(now);
        Self {
            duration_ms: (until - row.started_at).num_milliseconds().max(0),
            id: row.id,
            kind: row.kind,
            source: row.source,
            marketplace: row.marketplace,
            mode: row.mode,
            trigger: row.trigger,
            status: row.status,
            total: row.total,
            success: row.success,
            failed: row.failed,
            message: row.message,
            started_at: row.started_at,
            completed_at: row.completed_at,
            crawl_id: row.crawl_id,
        }
    }
}

/// What did not go well.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct SyncFailure {
    /// The source's own id; or the search that listed nothing.
    code: String,
    /// `not_found`, `blocked`, …
    outcome: String,
    /// For people.
    reason: Option<String>,
}

impl From<Failure> for SyncFailure {
    fn from(row: Failure) -> Self {
        Self {
            code: row.code,
            outcome: row.outcome,
            reason: row.reason,
        }
    }
}

/// A log with what did not go well.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct SyncLogWithFailures {
    #[serde(flatten)]
    pub(in crate::http) log: SyncLog,
    /// The first 100, by code.
    pub(in crate::http) failures: Vec<SyncFailure>,
}
