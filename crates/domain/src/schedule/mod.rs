//! When something is due: an interval or a cron expression, within weekday windows.
//!
//! The same schedule, instant and phase always give the same answer. A time that passed while
//! nobody was running is caught up once: the next one counts from now.

mod adaptive;
mod window;

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

pub use adaptive::Adaptive;
pub use window::{BadWindow, Weekday, Window};

/// The longest interval: seven days.
pub const LONGEST_SECONDS: u32 = 604_800;
/// Most windows of a schedule.
const MOST_WINDOWS: usize = 14;
/// Occurrences of a cron expression that are looked at for the nearest two.
const LOOKED_AT: usize = 200;
/// The part of the time between two occurrences over which starts are spread, in per cent.
const SPREAD_PERCENT: i32 = 5;
/// Starts of a cron expression are spread over at most this.
const LONGEST_SPREAD: TimeDelta = TimeDelta::minutes(30);

/// When something is due, as the API and the tables hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Five fields, such as `0 2 * * *`; without it the interval counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// IANA name, such as `Asia/Shanghai`; of the cron expression and the windows.
    pub time_zone: String,
    /// Only within these, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}

/// Why a schedule cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSchedule {
    /// Not a cron expression.
    #[error("`{0}` is not a cron expression of five fields, such as `0 2 * * *`")]
    Cron(String),
    /// It never comes.
    #[error("`{0}` never comes")]
    Never(String),
    /// Not a time zone.
    #[error("`{0}` is not a time zone; use a name such as Asia/Shanghai")]
    TimeZone(String),
    /// It comes more often than allowed.
    #[error("it would come every {found} s at times; the shortest interval is {least} s")]
    TooOften {
        /// The nearest two occurrences, in seconds.
        found: i64,
        /// What is allowed.
        least: u32,
    },
    /// An interval out of range.
    #[error("the interval must be from {least} to {LONGEST_SECONDS} seconds")]
    Interval {
        /// The shortest allowed.
        least: u32,
    },
    /// A window that cannot be.
    #[error(transparent)]
    Window(#[from] BadWindow),
    /// Too many of them.
    #[error("at most {MOST_WINDOWS} windows")]
    TooManyWindows,
}

/// A checked schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    cadence: Cadence,
    zone: Tz,
    windows: Vec<Window>,
}

#[derive(Debug, Clone)]
enum Cadence {
    Every(TimeDelta),
    Cron(Box<Cron>),
}

/// What keeps things that are due at the same time apart: fixed for each thing, different for each
/// round of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// The thing's number.
    pub id: u64,
    /// Its round.
    pub round: u64,
}

impl Schedule {
    /// Every so many seconds, at any time.
    ///
    /// # Errors
    /// An interval out of range.
    pub fn every(seconds: u32, least: u32) -> Result<Self, BadSchedule> {
        if seconds < least || seconds > LONGEST_SECONDS {
            return Err(BadSchedule::Interval { least });
        }
        Ok(Self {
            cadence: Cadence::Every(TimeDelta::seconds(seconds.into())),
            zone: Tz::UTC,
            windows: Vec::new(),
        })
    }

    /// As the spec says, never more often than every `least` seconds; `seconds` is the interval of
    /// a spec without a cron expression. `now` is where looking for its nearest occurrences begins.
    ///
    /// # Errors
    /// See [`BadSchedule`].
    pub fn of(
        spec: &Spec,
        seconds: u32,
        least: u32,
        now: DateTime<Utc>,
    ) -> Result<Self, BadSchedule> {
        let zone = Tz::from_str(spec.time_zone.trim())
            .map_err(|_| BadSchedule::TimeZone(spec.time_zone.clone()))?;
        if spec.windows.len() > MOST_WINDOWS {
            return Err(BadSchedule::TooManyWindows);
        }
        for window in &spec.windows {
            window.check()?;
        }
        let Some(expression) = &spec.cron else {
            let every = Self::every(seconds, least)?;
            return Ok(Self {
                zone,
                windows: spec.windows.clone(),
                ..every
            });
        };
        let cron = read(expression)?;
        let schedule = Self {
            cadence: Cadence::Cron(Box::new(cron)),
            zone,
            windows: spec.windows.clone(),
        };
        schedule.check_distance(expression, least, now)?;
        Ok(schedule)
    }

    /// When it is due next, later than `now`.
    ///
    /// Spread by its phase: an interval ends up to 5 % early and never late; an occurrence of a
    /// cron expression is followed within 5 % of the time to the next one, at most half an hour.
    #[must_use]
    pub fn next_after(&self, now: DateTime<Utc>, phase: Phase) -> DateTime<Utc> {
        let due = match &self.cadence {
            Cadence::Every(interval) => now + *interval - share_of(part(*interval), phase),
            Cadence::Cron(cron) => {
                let Some(first) = self.occurrence(cron, now) else {
                    // Checked when it was made; an expression that has come to its end sleeps.
                    return now + TimeDelta::days(3_650);
                };
                let gap = self
                    .occurrence(cron, first)
                    .map_or(TimeDelta::days(1), |second| second - first);
                first + share_of(part(gap).min(LONGEST_SPREAD), phase)
            }
        };
        window::first_within(&self.windows, self.zone, due, phase)
    }

    fn occurrence(&self, cron: &Cron, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&self.zone);
        let next = cron.find_next_occurrence(&local, false).ok()?;
        Some(next.with_timezone(&Utc))
    }

    fn check_distance(
        &self,
        expression: &str,
        least: u32,
        now: DateTime<Utc>,
    ) -> Result<(), BadSchedule> {
        let Cadence::Cron(cron) = &self.cadence else {
            return Ok(());
        };
        let never = || BadSchedule::Never(expression.to_owned());
        let mut before = self.occurrence(cron, now).ok_or_else(never)?;
        for _ in 0..LOOKED_AT {
            let Some(next) = self.occurrence(cron, before) else {
                break;
            };
            let found = (next - before).num_seconds();
            if found < i64::from(least) {
                return Err(BadSchedule::TooOften { found, least });
            }
            before = next;
        }
        Ok(())
    }
}

fn read(expression: &str) -> Result<Cron, BadSchedule> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    let bad = || BadSchedule::Cron(expression.chars().take(100).collect());
    if expression.len() > 200 {
        return Err(bad());
    }
    parser.parse(expression.trim()).map_err(|_| bad())
}

/// The time over which starts are spread.
fn part(whole: TimeDelta) -> TimeDelta {
    whole / (100 / SPREAD_PERCENT)
}

/// A share of `most`, fixed by the phase.
fn share_of(most: TimeDelta, phase: Phase) -> TimeDelta {
    let share = mix(phase.id, phase.round) % (most.num_milliseconds().unsigned_abs() + 1);
    TimeDelta::milliseconds(i64::try_from(share).unwrap_or(0))
}

/// A fixed number for two others, well spread (splitmix64).
#[must_use]
pub fn mix(first: u64, second: u64) -> u64 {
    let mut z = first
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(second);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
