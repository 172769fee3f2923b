//! Following hits by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use db::TenantTx;
use domain::source::Source;
use http_kit::ApiResult;

use super::record::Monitor;
use super::store;
use crate::quota;
use crate::trackings::events::{Happened, Told, tell};
use crate::trackings::rules;
use crate::trackings::store::{self as trackings, NewRow};
use crate::trackings::timing::{Limits, Timing};

/// What became of candidates.
#[derive(Debug, Default)]
pub struct Tracked {
    /// Listings that are tracked from now on.
    pub listings: BTreeSet<i64>,
    /// Those that the plan has no place for.
    pub without_place: BTreeSet<i64>,
}

/// Tracks the first of `candidates` that are not tracked yet, up to the monitor's cap, as `POST /trackings` would: at the
/// times the source is usually looked at, as far as the plan allows, under the tenant's rules, and no more than it has
/// places for: what finds none is found all the same, and tracked by a later run when there is room. The tenant's watches
/// are held.
///
/// # Errors
/// When the database fails.
pub async fn track(
    tx: &TenantTx,
    monitor: &Monitor,
    candidates: Vec<i64>,
    limits: &Limits,
    now: DateTime<Utc>,
) -> ApiResult<Tracked> {
    let mut tracked = Tracked::default();
    if monitor.track_up_to == 0 || candidates.is_empty() {
        return Ok(tracked);
    }
    let room = monitor.track_up_to - store::tracked_by(tx, monitor.id).await?;
    let room = usize::try_from(room).unwrap_or(0);
    if room == 0 {
        return Ok(tracked);
    }
    let free = store::untracked(tx, &candidates).await?;
    let mut wanted: Vec<i64> = candidates
        .into_iter()
        .filter(|id| free.contains(id))
        .take(room)
        .collect();
    if wanted.is_empty() {
        return Ok(tracked);
    }
    let places = quota::hold(tx, limits).await?;
    tracked.without_place = wanted
        .split_off(wanted.len().min(places.free()))
        .into_iter()
        .collect();
    if wanted.is_empty() {
        return Ok(tracked);
    }
    let mut heads = trackings::heads(tx, wanted.clone()).await?;
    let rows: Vec<NewRow> = wanted
        .iter()
        .filter_map(|id| {
            let source: Source = heads.get(id)?.source.parse().ok()?;
            Some(NewRow {
                listing_id: *id,
                timing: Timing::usual(connectors::about(source)?.usual, limits),
            })
        })
        .collect();
    let made = trackings::insert(tx, &rows, &monitor.tags).await?;
    if made.is_empty() {
        return Ok(tracked);
    }
    places.taken(tx, made.len(), now).await?;
    rules::ensure_defaults(tx).await?;
    store::remember_trackings(tx, monitor.id, &made).await?;
    let told: Vec<Told> = made
        .into_iter()
        .filter_map(|row| {
            let head = heads.remove(&row.listing_id)?;
            let shown = row.clone().shown(Vec::new(), head.strategy.clone());
            Some(Told { row, head, shown })
        })
        .collect();
    tracked.listings = told.iter().map(|told| told.row.listing_id).collect();
    tell(tx, Happened::Created, told).await?;
    Ok(tracked)
}
