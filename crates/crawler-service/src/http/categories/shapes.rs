//! A category in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::storage::categories;
use crate::storage::monitors;

/// Keywords that are watched in several sources.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchCategory)]
pub(in crate::http) struct Category {
    pub(in crate::http) id: Uuid,
    /// For people; a tenant has no two of one name.
    name: String,
    keywords: Vec<String>,
    /// Whether each keyword is searched by the clock, in each source.
    auto_crawl: bool,
    /// Null: the public sources that can be searched and cost nothing, and those that the tenant has a credential for.
    sources: Option<Vec<String>>,
    /// Upper-case ISO 3166 code, where a source sells there; null: each source's first.
    marketplace: Option<String>,
    interval_seconds: i32,
    /// Whether products that are new raise `new_listing`.
    alert: bool,
    /// Each of its monitors tracks what it finds by itself, up to so many.
    track_up_to: i32,
    /// Its monitors, one for each keyword and source; empty until it was crawled for the first time.
    monitors: Vec<CategoryMonitor>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// One keyword in one source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct CategoryMonitor {
    id: Uuid,
    source: String,
    keyword: String,
    marketplace: String,
    next_due_at: Option<DateTime<Utc>>,
    /// Null before its first run.
    last_outcome: Option<String>,
}

impl Category {
    pub(in crate::http) fn of(row: categories::Category, monitors: &[monitors::Monitor]) -> Self {
        let own = monitors
            .iter()
            .filter(|one| one.category_id == Some(row.id));
        Self {
            monitors: own
                .map(|one| CategoryMonitor {
                    id: one.id,
                    source: one.source.clone(),
                    keyword: one.term.clone(),
                    marketplace: one.marketplace.clone(),
                    next_due_at: one.next_due_at,
                    last_outcome: one.last_outcome.clone(),
                })
                .collect(),
            id: row.id,
            name: row.name,
            keywords: row.keywords,
            auto_crawl: row.auto_crawl,
            sources: row.sources,
            marketplace: row.marketplace,
            interval_seconds: row.interval_seconds,
            alert: row.alert,
            track_up_to: row.track_up_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
