//! Crawls in JSON.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use http_kit::Page;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::priority;
use crate::rules::progress::Counts;
use crate::storage::{crawls, searches};

/// How urgent a crawl is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Urgency {
    /// At once.
    High,
    /// Within minutes.
    Medium,
    /// When there is room.
    Low,
}

impl From<Urgency> for Priority {
    fn from(urgency: Urgency) -> Self {
        match urgency {
            Urgency::High => Self::High,
            Urgency::Medium => Self::Medium,
            Urgency::Low => Self::Low,
        }
    }
}

impl From<Priority> for Urgency {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::High => Self::High,
            Priority::Medium => Self::Medium,
            Priority::Low => Self::Low,
        }
    }
}

/// One run over many products.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Crawl {
    pub(super) id: Uuid,
    /// `manual`, `monitor` or `schedule`.
    trigger: String,
    priority: Urgency,
    /// `idle`, `running`, `completed`, `partial`, `failed` or `cancelled`.
    status: String,
    /// Ended targets of a hundred; 100 only when all have.
    percentage: u32,
    /// One line for people.
    message: String,
    total: u32,
    succeeded: u32,
    failed: u32,
    /// Targets a second; null before the first has ended.
    rate: Option<f64>,
    /// Seconds to go at this rate; null when unknown or over.
    eta_seconds: Option<u64>,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl Crawl {
    /// A stored crawl as it stands at `now`.
    pub(super) fn at(row: crawls::Crawl, now: DateTime<Utc>) -> Self {
        let counts = Counts {
            total: row.total.unsigned_abs(),
            succeeded: row.succeeded.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
            started_at: row.started_at,
            finished_at: row.finished_at,
        };
        Self {
            id: row.id,
            trigger: row.trigger,
            priority: priority::of_number(row.priority).into(),
            status: row.status,
            percentage: counts.percentage(),
            message: counts.message(),
            total: counts.total,
            succeeded: counts.succeeded,
            failed: counts.failed,
            rate: counts.rate(now),
            eta_seconds: counts.eta_seconds(now),
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

/// A product in a crawl.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CrawlTarget {
    product_id: i64,
    /// `ok`, `not_found`, `blocked`, …; null while it is under way.
    outcome: Option<String>,
    /// What went wrong, for people.
    reason: Option<String>,
    /// Tries so far.
    attempts: i16,
}

impl From<crawls::CrawlTarget> for CrawlTarget {
    fn from(row: crawls::CrawlTarget) -> Self {
        Self {
            product_id: row.target_id,
            outcome: row.outcome,
            reason: row.reason,
            attempts: row.attempts,
        }
    }
}

/// A crawl with a page of its targets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CrawlWithTargets {
    #[serde(flatten)]
    pub(super) crawl: Crawl,
    /// By product id.
    pub(super) targets: Page<CrawlTarget>,
    /// What a whole round searches; they count as targets do.
    pub(super) searches: Vec<CrawlSearch>,
}

/// A search in a crawl.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CrawlSearch {
    /// Whose hits it brought: `GET /api/v1/products?monitor=`.
    monitor_id: Uuid,
    source: String,
    /// `new_arrivals`, `limited_editions` or `keyword`.
    kind: String,
    /// What is searched for; empty where the kind needs nothing.
    term: String,
    /// `ok`, `blocked`, `suspicious`, …; null while it is under way.
    outcome: Option<String>,
    /// What went wrong, for people.
    reason: Option<String>,
    /// Tries so far.
    attempts: i16,
    /// How many it found.
    found: Option<i32>,
    /// How many of those it never had before.
    new: Option<i32>,
}

impl From<searches::CrawlSearch> for CrawlSearch {
    fn from(row: searches::CrawlSearch) -> Self {
        Self {
            monitor_id: row.monitor_id,
            source: row.source,
            kind: row.kind,
            term: row.term,
            outcome: row.outcome,
            reason: row.reason,
            attempts: row.attempts,
            found: row.found,
            new: row.new,
        }
    }
}

/// A crawl that was started.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct StartedCrawl {
    /// The same as `id`.
    pub(super) crawl_id: Uuid,
    #[serde(flatten)]
    pub(super) crawl: CrawlWithTargets,
}
