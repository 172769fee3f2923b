//! The shapes of a trial.

use chrono::{DateTime, Utc};
use domain::alert::Fired;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::alerts::rules::Condition;
use crate::alerts::view::{ContentChanged, percent};
use crate::ingest::shown;

/// A rule and what to try it on: one of `rule_id` and `rule`, one of `product_id` and `tracking_id`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertRuleTest {
    /// A rule that there is.
    #[garde(skip)]
    pub rule_id: Option<Uuid>,
    /// A rule that need not be there.
    #[garde(skip)]
    pub rule: Option<TestedRule>,
    /// A product that the tenant watches.
    #[garde(skip)]
    pub product_id: Option<i64>,
    /// A tracking of the tenant.
    #[garde(skip)]
    pub tracking_id: Option<Uuid>,
    /// From when; 90 days before `to` if left out.
    #[garde(skip)]
    pub from: Option<DateTime<Utc>>,
    /// Until when; now, if left out. At most 366 days after `from`.
    #[garde(skip)]
    pub to: Option<DateTime<Utc>>,
}

/// A rule that need not be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedRule {
    /// When it fires.
    #[schema(value_type = Condition)]
    pub condition: Json,
    /// `by_size`, `info`, `warning` or `critical`.
    pub severity: Option<String>,
}

/// Where a rule would have fired, had it been there from the beginning of the range.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertRuleTrial {
    /// The product.
    pub product_id: i64,
    /// The tenant's tracking of it, if there is one.
    pub tracking_id: Option<Uuid>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// How many looks there were in between.
    pub looks: usize,
    /// How often it would have fired.
    pub count: usize,
    /// Where, oldest first; at most 500.
    pub fired: Vec<TrialAlert>,
    /// Whether there were more.
    pub truncated: bool,
    /// Your plan shows nothing before this, though there is more: what held then counts as seen then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited_to: Option<DateTime<Utc>>,
    /// Whether there was history enough to say.
    pub history: TrialHistory,
}

/// An alert that would have been raised.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialAlert {
    /// When the value was observed.
    pub occurred_at: DateTime<Utc>,
    /// What it is about.
    #[schema(example = "price")]
    pub kind: &'static str,
    /// The figure that it is about.
    #[schema(example = "price")]
    pub metric: Option<&'static str>,
    /// How much it matters.
    #[schema(example = "warning")]
    pub severity: &'static str,
    /// As an alert's.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "20.00", "currency": "USD"}))]
    pub before: Json,
    /// As an alert's.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "16.00", "currency": "USD"}))]
    pub after: Json,
    /// The signed move in percent; null where nothing numeric moved.
    #[schema(example = -20.0)]
    pub percent: Option<f64>,
    /// What `before` is.
    #[schema(example = "previous")]
    pub baseline: Option<&'static str>,
    /// The days of the baseline.
    pub baseline_days: Option<u16>,
    /// What figures do not say.
    pub message: Option<String>,
    /// What the listing says otherwise.
    #[schema(value_type = Option<Vec<ContentChanged>>)]
    pub changes: Option<Json>,
}

impl TrialAlert {
    /// Of a rule that fired.
    pub fn of(fired: &Fired) -> Self {
        Self {
            occurred_at: fired.at,
            kind: fired.kind.as_str(),
            metric: fired.metric.map(domain::alert::Metric::as_str),
            severity: fired.severity.as_str(),
            before: json!(fired.before),
            after: json!(fired.after),
            percent: fired.change.map(percent),
            baseline: fired.baseline.map(domain::alert::BaselineKind::as_str),
            baseline_days: fired.days,
            message: shown::message(fired),
            changes: shown::changes(fired),
        }
    }
}

/// How far what is known reaches.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialHistory {
    /// The first look that is shown; null: none yet.
    pub from: Option<DateTime<Utc>>,
    /// How far back the rule would like to know the product for this range.
    pub needed_from: DateTime<Utc>,
    /// Whether that is so.
    pub enough: bool,
    /// What is missing, for people.
    pub note: Option<String>,
}
