//! One value a day.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Line, average};

/// Averages of the last `days` days before `end`, oldest first, each with its place: days without a value are left out.
pub(super) fn daily(line: &Line, end: DateTime<Utc>, days: u16) -> Vec<(i64, i64)> {
    (0..i64::from(days))
        .rev()
        .filter_map(|back| {
            let to = end - TimeDelta::days(back);
            let of_day = average(line, to - TimeDelta::days(1), to)?;
            Some((-back, of_day.value))
        })
        .collect()
}
