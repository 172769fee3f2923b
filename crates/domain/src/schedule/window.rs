//! Weekday windows: only then is something due.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Phase, mix};

/// Things that waited for a window start within this, not all at its first instant.
const RUSH: TimeDelta = TimeDelta::minutes(10);
/// In seconds.
const DAY: i64 = 86_400;
/// Days looked at for a window: one week, and the day begun.
const DAYS: u64 = 8;

/// From one time of day to another on some weekdays, in the schedule's time zone. One that ends at
/// or before its beginning goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// On which days it begins.
    pub days: Vec<Weekday>,
    /// `HH:MM`.
    #[serde(with = "time")]
    pub from: NaiveTime,
    /// `HH:MM`, not included.
    #[serde(with = "time")]
    pub to: NaiveTime,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of the days")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Why a window cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWindow {
    /// No day.
    #[error("a window needs at least one weekday")]
    NoDay,
}

impl BadWindow {
    /// The part of the window that is wrong.
    pub(super) const fn part(&self) -> &'static str {
        match self {
            Self::NoDay => "days",
        }
    }
}

impl Window {
    pub(super) fn check(&self) -> Result<(), BadWindow> {
        if self.days.is_empty() {
            return Err(BadWindow::NoDay);
        }
        Ok(())
    }

    /// How long it lasts, in seconds, summer time aside.
    fn length(&self) -> i64 {
        let length = (self.to - self.from).num_seconds();
        if length > 0 { length } else { length + DAY }
    }

    /// Its instants when it begins on `day`; none when it does not, or when summer time swallows it.
    fn on(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let wanted = self
            .days
            .iter()
            .any(|known| known.chrono() == day.weekday());
        if !wanted {
            return None;
        }
        let last = match self.to <= self.from {
            true => day.checked_add_days(Days::new(1))?,
            false => day,
        };
        let (from, to) = (
            instant(zone, day, self.from)?,
            instant(zone, last, self.to)?,
        );
        (from < to).then_some((from, to))
    }
}

impl Weekday {
    /// Every day, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == text)
    }

    /// The name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }

    const fn chrono(self) -> chrono::Weekday {
        match self {
            Self::Mon => chrono::Weekday::Mon,
            Self::Tue => chrono::Weekday::Tue,
            Self::Wed => chrono::Weekday::Wed,
            Self::Thu => chrono::Weekday::Thu,
            Self::Fri => chrono::Weekday::Fri,
            Self::Sat => chrono::Weekday::Sat,
            Self::Sun => chrono::Weekday::Sun,
        }
    }
}

/// The instant of a local time; the earlier of two, and the end of a gap for a time that does not
/// exist.
fn instant(zone: Tz, day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    (0..=4)
        .map(|half_hours| local + TimeDelta::minutes(30 * half_hours))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| at.with_timezone(&Utc))
}

/// `due` itself when it lies in a window or there is none; else shortly after the next one begins.
pub(super) fn first_within(
    windows: &[Window],
    zone: Tz,
    due: DateTime<Utc>,
    phase: Phase,
) -> DateTime<Utc> {
    match next_span(windows, zone, due) {
        Some((from, to)) if from > due => {
            let room = RUSH.min(to - from).num_milliseconds().unsigned_abs();
            let share = mix(phase.id, phase.round) % room.max(1);
            from + TimeDelta::milliseconds(i64::try_from(share).unwrap_or(0))
        }
        _ => due,
    }
}

/// As [`first_within`], at the window's first instant.
pub(super) fn opening(windows: &[Window], zone: Tz, due: DateTime<Utc>) -> DateTime<Utc> {
    next_span(windows, zone, due).map_or(due, |(from, _)| from.max(due))
}

/// The window that `due` lies in, else the next one.
fn next_span(
    windows: &[Window],
    zone: Tz,
    due: DateTime<Utc>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if windows.is_empty() {
        return None;
    }
    let today = due.with_timezone(&zone).date_naive();
    // The day before: its window may go on past midnight.
    let first_day = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let spans = (0..=DAYS + 1)
        .filter_map(|days| first_day.checked_add_days(Days::new(days)))
        .flat_map(|day| {
            windows
                .iter()
                .filter_map(move |window| window.on(day, zone))
        })
        .filter(|(_, to)| *to > due);
    spans.min_by_key(|(from, _)| (*from).max(due))
}

/// Seconds between two looks on average at this interval: each window has at least one, since whatever waits for it
/// starts with it.
pub(super) fn pace(windows: &[Window], interval: TimeDelta) -> u32 {
    let interval = interval.num_seconds().max(1);
    let looks: i64 = windows
        .iter()
        .map(|window| {
            let days = BTreeSet::from_iter(window.days.iter().map(|day| *day as u8)).len();
            let looks = (window.length() + interval - 1) / interval;
            looks * i64::try_from(days).unwrap_or(7)
        })
        .sum();
    let seconds = match windows {
        [] => interval,
        _ => interval.max(7 * DAY / looks.max(1)),
    };
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// `HH:MM`.
mod time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    const FORM: &str = "%H:%M";

    pub fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.format(FORM))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveTime::parse_from_str(&text, FORM)
            .map_err(|_| serde::de::Error::custom("must be a time of day such as 09:30"))
    }
}
