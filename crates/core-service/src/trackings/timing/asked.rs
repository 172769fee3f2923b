//! From what a person asks to what is kept: the limits of the plan, the defaults of the source.

use chrono::{DateTime, Utc};
use connectors::about::Cadence;
use domain::schedule::{self, BadSchedule, LONGEST_SECONDS};
use http_kit::{ApiError, ApiResult};

use super::stored::whole;
use super::{Limits, Schedule, Timing};

/// The shortest interval of any plan, in seconds.
const SHORTEST_SECONDS: u32 = 300;

/// What a request says about when to look; all absent: as the source is looked at usually.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Seconds.
    pub interval_seconds: Option<i64>,
    /// A cron expression, windows, or both.
    pub schedule: Option<&'a Schedule>,
    /// Whether the interval follows how often something changes.
    pub adaptive: bool,
}

impl Asked<'_> {
    /// What is kept. `usual` is the source's own cadence.
    ///
    /// # Errors
    /// 422 about the field that is wrong, with the plan's limit by name where that is why.
    pub fn checked(self, usual: Cadence, limits: &Limits, now: DateTime<Utc>) -> ApiResult<Timing> {
        let timing = match (self.interval_seconds, self.schedule) {
            (None, None) => self.usual(usual, limits),
            (Some(_), Some(Schedule { cron: Some(_), .. })) => {
                return Err(ApiError::invalid(
                    "interval_seconds",
                    "stands alone: send either an interval or a cron expression",
                ));
            }
            (None, _) => self.planned(usual.seconds().max(limits.least_seconds), limits, now)?,
            (Some(seconds), _) => self.planned(within(seconds, limits)?, limits, now)?,
        };
        if timing.adaptive && timing.by_cron() {
            return Err(ApiError::invalid(
                "adaptive",
                "works with an interval, not with a cron expression; send interval_seconds, too",
            ));
        }
        Ok(timing)
    }

    /// An adaptive tracking needs an interval, which a daily source then has of a day.
    fn usual(self, usual: Cadence, limits: &Limits) -> Timing {
        let timing = Timing::usual(usual, limits);
        match self.adaptive {
            true => Timing {
                adaptive: true,
                schedule: None,
                ..timing
            },
            false => timing,
        }
    }

    fn planned(self, seconds: u32, limits: &Limits, now: DateTime<Utc>) -> ApiResult<Timing> {
        let least = limits.least_seconds;
        let spec = self.schedule.map(|asked| asked.spec(&limits.time_zone));
        let spec = spec.transpose()?;
        let interval = match &spec {
            None => seconds,
            Some(spec) => {
                let schedule = schedule::Schedule::of(spec, seconds, least, now)
                    .map_err(|bad| refusal(&bad, limits))?;
                match spec.cron {
                    Some(_) => schedule.pace(now),
                    None => seconds,
                }
            }
        };
        Ok(Timing {
            interval_seconds: whole(interval),
            schedule: spec,
            adaptive: self.adaptive,
            low_stock_seconds: None,
            least_seconds: whole(least),
        })
    }
}

/// What of a tracking's times a request changes: absent stays, null goes back to the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Seconds; null: as the source is looked at usually.
    pub interval_seconds: Option<Option<i64>>,
    /// Null: no cron expression and no windows.
    pub schedule: Option<Option<&'a Schedule>>,
    /// Whether the interval follows how often something changes.
    pub adaptive: Option<bool>,
}

impl Change<'_> {
    /// Whether it changes anything.
    pub const fn is_any(self) -> bool {
        self.interval_seconds.is_some() || self.schedule.is_some() || self.adaptive.is_some()
    }

    /// What is kept after it.
    ///
    /// # Errors
    /// As [`Asked::checked`].
    pub fn applied(
        self,
        known: &Timing,
        usual: Cadence,
        limits: &Limits,
        now: DateTime<Utc>,
    ) -> ApiResult<Timing> {
        if self.interval_seconds.is_none() && self.schedule.is_none() && !known.by_cron() {
            return Ok(Timing {
                adaptive: self.adaptive.unwrap_or(known.adaptive),
                least_seconds: whole(limits.least_seconds),
                ..known.clone()
            });
        }
        // An interval takes the place of a cron expression, and windows stay.
        let kept = known.schedule.as_ref().map(|spec| Schedule {
            cron: spec
                .cron
                .clone()
                .filter(|_| self.interval_seconds.is_none()),
            ..Schedule::of(spec)
        });
        let kept = kept.filter(|kept| kept.cron.is_some() || !kept.windows.is_empty());
        let schedule = match (self.schedule, self.interval_seconds) {
            (Some(schedule), _) => schedule,
            // All of it goes back to the default.
            (None, Some(None)) => None,
            (None, _) => kept.as_ref(),
        };
        let by_cron = schedule.is_some_and(|schedule| schedule.cron.is_some());
        let interval_seconds = match self.interval_seconds {
            Some(interval) => interval,
            None if known.by_cron() || by_cron => None,
            None => Some(known.interval_seconds.into()),
        };
        let asked = Asked {
            interval_seconds,
            schedule,
            adaptive: self.adaptive.unwrap_or(known.adaptive && !by_cron),
        };
        let timing = asked.checked(usual, limits, now)?;
        // The interval that was there keeps what came with it.
        let same = timing.schedule.is_none() && timing.interval_seconds == known.interval_seconds;
        let kept = known.low_stock_seconds.filter(|_| same);
        Ok(Timing {
            low_stock_seconds: timing.low_stock_seconds.or(kept),
            ..timing
        })
    }
}

/// An interval that anybody may ask for and this plan allows.
fn within(seconds: i64, limits: &Limits) -> ApiResult<u32> {
    let any = SHORTEST_SECONDS..=LONGEST_SECONDS;
    let asked = u32::try_from(seconds)
        .ok()
        .filter(|asked| any.contains(asked))
        .ok_or_else(|| {
            let message = format!(
                "must be from {SHORTEST_SECONDS} to {LONGEST_SECONDS} seconds (5 minutes to 7 days)"
            );
            ApiError::invalid("interval_seconds", message)
        })?;
    if asked < limits.least_seconds {
        return Err(ApiError::invalid("interval_seconds", plan_says(limits)));
    }
    Ok(asked)
}

fn refusal(bad: &BadSchedule, limits: &Limits) -> ApiError {
    let message = match bad {
        BadSchedule::TooOften { found, .. } => {
            format!(
                "comes every {found} seconds at times; {}",
                plan_says(limits)
            )
        }
        bad => bad.to_string(),
    };
    match bad.part() {
        Some(part) => ApiError::invalid(format!("schedule.{part}"), message),
        None => ApiError::invalid("interval_seconds", message),
    }
}

/// The limit by its name in `GET /plans`.
fn plan_says(limits: &Limits) -> String {
    format!(
        "the plan \"{}\" allows a look every {} seconds at most (min_interval_seconds)",
        limits.plan, limits.least_seconds
    )
}

#[cfg(test)]
mod tests;
