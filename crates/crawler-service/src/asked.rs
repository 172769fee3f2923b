//! What core tells of a tracking's times, in our terms.

use chrono::{DateTime, NaiveTime, Utc};
use contracts::messages::v1 as wire;
use domain::schedule::{BadSchedule, LONGEST_SECONDS, Schedule, Spec, Weekday, Window};

use crate::rules::cadence::Cadence;
use crate::storage::cadences::seconds;

/// The shortest interval of any plan, in seconds: where the tenant's is not told.
const SHORTEST_SECONDS: u32 = 300;

/// Why it cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTimes {
    /// The interval.
    #[error("an interval that is not positive")]
    Interval,
    /// A weekday or a time of day.
    #[error("a window that cannot be read")]
    Window,
    /// The schedule as a whole.
    #[error("a schedule that cannot be kept: {0}")]
    Schedule(#[from] BadSchedule),
}

/// When a tracking looks.
#[derive(Debug)]
pub(crate) struct Times {
    /// Seconds between two looks, on average.
    pub(crate) interval_seconds: i32,
    /// All of it, unless the interval says it.
    pub(crate) cadence: Option<Cadence>,
}

/// Reads them; `now` is where counting how often a cron expression comes begins.
pub(crate) fn times(state: &wire::TrackingChanged, now: DateTime<Utc>) -> Result<Times, BadTimes> {
    let every = state.interval_seconds;
    if every == 0 || i32::try_from(every).is_err() {
        return Err(BadTimes::Interval);
    }
    let spec = state.schedule.as_ref().map(spec).transpose()?;
    let pace = match &spec {
        None => every,
        Some(spec) => Schedule::kept(spec, every.min(LONGEST_SECONDS), 1)?.pace(now),
    };
    let cadence = Cadence {
        every: if spec.as_ref().is_some_and(|spec| spec.cron.is_some()) {
            pace
        } else {
            every
        },
        spec,
        adaptive: state.adaptive.then_some(match state.least_seconds {
            0 => SHORTEST_SECONDS,
            least => least,
        }),
        low_stock: state.low_stock_seconds.filter(|low| *low > 0),
    };
    Ok(Times {
        interval_seconds: seconds(pace),
        cadence: Some(cadence).filter(|cadence| *cadence != Cadence::every(every)),
    })
}

fn spec(told: &wire::Schedule) -> Result<Spec, BadTimes> {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| BadTimes::Window);
    let windows = told.windows.iter().map(|window| {
        let days = window.days.iter();
        Ok(Window {
            days: days
                .map(|day| Weekday::parse(day).ok_or(BadTimes::Window))
                .collect::<Result<_, _>>()?,
            from: time(&window.from)?,
            to: time(&window.to)?,
        })
    });
    Ok(Spec {
        cron: told.cron.clone(),
        time_zone: told.time_zone.clone(),
        windows: windows.collect::<Result<_, BadTimes>>()?,
    })
}
