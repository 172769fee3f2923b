//! When the units left will be sold, judged by how fast they went lately.

use chrono::{DateTime, TimeDelta, Utc};

use super::Line;
use super::forecast::{Event, Forecast, Method, count, mean};
use super::window::approximate;

/// How far back sales are counted, in days.
const DAYS: i32 = 28;
/// Days of them that are needed.
const FEW_DAYS: i32 = 7;
/// Units that must have gone in them.
const FEW_UNITS: i64 = 3;
/// How many standard deviations one case in ten lies beyond.
const ONE_IN_TEN: f64 = 1.281_6;
/// Nothing is forecast beyond this.
const HORIZON_DAYS: f64 = 730.0;

/// When the units left at the end of a line of quantities are gone; nothing where none are left, their number is not
/// known, or fewer than three went in at least seven of the last 28 days.
///
/// Units that went are sales; more units than before are a delivery, which is no negative sale. The interval holds as
/// much uncertainty as the days differ from each other. The test repeats the forecast for the end of every day that had
/// seven before it, for as many units as have really gone since.
#[must_use]
pub fn depletion(quantity: &Line) -> Option<Forecast> {
    let end = quantity.end();
    let left = quantity.current().filter(|left| *left > 0)?;
    let sales = Sales::before(quantity, end)?;
    let rate = sales.rate();
    let days = approximate(left.into()) / rate;
    // What the days to come bring differs, and so may the pace itself be another than it seems.
    let variance = sales.variance() * (days + days * days / f64::from(sales.days()));
    let spread = ONE_IN_TEN * variance.sqrt() / rate;
    let errors: Vec<TimeDelta> = (1..=DAYS)
        .filter_map(|back| error_of(quantity, end - TimeDelta::days(back.into())))
        .collect();
    Some(Forecast {
        event: Event::StockOut,
        method: Method::UnitsLeft,
        expected_at: end + in_days(days)?,
        earliest_at: end + in_days((days - spread).max(0.0))?,
        latest_at: in_days(days + spread).map(|later| end + later),
        samples: u32::try_from(sales.days()).unwrap_or_default(),
        tested: count(&errors),
        error: mean(&errors),
    })
}

/// Units sold on each day of a time, newest day first.
struct Sales(Vec<i64>);

impl Sales {
    fn before(quantity: &Line, end: DateTime<Utc>) -> Option<Self> {
        let known = end - quantity.start()?;
        let days = i32::try_from(known.num_days()).map_or(DAYS, |days| days.min(DAYS));
        let mut sold = vec![0_i64; usize::try_from(days).ok()?];
        for (at, units) in gone(quantity) {
            if at <= end
                && let Some(day) = usize::try_from((end - at).num_days())
                    .ok()
                    .and_then(|day| sold.get_mut(day))
            {
                *day += units;
            }
        }
        (days >= FEW_DAYS && sold.iter().sum::<i64>() >= FEW_UNITS).then_some(Self(sold))
    }

    fn days(&self) -> i32 {
        i32::try_from(self.0.len()).unwrap_or(DAYS)
    }

    /// Units a day.
    fn rate(&self) -> f64 {
        approximate(self.0.iter().sum::<i64>().into()) / f64::from(self.days())
    }

    fn variance(&self) -> f64 {
        let rate = self.rate();
        let squares = self
            .0
            .iter()
            .map(|units| (approximate((*units).into()) - rate).powi(2));
        squares.sum::<f64>() / f64::from(self.days() - 1)
    }
}

/// Each time that units went, and how many.
fn gone(quantity: &Line) -> impl Iterator<Item = (DateTime<Utc>, i64)> + '_ {
    quantity.steps().windows(2).filter_map(|two| {
        let units = two[0].1? - two[1].1?;
        (units > 0).then_some((two[1].0, units))
    })
}

/// How far off a forecast at `origin` was; nothing when none was possible, or nothing went since.
fn error_of(quantity: &Line, origin: DateTime<Utc>) -> Option<TimeDelta> {
    let before: Vec<_> = quantity
        .steps()
        .iter()
        .copied()
        .filter(|(at, _)| *at <= origin)
        .collect();
    let before = Line::new(before, origin);
    let left = before.current()?;
    let rate = Sales::before(&before, origin)?.rate();
    let since: Vec<_> = gone(quantity).filter(|(at, _)| *at > origin).collect();
    let units = since.iter().map(|(_, units)| units).sum::<i64>().min(left);
    if units < 1 {
        return None;
    }
    let mut sold = 0;
    let (really, _) = since.into_iter().find(|(_, units_then)| {
        sold += units_then;
        sold >= units
    })?;
    let expected = in_days(approximate(units.into()) / rate)?;
    Some((really - origin - expected).abs())
}

/// A time of so many days; nothing when it is too far to say anything.
fn in_days(days: f64) -> Option<TimeDelta> {
    if !(0.0..=HORIZON_DAYS).contains(&days) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded by the horizon; less than a second does not matter"
    )]
    let seconds = (days * 86_400.0).round() as i64;
    Some(TimeDelta::seconds(seconds))
}
