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

pub use adaptive::{Adaptive, stretch};
pub use window::{BadWindow, Weekday, Window};

/// The longest interval: seven days.
pub const LONGEST_SECONDS: u32 = 604_800;
/// Most windows of a schedule.
const MOST_WINDOWS: usize = 14;
/// Occurrences of a cron expression that are looked at for the nearest two.
const LOOKED_AT: usize = 200;
/// Occurrences that are counted at most to tell how often it comes: a week of one every five minutes.
const MOST_COUNTED: i64 = 2_016;
/// The part of the time between two occurrences over which starts are spread, in per cent.
const SPREAD_PERCENT: i32 = 5;
/// Starts of a cron expression are spread over at most this.
const LONGEST_SPREAD: TimeDelta = TimeDelta::minutes(30);

/// When something is due, as tables and events hold it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    #[error("{why}")]
    Window {
        /// Which, from 0.
        place: usize,
        /// Why.
        why: BadWindow,
    },
    /// Too many of them.
    #[error("at most {MOST_WINDOWS} windows")]
    TooManyWindows,
}

impl BadSchedule {
    /// The part of the [`Spec`] that is wrong; `None`: the interval.
    #[must_use]
    pub fn part(&self) -> Option<String> {
        match self {
            Self::Cron(_) | Self::Never(_) | Self::TooOften { .. } => Some("cron".to_owned()),
            Self::TimeZone(_) => Some("time_zone".to_owned()),
            Self::Window { place, why } => Some(format!("windows[{place}].{}", why.part())),
            Self::TooManyWindows => Some("windows".to_owned()),
            Self::Interval { .. } => None,
        }
    }
}

/// The time zone of this IANA name, as it is written; `None`: there is none.
#[must_use]
pub fn time_zone(name: &str) -> Option<&'static str> {
    Tz::from_str(name.trim()).ok().map(Tz::name)
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

