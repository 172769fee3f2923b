//! What a batch tells the tenants it concerns.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use db::outbox::NewEvent;
use serde_json::{Value as Json, json};

use super::alerts::By;
use super::plan::Held;
use super::store::content::Head;
use crate::alerts::view::{Alert, AlertProduct, AlertRow};
use crate::events::SHARED;
use crate::products::figures::Shown;

/// An alert about something older than this tells nobody: it comes from an import or a long-late crawl.
const NEWS: TimeDelta = TimeDelta::hours(24);

/// Whether an alert is still news. What a rule that was changed since says of a look before that is none: people were
/// told by the rule as it was then.
pub fn is_news(alert: &AlertRow, by: Option<&By>, now: DateTime<Utc>) -> bool {
    let changed_since =
        by.is_some_and(|by| by.rule_version > 1 && alert.occurred_at < by.rule_since);
    now - alert.occurred_at <= NEWS && !changed_since
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

/// Changes in one entry of the log: enough to make entries few, so little that a reader of many entries can hold them.
const TOGETHER: usize = 200;

/// The listings whose newest figures changed. Each stands in the log once; who watches it hears of it as `listing.changed`.
pub fn listings_changed(changed: &BTreeMap<i64, Held>) -> Vec<NewEvent> {
    let mut changes: Vec<Json> = changed
        .iter()
        .filter_map(|(id, held)| {
            let (observed_at, values) = held.newest.as_ref()?;
            let shown = Shown::of(values, &held.known);
            Some(json!({
                "product_id": id,
                "version": held.version,
                "price": shown.price,
                "in_stock": values.in_stock,
                "rank": shown.rank,
                "last_observed_at": observed_at,
            }))
        })
        .collect();
    let mut entries = Vec::with_capacity(changes.len() / TOGETHER + 1);
    while !changes.is_empty() {
        let rest = changes.split_off(changes.len().min(TOGETHER));
        entries.push(NewEvent {
            tenant_id: None,
            kind: SHARED,
            subject: String::new(),
            version: 0,
            message: None,
            data: Some(Json::Array(std::mem::replace(&mut changes, rest))),
        });
    }
    entries
}
