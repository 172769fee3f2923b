//! What is told about a tracking: to crawler, which owns the target from then on, and to the tenant's stream.

use contracts::messages::v1::TrackingChanged;
use contracts::messages::v1::event::Payload;
use db::TenantTx;
use db::outbox::{self, NewEvent, Schema};
use http_kit::ApiResult;

use super::store::ListingHead;
use super::view::{Tracking, TrackingRow};
use crate::error::database;

/// What happened to a tracking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was made.
    Created,
    /// Interval, status, tags or rules are others.
    Updated,
    /// It ended.
    Deleted,
}

/// A tracking of which something is told.
#[derive(Debug)]
pub struct Told {
    /// With the version after the change.
    pub row: TrackingRow,
    /// Its listing.
    pub head: ListingHead,
    /// As the tenant's stream shows it.
    pub shown: Tracking,
}

/// Appends the events in the transaction that makes them true.
///
/// # Errors
/// When the database fails.
pub async fn tell(tx: &TenantTx, happened: Happened, told: Vec<Told>) -> ApiResult<()> {
    let kind = match happened {
        Happened::Created => "tracking.created",
        Happened::Updated => "tracking.updated",
        Happened::Deleted => "tracking.deleted",
    };
    let events = told.into_iter().map(|Told { row, head, shown }| {
        let timing = row.timing();
        let message = TrackingChanged {
            tracking_id: row.id.to_string(),
            listing_id: row.listing_id,
            source: head.source,
            marketplace: head.marketplace,
            external_id: head.external_id,
            url: head.url,
            interval_seconds: row.interval_seconds.unsigned_abs(),
            live: happened != Happened::Deleted && row.is_live(),
            owner_tenant_id: head.owner_tenant_id.map(|owner| owner.to_string()),
            strategy: head.strategy,
            schedule: timing.told(),
            adaptive: row.adaptive,
            least_seconds: row.least_seconds.unsigned_abs(),
            low_stock_seconds: row.low_stock_seconds.map(i32::unsigned_abs),
        };
        NewEvent {
            tenant_id: Some(tx.tenant_id()),
            kind,
            subject: row.id.to_string(),
            version: row.version,
            message: Some(Payload::TrackingChanged(message)),
            data: Some(serde_json::json!(shown)),
        }
    });
    outbox::append(&mut *tx.sqlx().await, Schema::Catalog, events.collect())
        .await
        .map_err(database)
}
