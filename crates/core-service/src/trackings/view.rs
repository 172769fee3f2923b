//! The shape of a tracking.

use chrono::{DateTime, Utc};
use connectors::preview::STRATEGIES;
use domain::alert::{Metric, Rule};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::timing::{Schedule, StoredSpec, Timing};
use crate::alerts::rules::{Condition, show};
use crate::alerts::view::percent;

/// Whether a tracking is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Looked at when due.
    Active,
    /// Not looked at; its history stays.
    Paused,
}

impl Status {
    /// The name in the API and the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }
}

/// An own rule of a tracking to make: a move of more than `percent` of the price or the rank (`kind`) from the value
/// before, or any `condition`. It takes the place of wider rules about the same.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTrackingRule {
    /// `price` or `rank`. With a condition it says nothing: that tells what the rule is about.
    #[schema(example = "price")]
    pub kind: Option<String>,
    /// Fires on moves of more than this, either way; 0.01 to 1000. With a condition it says nothing.
    #[schema(minimum = 0.01, maximum = 1000, example = 10.0)]
    pub percent: Option<f64>,
    /// What people call it.
    pub name: Option<String>,
    /// When it fires, instead of `kind` and `percent`.
    #[schema(value_type = Option<Condition>)]
    pub condition: Option<serde_json::Value>,
    /// `by_size`, `info`, `warning` or `critical`.
    pub severity: Option<String>,
}

/// An own rule of a tracking; it takes the place of wider rules about the same.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TrackingRule {
    /// What it is about.
    #[schema(example = "price")]
    pub kind: String,
    /// Fires on moves of more than this, either way; absent where it is another rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 10.0)]
    pub percent: Option<f64>,
    /// What people call it; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it fires; absent where `kind` and `percent` say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// `by_size`, `info`, `warning` or `critical`; absent with the condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

impl TrackingRule {
    /// From what is stored.
    pub fn of(name: Option<String>, rule: &Rule) -> Option<Self> {
        let topic = rule.topic()?;
        let moved = rule.as_moved();
        let plain = name.is_none()
            && moved.is_some_and(|(metric, _)| matches!(metric, Metric::Price | Metric::Rank));
        Some(Self {
            kind: topic.kind.as_str().to_owned(),
            percent: moved.map(|(_, size)| percent(size)),
            name,
            condition: (!plain).then(|| show(&rule.condition)),
            severity: (!plain).then(|| rule.severity.as_str().to_owned()),
        })
    }
}

/// A tracking.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Tracking {
    /// Its id.
    pub id: Uuid,
    /// The product it follows.
    pub product_id: i64,
    /// Seconds between two looks; with a cron expression those between two of its times, on average.
    pub interval_seconds: i32,
    /// A cron expression that says when instead of the interval, windows of the week, or both; null: the interval says
    /// it all.
    pub schedule: Option<Schedule>,
    /// Whether the interval follows how often something changes: each look that finds a change makes it shorter, each
    /// that finds none a little longer, between a quarter and four times the one asked for and never below the plan's
    /// shortest. All adaptive trackings of a source together look no more often than their intervals allow.
    pub adaptive: bool,
    /// Seconds between two looks while stock is low; null: stock changes nothing. Part of the default of sources that
    /// tell stock, such as haier.
    pub low_stock_interval_seconds: Option<i32>,
    /// Free words.
    pub tags: Vec<String>,
    /// Its own rules; of other kinds the tenant's apply.
    pub rules: Vec<TrackingRule>,
    /// How the page is read, where the tenant chose; null: as the source finds best.
    #[schema(example = "json_ld")]
    pub strategy: Option<String>,
    /// Whether it is followed.
    pub status: Status,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it is looked at next; null while that is not known.
    pub next_due_at: Option<DateTime<Utc>>,
    /// When it was last looked at.
    pub last_crawl_at: Option<DateTime<Utc>>,
    /// How that went: `ok`, `not_found`, `blocked`, …
    #[schema(example = "ok")]
    pub last_outcome: Option<String>,
}

/// A row of `catalog.tracking`.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct TrackingRow {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub listing_id: i64,
    /// Seconds.
    pub interval_seconds: i32,
    /// A cron expression, windows, or both.
    pub schedule: Option<StoredSpec>,
    /// Whether the interval follows how often something changes.
    pub adaptive: bool,
    /// Seconds.
    pub low_stock_seconds: Option<i32>,
    /// The shortest interval that the plan allowed when this was chosen.
    pub least_seconds: i32,
    /// Free words.
    pub tags: Vec<String>,
    /// `active` or `paused`.
    pub status: String,
    /// Grows with every change.
    pub version: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl TrackingRow {
    /// Whether it is followed.
    pub fn is_live(&self) -> bool {
        self.status == Status::Active.as_str()
    }

    /// When it is looked at.
    pub fn timing(&self) -> Timing {
        Timing {
            interval_seconds: self.interval_seconds,
            schedule: self.schedule.clone().map(|StoredSpec(spec)| spec),
            adaptive: self.adaptive,
            low_stock_seconds: self.low_stock_seconds,
            least_seconds: self.least_seconds,
        }
    }

    /// With its rules and its listing's strategy; when it is due is crawler's knowledge and added later.
    pub fn shown(self, rules: Vec<TrackingRule>, strategy: Option<String>) -> Tracking {
        let status = if self.is_live() {
            Status::Active
        } else {
            Status::Paused
        };
        Tracking {
            id: self.id,
            product_id: self.listing_id,
            interval_seconds: self.interval_seconds,
            schedule: self.schedule.map(|StoredSpec(spec)| Schedule::of(&spec)),
            adaptive: self.adaptive,
            low_stock_interval_seconds: self.low_stock_seconds,
            tags: self.tags,
            rules,
            strategy,
            status,
            created_at: self.created_at,
            next_due_at: None,
            last_crawl_at: None,
            last_outcome: None,
        }
    }
}

/// Checks the name of a way to read a page.
pub fn is_strategy(text: &str, (): &()) -> garde::Result {
    if STRATEGIES.contains(&text) {
        return Ok(());
    }
    let known = STRATEGIES.join(", ");
    Err(garde::Error::new(format!("must be one of: {known}")))
}
