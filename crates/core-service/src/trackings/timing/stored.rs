//! When a tracking is looked at, as the table holds it and as crawler is told.

use connectors::about::Cadence;
use contracts::messages::v1 as wire;
use domain::schedule::Spec;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::Limits;

/// A schedule in a `jsonb` column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct StoredSpec(pub Spec);

/// When a tracking is looked at, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Seconds; with a cron expression those between two of its times, on average.
    pub interval_seconds: i32,
    /// A cron expression, windows, or both.
    pub schedule: Option<Spec>,
    /// Whether the interval follows how often something changes.
    pub adaptive: bool,
    /// Seconds between two looks while stock is low; `None`: stock changes nothing.
    pub low_stock_seconds: Option<i32>,
    /// The shortest interval that the plan allows.
    pub least_seconds: i32,
}

impl Timing {
    /// As the source is looked at usually, as far as the plan allows.
    pub fn usual(cadence: Cadence, limits: &Limits) -> Self {
        let least = limits.least_seconds;
        let (schedule, low_stock) = match cadence {
            Cadence::Every {
                low_stock_seconds, ..
            } => (None, low_stock_seconds),
            Cadence::Daily { hour } => {
                let daily = Spec {
                    cron: Some(format!("0 {hour} * * *")),
                    time_zone: limits.time_zone.clone(),
                    windows: Vec::new(),
                };
                (Some(daily), None)
            }
        };
        let interval = cadence.seconds().max(least);
        Self {
            interval_seconds: whole(interval),
            schedule,
            adaptive: false,
            low_stock_seconds: low_stock
                .map(|low| low.max(least))
                .filter(|low| *low < interval)
                .map(whole),
            least_seconds: whole(least),
        }
    }

    /// Whether a cron expression says when.
    pub fn by_cron(&self) -> bool {
        self.schedule
            .as_ref()
            .is_some_and(|spec| spec.cron.is_some())
    }

    /// The schedule for crawler.
    pub fn told(&self) -> Option<wire::Schedule> {
        let spec = self.schedule.as_ref()?;
        let windows = spec.windows.iter().map(|window| wire::Window {
            days: window
                .days
                .iter()
                .map(|day| day.as_str().to_owned())
                .collect(),
            from: window.from.format("%H:%M").to_string(),
            to: window.to.format("%H:%M").to_string(),
        });
        Some(wire::Schedule {
            cron: spec.cron.clone(),
            time_zone: spec.time_zone.clone(),
            windows: windows.collect(),
        })
    }
}

/// Seconds as the table has them; a cron expression may come once in many years.
pub(super) fn whole(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
