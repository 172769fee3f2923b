//! A scheduler in JSON.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::storage::schedulers;

/// What a round brings besides its keywords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoundParts)]
pub(in crate::http) struct Include {
    /// Everything tracked; true when left out.
    #[serde(default = "yes")]
    pub(super) tracked: bool,
    /// What sources call new; true when left out.
    #[serde(default = "yes")]
    pub(super) new_arrivals: bool,
    /// What sources sell in limited numbers; true when left out.
    #[serde(default = "yes")]
    pub(super) limited: bool,
}

impl Default for Include {
    fn default() -> Self {
        Self {
            tracked: true,
            new_arrivals: true,
            limited: true,
        }
    }
}

const fn yes() -> bool {
    true
}

/// Whole rounds by the clock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct Scheduler {
    /// Whether rounds begin by the clock.
    enabled: bool,
    /// Searched in each source that can.
    keywords: Vec<String>,
    /// Between the beginnings of two rounds. One that takes longer is not doubled: the next begins when it is over.
    interval_seconds: i32,
    /// Null: everything tracked, and the searches that cost nothing or that the tenant has a credential for.
    sources: Option<Vec<String>>,
    include: Include,
    /// The round under way; null: none is.
    running_crawl_id: Option<Uuid>,
    /// The latest round, under way or over.
    last_crawl_id: Option<Uuid>,
    /// When that began.
    last_started_at: Option<DateTime<Utc>>,
    /// When the next one begins; null while stopped. In the past: in a moment, or when the one under way is over.
    next_round_at: Option<DateTime<Utc>>,
}

impl From<schedulers::Scheduler> for Scheduler {
    fn from(row: schedulers::Scheduler) -> Self {
        Self {
            running_crawl_id: row.running_crawl(),
            enabled: row.enabled,
            keywords: row.keywords,
            interval_seconds: row.interval_seconds,
            sources: row.sources,
            include: Include {
                tracked: row.tracked,
                new_arrivals: row.new_arrivals,
                limited: row.limited,
            },
            last_crawl_id: row.last_crawl_id,
            last_started_at: row.last_started_at,
            next_round_at: row.next_round_at,
        }
    }
}

/// A scheduler as it is to be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SchedulerSetting {
    /// Whether rounds begin by the clock; one that was not enabled before begins in a moment.
    #[garde(skip)]
    pub(super) enabled: bool,
    /// Searched in each source that can; at most 50.
    #[garde(skip)]
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    /// Between the beginnings of two rounds: 300 to 604800 seconds, and no less than the plan admits.
    #[garde(skip)]
    #[schema(minimum = 300, maximum = 604800)]
    pub(super) interval_seconds: i64,
    /// When left out everything tracked, and the searches that cost nothing or that the tenant has a credential for.
    #[garde(inner(length(max = 20), inner(length(max = 24))))]
    pub(super) sources: Option<Vec<String>>,
    /// All of it when left out.
    #[garde(skip)]
    #[serde(default)]
    pub(super) include: Include,
}

/// What is different from before when a scheduler is started.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SchedulerStart {
    /// All keywords; those from before when left out.
    #[garde(skip)]
    pub(super) keywords: Option<Vec<String>>,
    /// Between the beginnings of two rounds; as before when left out.
    #[garde(skip)]
    #[schema(minimum = 300, maximum = 604800)]
    pub(super) interval_seconds: Option<i64>,
}

/// A scheduler that was stopped.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct StoppedScheduler {
    #[serde(flatten)]
    pub(super) scheduler: Scheduler,
    /// One line for people: whether it was running, and what became of the round under way.
    pub(super) message: String,
}
