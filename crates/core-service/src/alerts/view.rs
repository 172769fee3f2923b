//! The shapes of alerts.

use chrono::{DateTime, Utc};
use db::outbox::NewEvent;
use sea_orm::FromQueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A row of `catalog.alert`.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct AlertRow {
    /// Whose.
    pub tenant_id: Uuid,
    /// Its id.
    pub id: Uuid,
    /// The tracking it was raised for, if it was for one.
    pub tracking_id: Option<Uuid>,
    /// The product, if it is about one.
    pub listing_id: Option<i64>,
    /// The rule that fired, if one did.
    pub rule_id: Option<Uuid>,
    /// The monitor that found the product.
    pub monitor_id: Option<Uuid>,
    /// The source that is in trouble, or was.
    pub source: Option<String>,
    /// What happened, for people, where figures do not say it.
    pub message: Option<String>,
    /// A domain alert kind.
    pub kind: String,
    /// A domain severity.
    pub severity: String,
    /// Money as in the API, or a number.
    pub before: serde_json::Value,
    /// As `before`.
    pub after: serde_json::Value,
    /// Hundredths of a percent, where something moved.
    pub change_bp: Option<i64>,
    /// The observation's instant.
    pub occurred_at: DateTime<Utc>,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When a late observation showed that it should not have fired.
    pub superseded_at: Option<DateTime<Utc>>,
    /// A domain metric, of an alert about one.
    pub metric: Option<String>,
    /// What the rule was called when it fired.
    pub rule_name: Option<String>,
    /// A domain baseline.
    pub baseline: Option<String>,
    /// Its days.
    pub baseline_days: Option<i32>,
    /// What a listing says otherwise.
    pub changes: Option<serde_json::Value>,
}

/// What is worth telling: a rule that fired, a product that a monitor found, a source or a product in trouble.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Alert {
    /// Its id.
    pub id: Uuid,
    /// The product it is about; null when it is about a whole source.
    pub product_id: Option<i64>,
    /// The tracking it was raised for; null when no tracking's rule raised it.
    pub tracking_id: Option<Uuid>,
    /// The rule that fired.
    pub rule_id: Option<Uuid>,
    /// The monitor that found the product, of a `new_listing`.
    pub monitor_id: Option<Uuid>,
    /// The source that is in trouble or was, of `source_trouble` and `source_recovered`.
    #[schema(example = "popmart")]
    pub source: Option<String>,
    /// What the rule was called when it fired; null when it had no name.
    pub rule_name: Option<String>,
    /// What happened, for people, where figures do not say it: a monitor's name, a source's answer, why fetches failed, the
    /// limit that was passed, which parts of a listing changed.
    pub message: Option<String>,
    /// What it is about.
    #[schema(example = "price")]
    pub kind: String,
    /// The figure that it is about: `price`, `list_price`, `buy_box_price`, `rank`, `rating`, `review_count` or
    /// `stock_quantity`; null when it is about none.
    #[schema(example = "price")]
    pub metric: Option<String>,
    /// How much it matters: `info` for good to know, `warning`, or `critical` from three times the threshold on, or as
    /// the rule says.
    #[schema(example = "warning")]
    pub severity: String,
    /// What it is compared with, see `baseline`: money for prices, a number for other figures, else a text; null where
    /// nothing moved.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "20.00", "currency": "USD"}))]
    pub before: serde_json::Value,
    /// The value that raised it; of a `new_listing` its price, if it is known; of `target_trouble` and `target_recovered`
    /// how the last fetch ended.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "16.00", "currency": "USD"}))]
    pub after: serde_json::Value,
    /// The signed move in percent; null where nothing moved.
    #[schema(example = -20.0)]
    pub percent: Option<f64>,
    /// What `before` is: `previous` for the last value really seen, `median` or `average` of `baseline_days`, `tracked`
    /// for the value when the product was first tracked, `fixed` for a value of the rule, `lowest` or `highest` of
    /// `baseline_days`; `limit` when the value before passed a limit. Null where no figure is compared.
    #[schema(example = "previous")]
    pub baseline: Option<String>,
    /// The days of the baseline.
    pub baseline_days: Option<i32>,
    /// What the listing says otherwise, of `content`.
    #[schema(value_type = Option<Vec<ContentChanged>>)]
    pub changes: Option<serde_json::Value>,
    /// When the value was observed.
    pub occurred_at: DateTime<Utc>,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// True once a late observation showed that it should not have fired.
    pub superseded: bool,
    /// What people call the product; null once the tenant watches it no more, and when it is about none.
    pub product: Option<AlertProduct>,
}

/// A part of a listing that says something else than before.
#[derive(Debug, ToSchema)]
pub struct ContentChanged {
    /// `title`, `images` or `features`, the bullet points.
    #[schema(example = "title")]
    pub field: String,
    /// What it said: a text, or for images and features a list of texts.
    #[schema(value_type = serde_json::Value)]
    pub before: (),
    /// What it says.
    #[schema(value_type = serde_json::Value)]
    pub after: (),
}

/// As much of a product as a line about it needs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, FromQueryResult)]
pub struct AlertProduct {
    /// Its id.
    pub id: i64,
    /// Null before the first look.
    pub title: Option<String>,
    /// Null when the source shows none.
    pub image_url: Option<String>,
}

/// The columns of [`AlertRow`].
pub const COLUMNS: &str = "tenant_id, id, tracking_id, listing_id, rule_id, monitor_id, source, message, kind, severity, \
                           before, after, change_bp, occurred_at, acknowledged_at, superseded_at, metric, rule_name, \
                           baseline, baseline_days, changes";

impl Alert {
    /// A stored alert as the API shows it.
    #[must_use]
    pub fn of(row: AlertRow, product: Option<AlertProduct>) -> Self {
        Self {
            product,
            id: row.id,
            product_id: row.listing_id,
            tracking_id: row.tracking_id,
            rule_id: row.rule_id,
            monitor_id: row.monitor_id,
            source: row.source,
            rule_name: row.rule_name,
            message: row.message,
            kind: row.kind,
            metric: row.metric,
            severity: row.severity,
            before: row.before,
            after: row.after,
            percent: row.change_bp.map(percent),
            baseline: row.baseline,
            baseline_days: row.baseline_days,
            changes: row.changes,
            occurred_at: row.occurred_at,
            acknowledged_at: row.acknowledged_at,
            superseded: row.superseded_at.is_some(),
        }
    }
}

impl Alert {
    /// The event that tells the tenant of it.
    #[must_use]
    pub fn raised(self, tenant_id: Uuid) -> NewEvent {
        NewEvent {
            tenant_id: Some(tenant_id),
            kind: "alert.raised",
            subject: self.id.to_string(),
            version: 1,
            message: None,
            data: Some(serde_json::json!(self)),
        }
    }
}

/// Hundredths of a percent as a percentage. Exact in JSON: two decimals of a number this small survive a double.
#[must_use]
pub fn percent(basis_points: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "moves are far below 2^53")]
    let basis_points = basis_points as f64;
    basis_points / 100.0
}
