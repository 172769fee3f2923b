//! `quota.warning` on the tenant's event stream.

use chrono::{DateTime, Utc};
use db::outbox::NewEvent;
use domain::quota::Told;
use uuid::Uuid;

/// The event that most, or all, of something is used that the plan limits.
#[must_use]
pub fn warning(tenant_id: Uuid, name: &str, used: u64, told: Told, now: DateTime<Utc>) -> NewEvent {
    NewEvent {
        tenant_id: Some(tenant_id),
        kind: "quota.warning",
        subject: name.to_owned(),
        version: now.timestamp_micros(),
        message: None,
        data: Some(serde_json::json!({
            "name": name,
            "used": used,
            "allowed": told.allowed,
            "percent": told.percent,
        })),
    }
}
