//! The shape of a rule.

use chrono::{DateTime, Utc};
use domain::alert::Metric;
use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::RuleRow;
use super::{Condition, show};
use crate::alerts::view::percent;

/// A rule that raises alerts.
///
/// Of rules about the same, by `kind` and `metric`, the more specific count: a tracking's own, else those of its tags,
/// else the tenant's. One that is switched off silences the wider ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertRule {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    #[schema(example = "Cheap again")]
    pub name: Option<String>,
    /// The tracking it is for; null, like `tag`: all the tenant's trackings.
    pub tracking_id: Option<Uuid>,
    /// The tag whose trackings it is for.
    pub tag: Option<String>,
    /// What its first test is about.
    #[schema(example = "price")]
    pub kind: String,
    /// The figure of its first test, if that is about one.
    #[schema(example = "price")]
    pub metric: Option<String>,
    /// Where the rule is a single move of more than so many percent from the previous value, either way: that; else null.
    #[schema(example = 10.0)]
    pub percent: Option<f64>,
    /// When it fires.
    pub condition: Condition,
    /// `by_size`, `info`, `warning` or `critical`.
    #[schema(example = "by_size")]
    pub severity: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Grows when it is changed; alerts belong to a version.
    pub version: i32,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// Since when this version applies.
    pub changed_at: DateTime<Utc>,
}

impl AlertRule {
    /// A stored rule; nothing when it is one of a newer version of the program.
    pub fn of(row: RuleRow) -> Option<Self> {
        let rule = row.rule()?;
        let topic = rule.topic()?;
        Some(Self {
            id: row.id,
            name: row.name,
            tracking_id: row.tracking_id,
            tag: row.tag,
            kind: topic.kind.as_str().to_owned(),
            metric: topic.metric.map(|metric| Metric::as_str(metric).to_owned()),
            percent: rule.as_moved().map(|(_, size)| percent(size)),
            condition: show(&rule.condition),
            severity: rule.severity.as_str().to_owned(),
            enabled: row.enabled,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.since,
        })
    }
}

/// Filters of the list of rules.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertRuleFilter {
    /// The own rules of this tracking.
    #[garde(skip)]
    pub tracking_id: Option<Uuid>,
    /// Those for this tag.
    #[garde(inner(length(chars, min = 1, max = 50)))]
    pub tag: Option<String>,
}

/// A rule to make. Without `tracking_id` and `tag` it is for all the tenant's trackings.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlertRule {
    /// What people call it; at most 100 characters.
    #[garde(skip)]
    pub name: Option<String>,
    /// The tracking it is for.
    #[garde(skip)]
    pub tracking_id: Option<Uuid>,
    /// The tag whose trackings it is for.
    #[garde(inner(length(chars, min = 1, max = 50)))]
    pub tag: Option<String>,
    /// When it fires.
    #[garde(skip)]
    #[schema(value_type = Condition)]
    pub condition: Json,
    /// `by_size`, the default: a warning, critical from three times the size on; or always `info`, `warning` or
    /// `critical`.
    #[garde(skip)]
    #[schema(example = "by_size")]
    pub severity: Option<String>,
    /// Whether it is on; it is, if left out. One that is off silences wider rules about the same.
    #[garde(skip)]
    pub enabled: Option<bool>,
}

/// What of a rule changes; what is absent stays. Whom it is for cannot change: make another rule.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertRulePatch {
    /// What people call it; null: nothing.
    #[garde(skip)]
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// When it fires.
    #[garde(skip)]
    #[schema(value_type = Option<Condition>)]
    pub condition: Option<Json>,
    /// `by_size`, `info`, `warning` or `critical`.
    #[garde(skip)]
    pub severity: Option<String>,
    /// Whether it is on.
    #[garde(skip)]
    pub enabled: Option<bool>,
}

/// Tells null from nothing.
fn told<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
