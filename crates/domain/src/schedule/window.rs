//! Weekday windows: only then is something due.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Phase, mix};

/// Things that waited for a window start within this, not all at its first instant.
const RUSH: TimeDelta = TimeDelta::minutes(10);
/// Days looked at for a window: one week, and the day begun.
const DAYS: u64 = 8;

/// From one time of day to another on some weekdays, in the schedule's time zone. One that ends at
/// or before its beginning goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Window {
    pub(super) fn check(&self) -> Result<(), BadWindow> {
        if self.days.is_empty() {
            return Err(BadWindow::NoDay);
        }
        Ok(())
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
    if windows.is_empty() {
        return due;
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
    let Some((from, to)) = spans.min_by_key(|(from, _)| (*from).max(due)) else {
        return due;
    };
    if from <= due {
        return due;
    }
    let room = RUSH.min(to - from).num_milliseconds().unsigned_abs();
    let share = mix(phase.id, phase.round) % room.max(1);
    from + TimeDelta::milliseconds(i64::try_from(share).unwrap_or(0))
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
