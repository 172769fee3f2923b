//! A monitor in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::storage::monitors;

/// Whether a monitor runs by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MonitorStatus)]
pub(in crate::http) enum Status {
    /// It does.
    Active,
    /// It runs on request alone.
    Paused,
}

/// A standing search.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct Monitor {
    pub(in crate::http) id: Uuid,
    /// The category that made it; null: made by itself.
    category_id: Option<Uuid>,
    source: String,
    /// `keyword`, `category`, `brand`, `series`, `new_arrivals` or `limited_editions`.
    kind: String,
    /// What is searched for; empty where the kind needs nothing.
    term: String,
    /// Narrows a keyword search.
    category: Option<String>,
    /// Upper-case ISO 3166 code.
    marketplace: String,
    name: String,
    status: Status,
    interval_seconds: i32,
    /// Hits of one run.
    limit: i32,
    /// Whether products that are new to it raise `new_listing`.
    alert: bool,
    /// It tracks what it finds by itself while it has fewer live trackings than this.
    track_up_to: i32,
    /// Of what it tracks.
    tags: Vec<String>,
    /// When it runs next; null while paused.
    next_due_at: Option<DateTime<Utc>>,
    /// A worker has it, or it waits for one in a queue.
    running: bool,
    /// The last run, or the last try of it.
    last_run: Option<LastRun>,
    /// Runs that failed in a row.
    trouble_streak: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// How a monitor's last run went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct LastRun {
    at: DateTime<Utc>,
    /// `ok`, `blocked`, `suspicious`, … as of a product's crawl.
    outcome: String,
    /// What went wrong, for people.
    reason: Option<String>,
    /// When the last good run ended; the figures below are its.
    ok_at: Option<DateTime<Utc>>,
    /// How many it found.
    found: Option<i32>,
    /// How many of those the monitor never had before.
    new: Option<i32>,
    /// How many there are in all, where the source tells.
    total: Option<i64>,
}

impl From<monitors::Monitor> for Monitor {
    fn from(row: monitors::Monitor) -> Self {
        Self {
            last_run: row
                .last_run_at
                .zip(row.last_outcome)
                .map(|(at, outcome)| LastRun {
                    at,
                    outcome,
                    reason: row.last_reason,
                    ok_at: row.last_ok_at,
                    found: row.last_found,
                    new: row.last_new,
                    total: row.last_total,
                }),
            id: row.id,
            category_id: row.category_id,
            source: row.source,
            kind: row.kind,
            term: row.term,
            category: row.category,
            marketplace: row.marketplace,
            name: row.name,
            status: if row.status == "paused" {
                Status::Paused
            } else {
                Status::Active
            },
            interval_seconds: row.interval_seconds,
            limit: row.hits_limit,
            alert: row.alert,
            track_up_to: row.track_up_to,
            tags: row.tags,
            next_due_at: row.next_due_at,
            running: row.running,
            trouble_streak: row.failures,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
