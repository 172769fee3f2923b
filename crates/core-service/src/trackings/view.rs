//! The shape of a tracking.

use chrono::{DateTime, Utc};
use connectors::preview::STRATEGIES;
use domain::alert::{Kind, MAX_THRESHOLD};
use garde::Validate;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::timing::{Schedule, StoredSpec, Timing};
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

/// Metrics that rules watch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// The price.
    Price,
    /// The rank in the root category.
    Rank,
}

impl From<RuleKind> for Kind {
    fn from(kind: RuleKind) -> Self {
        match kind {
            RuleKind::Price => Self::Price,
            RuleKind::Rank => Self::Rank,
        }
    }
}

impl From<Kind> for RuleKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Price => Self::Price,
            Kind::Rank => Self::Rank,
        }
    }
}

/// A rule of one tracking; it takes the place of the tenant's rule of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackingRule {
    /// What is watched.
    #[garde(skip)]
    pub kind: RuleKind,
    /// Fires on moves of more than this, either way; 0.01 to 1000.
    #[garde(custom(is_threshold))]
    #[schema(minimum = 0.01, maximum = 1000, example = 10.0)]
    pub percent: f64,
}

impl TrackingRule {
    /// The threshold in hundredths of a percent, within range since it was validated.
    pub fn threshold(self) -> i64 {
        basis_points(self.percent).unwrap_or(MAX_THRESHOLD)
    }

    /// From the table.
    pub fn of(kind: Kind, threshold: i64) -> Self {
        Self {
            kind: kind.into(),
            percent: percent(threshold),
        }
    }
}

fn basis_points(percent: f64) -> Option<i64> {
    let scaled = (percent * 100.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked right here"
    )]
    (1.0..=100_000.0).contains(&scaled).then_some(scaled as i64)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "garde hands fields over by reference"
)]
fn is_threshold(percent: &f64, (): &()) -> garde::Result {
    basis_points(*percent)
        .map(drop)
        .ok_or_else(|| garde::Error::new("must be a number from 0.01 to 1000"))
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

/// Checks a list of rules: each kind once.
pub fn each_kind_once(rules: &[TrackingRule], (): &()) -> garde::Result {
    let mut kinds: Vec<RuleKind> = rules.iter().map(|rule| rule.kind).collect();
    kinds.sort_unstable();
    if kinds.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(garde::Error::new("must name each kind once"));
    }
    Ok(())
}

/// Checks the name of a way to read a page.
pub fn is_strategy(text: &str, (): &()) -> garde::Result {
    if STRATEGIES.contains(&text) {
        return Ok(());
    }
    let known = STRATEGIES.join(", ");
    Err(garde::Error::new(format!("must be one of: {known}")))
}

/// As [`each_kind_once`], where the list may be absent.
pub fn each_kind_once_if_any(rules: &Option<Vec<TrackingRule>>, context: &()) -> garde::Result {
    rules
        .as_deref()
        .map_or(Ok(()), |rules| each_kind_once(rules, context))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_become_basis_points_without_surprise() {
        assert_eq!(basis_points(10.0), Some(1_000));
        assert_eq!(basis_points(0.07), Some(7));
        assert_eq!(basis_points(1_000.0), Some(100_000));
        for bad in [0.0, -5.0, 0.001, 1_000.01, f64::NAN, f64::INFINITY] {
            assert_eq!(basis_points(bad), None, "{bad}");
        }
    }
}
