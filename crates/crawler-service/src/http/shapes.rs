//! Crawls in JSON.

use bus::topology::Priority;
use chrono::{DateTime, Utc};
use http_kit::Page;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::priority;
use crate::rules::progress::{Counts, Tally};
use crate::rules::story::{self, Hold};
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
    /// `idle` until somebody has begun with it, then `running`, at last `completed`, `partial`, `failed` or `cancelled`.
    pub(super) status: String,
    /// Ended targets of a hundred; 100 only when all have.
    percentage: u32,
    /// What goes on, in one sentence for people.
    #[schema(example = "340 of 500 fetched, 12 failed; PopMart asks us to pause until 10:03 UTC")]
    message: String,
    total: u32,
    succeeded: u32,
    failed: u32,
    /// Not fetched, because the crawl was stopped before.
    cancelled: u32,
    /// Targets a minute since it was begun; null before the first has ended.
    rate: Option<f64>,
    /// Seconds to go at this rate; null when it is over, or too little has ended to tell.
    eta_seconds: Option<u64>,
    /// Where what it fetches is listed.
    #[schema(example = json!(["amazon", "popmart"]))]
    sources: Vec<String>,
    /// Sources it needs that are not asked just now.
    waits: Vec<Wait>,
    /// When it was asked for.
    started_at: DateTime<Utc>,
    /// When somebody began with it; null while it is idle.
    begun_at: Option<DateTime<Utc>>,
    /// When the last of it ended. One that was stopped is over when what was under way has ended.
    pub(super) finished_at: Option<DateTime<Utc>>,
}

/// A source that a crawl waits for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Wait {
    source: String,
    /// `paused`: it asked us to wait. `open`: it refuses us.
    state: &'static str,
    /// When it is asked again.
    until: Option<DateTime<Utc>>,
    /// Its last trouble.
    reason: String,
}

impl Crawl {
    /// A stored crawl as it stands at `now`. `holds` may name other crawls' sources.
    pub(super) fn at(row: crawls::Crawl, holds: &[Hold], now: DateTime<Utc>) -> Self {
        let counts = Counts {
            total: row.total.unsigned_abs(),
            tally: Tally {
                succeeded: row.succeeded.unsigned_abs(),
                failed: row.failed.unsigned_abs(),
                cancelled: row.cancelled.unsigned_abs(),
            },
            started_at: row.started_at,
            begun_at: row.begun_at,
            finished_at: row.finished_at,
        };
        let holds: Vec<Hold> = holds
            .iter()
            .filter(|hold| row.finished_at.is_none() && row.sources.contains(&hold.source))
            .cloned()
            .collect();
        let status = counts.status(&row.status);
        let held_until = holds.iter().filter_map(|hold| hold.until).max();
        Self {
            id: row.id,
            trigger: row.trigger,
            priority: priority::of_number(row.priority).into(),
            percentage: counts.percentage(),
            message: story::told(&counts, status, &holds),
            status: status.to_owned(),
            total: counts.total,
            succeeded: counts.tally.succeeded,
            failed: counts.tally.failed,
            cancelled: counts.tally.cancelled,
            rate: counts.rate(now),
            eta_seconds: counts.eta_seconds(now, held_until),
            sources: row.sources,
            waits: holds.into_iter().map(Wait::from).collect(),
            started_at: row.started_at,
            begun_at: row.begun_at,
            finished_at: row.finished_at,
        }
    }
}

impl From<Hold> for Wait {
    fn from(hold: Hold) -> Self {
        Self {
            source: hold.source,
            state: hold.state,
            until: hold.until,
            reason: hold.reason,
        }
    }
}

/// A product in a crawl.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CrawlTarget {
    product_id: i64,
    source: String,
    /// `ok`, `not_found`, `blocked`, …, `cancelled`; null while it waits or is under way.
    outcome: Option<String>,
    /// What went wrong, for people.
    reason: Option<String>,
    /// Tries so far.
    attempts: i16,
    /// Whether it is handed out to be fetched.
    under_way: bool,
    /// When it is tried, while it waits.
    next_try_at: Option<DateTime<Utc>>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
}

impl From<crawls::CrawlTarget> for CrawlTarget {
    fn from(row: crawls::CrawlTarget) -> Self {
        Self {
            product_id: row.target_id,
            source: row.source,
            outcome: row.outcome,
            reason: row.reason,
            attempts: row.attempts,
            under_way: row.under_way,
            next_try_at: row.next_try_at,
            ended_at: row.ended_at,
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
