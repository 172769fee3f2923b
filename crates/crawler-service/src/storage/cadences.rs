//! What trackings ask for, as the tables hold it.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::rules::cadence::{Cadence, NO_STRETCH, Plan, Seen};

/// What a tracking asks for beyond an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct StoredCadence(pub Cadence);

/// What a target's trackings ask for beyond one interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct StoredCadences(pub Vec<Cadence>);

/// A target's plan; `None`: stopped.
pub fn plan(interval_seconds: Option<i32>, cadences: Option<StoredCadences>) -> Option<Plan> {
    let interval = interval_seconds?.unsigned_abs();
    let stored = cadences.and_then(|StoredCadences(cadences)| Plan::of(cadences));
    Some(stored.unwrap_or_else(|| Plan::every(interval)))
}

/// What is known of a target besides, without a stretch.
pub fn seen(own_interval: Option<i32>, low_stock: bool) -> Seen {
    Seen {
        own_interval: own_interval.map(i32::unsigned_abs),
        low_stock,
        stretch: NO_STRETCH,
    }
}

/// Seconds as the tables have them; a cron expression may come once in many years.
pub fn seconds(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
