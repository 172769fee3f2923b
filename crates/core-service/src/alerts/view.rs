//! The shapes of alerts.

use chrono::{DateTime, Utc};
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
    /// The tracking it was raised for.
    pub tracking_id: Uuid,
    /// The product.
    pub listing_id: i64,
    /// The rule that fired.
    pub rule_id: Uuid,
    /// A domain alert kind.
    pub kind: String,
    /// A domain severity.
    pub severity: String,
    /// Money as in the API, or a number.
    pub before: serde_json::Value,
    /// As `before`.
    pub after: serde_json::Value,
    /// Hundredths of a percent.
    pub change_bp: i64,
    /// The observation's instant.
    pub occurred_at: DateTime<Utc>,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When a late observation showed that it should not have fired.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Alert {
    /// Its id.
    pub id: Uuid,
    /// The product it is about.
    pub product_id: i64,
    /// The tracking it was raised for.
    pub tracking_id: Uuid,
    /// The rule that fired.
    pub rule_id: Uuid,
    /// What it is about.
    #[schema(example = "price")]
    pub kind: String,
    /// How much it matters: `warning`, or `critical` from three times the threshold on.
    #[schema(example = "warning")]
    pub severity: String,
    /// The last value really seen before: money for prices, a number for ranks.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "20.00", "currency": "USD"}))]
    pub before: serde_json::Value,
    /// The value that raised it.
    #[schema(value_type = serde_json::Value, example = json!({"amount": "16.00", "currency": "USD"}))]
    pub after: serde_json::Value,
    /// The signed move in percent.
    #[schema(example = -20.0)]
    pub percent: f64,
    /// When the value was observed.
    pub occurred_at: DateTime<Utc>,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// True once a late observation showed that it should not have fired.
    pub superseded: bool,
    /// What people call the product; null once the tenant watches it no more.
    pub product: Option<AlertProduct>,
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
            kind: row.kind,
            severity: row.severity,
            before: row.before,
            after: row.after,
            percent: percent(row.change_bp),
            occurred_at: row.occurred_at,
            acknowledged_at: row.acknowledged_at,
            superseded: row.superseded_at.is_some(),
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