/// What lies ahead of an instant; see [`Schedule::ahead`].
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    from: DateTime<Utc>,
    spread: TimeDelta,
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
        let schedule = Self::kept(spec, seconds, least)?;
        if let Some(expression) = &spec.cron {
            schedule.check_distance(expression, least, now)?;
        }
        Ok(schedule)
    }

    /// As [`Schedule::of`], of a spec that was checked when it was made: how often its cron expression comes is not
    /// looked at again.
    ///
    /// # Errors
    /// See [`BadSchedule`].
    pub fn kept(spec: &Spec, seconds: u32, least: u32) -> Result<Self, BadSchedule> {
        let zone = Tz::from_str(spec.time_zone.trim())
            .map_err(|_| BadSchedule::TimeZone(spec.time_zone.clone()))?;
        if spec.windows.len() > MOST_WINDOWS {
            return Err(BadSchedule::TooManyWindows);
        }
        for (place, window) in spec.windows.iter().enumerate() {
            let bad = |why| BadSchedule::Window { place, why };
            window.check().map_err(bad)?;
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
        Ok(Self {
            cadence: Cadence::Cron(Box::new(cron)),
            zone,
            windows: spec.windows.clone(),
        })
    }

    /// When it is due next, later than `now`.
    ///
    /// Spread by its phase: an interval ends up to 5 % early and never late; an occurrence of a
    /// cron expression is followed within 5 % of the time to the next one, at most half an hour.
    #[must_use]
    pub fn next_after(&self, now: DateTime<Utc>, phase: Phase) -> DateTime<Utc> {
        self.due(self.ahead(now), phase)
    }

    /// What lies ahead of `now`, for many things that share the schedule: the costly part of
    /// [`Schedule::next_after`].
    #[must_use]
    pub fn ahead(&self, now: DateTime<Utc>) -> Ahead {
        let (from, spread) = match &self.cadence {
            Cadence::Every(interval) => {
                let spread = part(*interval);
                (now + *interval - spread, spread)
            }
            Cadence::Cron(cron) => match self.occurrence(cron, now) {
                Some(first) => {
                    let second = self.occurrence(cron, first);
                    let gap = second.map_or(TimeDelta::days(1), |second| second - first);
                    (first, part(gap).min(LONGEST_SPREAD))
                }
                // Checked when it was made; an expression that has come to its end sleeps.
                None => (now + TimeDelta::days(3_650), TimeDelta::zero()),
            },
        };
        Ahead { from, spread }
    }

    /// When one thing is due, of what lies ahead.
    #[must_use]
    pub fn due(&self, ahead: Ahead, phase: Phase) -> DateTime<Utc> {
        let due = ahead.from + share_of(ahead.spread, phase);
        window::first_within(&self.windows, self.zone, due, phase)
    }

    /// When something that was looked at `last` goes on under this schedule.
    ///
    /// At its regular time if that is still to come. What was missed meanwhile is not caught up: an
    /// interval begins at some share of itself, so that what is taken up together does not come at
    /// once.
    #[must_use]
    pub fn taken_up(&self, last: DateTime<Utc>, now: DateTime<Utc>, phase: Phase) -> DateTime<Utc> {
        let regular = self.next_after(last, phase);
        if regular > now {
            return regular;
        }
        match &self.cadence {
            Cadence::Every(interval) => {
                let soonest = part(*interval);
                let due = now + soonest + share_of(*interval - soonest, phase);
                window::first_within(&self.windows, self.zone, due, phase)
            }
            Cadence::Cron(_) => self.next_after(now, phase),
        }
    }

    /// The same with another interval; a cron expression has none.
    #[must_use]
    pub fn with_interval(&self, seconds: u32) -> Self {
        let mut other = self.clone();
        if let Cadence::Every(interval) = &mut other.cadence {
            *interval = TimeDelta::seconds(seconds.into());
        }
        other
    }

    /// The next few times for people: as they were asked for, without the spread.
    #[must_use]
    pub fn upcoming(&self, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let mut times: Vec<DateTime<Utc>> = Vec::with_capacity(count);
        let mut at = now;
        for _ in 0..MOST_COUNTED {
            let next = match &self.cadence {
                _ if times.len() == count => break,
                Cadence::Every(interval) => times.last().copied().unwrap_or(now) + *interval,
                Cadence::Cron(cron) => match self.occurrence(cron, at) {
                    Some(next) => next,
                    None => break,
                },
            };
            at = next;
            let time = window::opening(&self.windows, self.zone, next);
            // Several occurrences may wait for the same window.
            if times.last().is_none_or(|last| time > *last) {
                times.push(time);
            }
        }
        times
    }

    /// Seconds from one time to the next on average, counted from `now`.
    #[must_use]
    pub fn pace(&self, now: DateTime<Utc>) -> u32 {
        match &self.cadence {
            Cadence::Every(interval) => window::pace(&self.windows, *interval),
            Cadence::Cron(cron) => self.pace_of(cron, now),
        }
    }

    /// Over a week at least, so that nights and weekends count.
    fn pace_of(&self, cron: &Cron, now: DateTime<Utc>) -> u32 {
        let within = |at| window::opening(&self.windows, self.zone, at);
        let Some(first) = self.occurrence(cron, now) else {
            return u32::MAX;
        };
        let (mut at, mut due, mut count) = (first, within(first), 0_i64);
        let begin = due;
        while count < MOST_COUNTED && (count == 0 || due - begin < TimeDelta::days(7)) {
            let Some(next) = self.occurrence(cron, at) else {
                break;
            };
            at = next;
            let moved = within(next);
            // Several occurrences may wait for the same window.
            count += i64::from(moved > due);
            due = moved;
        }
        let seconds = (due - begin).num_seconds() / count.max(1);
        u32::try_from(seconds).map_or(u32::MAX, |seconds| seconds.max(1))
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
    // Names such as `@daily` would be read, too.
    if expression.len() > 200 || expression.split_whitespace().count() != 5 {
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
