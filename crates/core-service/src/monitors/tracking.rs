//! Following hits by itself.

use std::collections::BTreeSet;

use db::TenantTx;
use domain::source::Source;
use http_kit::ApiResult;

use super::record::Monitor;
use super::store;
use crate::trackings::events::{Happened, Told, tell};
use crate::trackings::rules;
use crate::trackings::store::{self as trackings, NewRow};
use crate::trackings::timing::{Limits, Timing};

/// Tracks the first of `candidates` that are not tracked yet, up to the monitor's cap, as `POST /trackings` would: at the
/// times the source is usually looked at, as far as the plan allows, under the tenant's rules. Says which. The tenant's watches are held.
///
/// # Errors
/// When the database fails.
pub async fn track(
    tx: &TenantTx,
    monitor: &Monitor,
    candidates: Vec<i64>,
    limits: &Limits,
) -> ApiResult<BTreeSet<i64>> {
    if monitor.track_up_to == 0 || candidates.is_empty() {
        return Ok(BTreeSet::new());
    }
    let room = monitor.track_up_to - store::tracked_by(tx, monitor.id).await?;
    let room = usize::try_from(room).unwrap_or(0);
    if room == 0 {
        return Ok(BTreeSet::new());
    }
    let free = store::untracked(tx, &candidates).await?;
    let wanted: Vec<i64> = candidates
        .into_iter()
        .filter(|id| free.contains(id))
        .take(room)
        .collect();
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
        return Ok(BTreeSet::new());
    }
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
    let tracked = told.iter().map(|told| told.row.listing_id).collect();
    tell(tx, Happened::Created, told).await?;
    Ok(tracked)
}
