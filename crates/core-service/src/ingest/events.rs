//! What a batch tells the tenants it concerns.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::NewEvent;
use serde_json::json;

use super::plan::Held;
use super::store::content::{Head, Watcher};
use crate::alerts::view::{Alert, AlertProduct, AlertRow};
use crate::products::figures::Shown;

/// An alert about something older than this tells nobody: it comes from an import or a long-late crawl.
const NEWS: TimeDelta = TimeDelta::hours(24);

/// Whether an alert is still news.
pub fn is_news(alert: &AlertRow, now: DateTime<Utc>) -> bool {
    now - alert.occurred_at <= NEWS
}

/// `alert.raised` for each alert.
pub fn alerts_raised(alerts: Vec<AlertRow>, heads: &[Head]) -> Vec<NewEvent> {
    let heads: BTreeMap<i64, &Head> = heads.iter().map(|head| (head.id, head)).collect();
    alerts
        .into_iter()
        .map(|row| {
            let tenant_id = row.tenant_id;
            let product = row.listing_id.map(|id| {
                let head = heads.get(&id);
                AlertProduct {
                    id,
                    title: head.and_then(|head| head.title.clone()),
                    image_url: head.and_then(|head| head.image_url.clone()),
                }
            });
            Alert::of(row, product).raised(tenant_id)
        })
        .collect()
}

/// `listing.changed` for everybody who watches a listing whose newest figures changed.
pub fn listings_changed(watchers: Vec<Watcher>, changed: &BTreeMap<i64, Held>) -> Vec<NewEvent> {
    watchers
        .into_iter()
        .filter_map(|watcher| {
            let held = changed.get(&watcher.listing_id)?;
            let (observed_at, values) = held.newest.as_ref()?;
            let shown = Shown::of(values, &held.known);
            Some(NewEvent {
                tenant_id: Some(watcher.tenant_id),
                kind: "listing.changed",
                subject: watcher.listing_id.to_string(),
                version: held.version,
                message: None,
                data: Some(json!({
                    "product_id": watcher.listing_id,
                    "version": held.version,
                    "price": shown.price,
                    "in_stock": values.in_stock,
                    "rank": shown.rank,
                    "last_observed_at": observed_at,
                })),
            })
        })
        .collect()
}
