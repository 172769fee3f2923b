//! Standing searches.

mod change;
mod create;
mod read;
mod shapes;

use chrono::{DateTime, Utc};

use crate::rules::searching::due_after_change;
use crate::storage::monitors::{Monitor, Wanted};

pub(super) use change::{delete_monitor, run_monitor, update_monitor};
pub(super) use create::create_monitor;
pub(super) use read::{get_monitor, list_monitors};

// utoipa's routes! needs what its attribute made beside each handler.
pub(super) use change::{__path_delete_monitor, __path_run_monitor, __path_update_monitor};
pub(super) use create::__path_create_monitor;
pub(super) use read::{__path_get_monitor, __path_list_monitors};

/// Monitors of one tenant.
const MOST: i64 = 500;
/// Seconds between two runs: the least, the most, and where nothing is said.
pub(super) const LEAST_INTERVAL: i32 = 900;
pub(super) const MOST_INTERVAL: i32 = 2_592_000;
pub(super) const DEFAULT_INTERVAL: i32 = 86_400;
/// Hits of one run: the most, and where nothing is said.
const MOST_HITS: i32 = 500;
pub(super) const DEFAULT_HITS: i32 = 100;
/// Hits that a monitor may track by itself.
pub(super) const MOST_TRACKED: i32 = 10_000;

/// When a monitor runs next once it is as wanted.
pub(super) fn due_at(row: &Monitor, wanted: &Wanted, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let interval = (row.interval_seconds, wanted.interval_seconds);
    due_after_change(
        wanted.active,
        row.next_due_at,
        row.last_run_at,
        interval,
        now,
    )
}

/// How many more monitors the tenant may have.
pub(super) async fn room(tx: &db::TenantTx) -> http_kit::ApiResult<usize> {
    let count = crate::storage::monitors::count(tx)
        .await
        .map_err(super::database)?;
    Ok(usize::try_from(MOST - count).unwrap_or(0))
}

/// There is no room for another one.
pub(super) fn too_many() -> http_kit::ApiError {
    http_kit::ApiError::conflict(format!(
        "A tenant has at most {MOST} monitors. Delete some that are not needed."
    ))
}
