//! When something will be sold out, or be back, judged by how long that took before.

use chrono::{DateTime, TimeDelta, Utc};

use super::Line;
use super::quantile::{median, quantile};

/// Times that are needed before anything is forecast.
const FEW: usize = 3;

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It will be sold out.
    StockOut,
    /// It will be back.
    Restock,
}

/// By what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By how long it was there, or gone, before.
    PastTimes,
    /// By how fast the units left went lately.
    UnitsLeft,
}

/// When something will happen, how surely, and how good such forecasts were before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// What.
    pub event: Event,
    /// By what.
    pub method: Method,
    /// When it is expected.
    pub expected_at: DateTime<Utc>,
    /// Hardly earlier: one in ten would be.
    pub earliest_at: DateTime<Utc>,
    /// Hardly later: one in ten would be; nothing when it may never happen.
    pub latest_at: Option<DateTime<Utc>>,
    /// Of how many cases of the past this is made.
    pub samples: u32,
    /// How many of the past cases were forecast in the same way from what was known before them.
    pub tested: u32,
    /// How far these forecasts were off, on average.
    pub error: Option<TimeDelta>,
}

/// Why nothing is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoForecast {
    /// No look learnt whether it is in stock.
    StockUnknown,
    /// It was sold out, or back, fewer than three times.
    TooFewCases,
    /// It lasts longer now than nearly ever before.
    LongerThanEver,
}

/// When the present state of a line of stock will end, as of its end: by the times that such states lasted before and
/// that are longer than the present one already is.
///
/// The interval is that of the middle four fifths of them. Each time from the fourth on was forecast anew from the ones
/// before it, which gives the error.
///
/// # Errors
/// Why there is none.
pub fn forecast(stock: &Line) -> Result<Forecast, NoForecast> {
    let (since, state) = stock
        .steps()
        .last()
        .and_then(|(at, state)| Some((*at, (*state)?)))
        .ok_or(NoForecast::StockUnknown)?;
    let times = completed(stock, state);
    if times.len() < FEW {
        return Err(NoForecast::TooFewCases);
    }
    let elapsed = stock.end() - since;
    let mut longer: Vec<TimeDelta> = times
        .iter()
        .copied()
        .filter(|time| *time > elapsed)
        .collect();
    longer.sort_unstable();
    let (Some(expected), Some(earliest), Some(latest)) = (
        median(&longer).filter(|_| longer.len() >= 2),
        quantile(&longer, 10),
        quantile(&longer, 90),
    ) else {
        return Err(NoForecast::LongerThanEver);
    };
    let errors = back_test(&times);
    Ok(Forecast {
        event: if state == 0 {
            Event::Restock
        } else {
            Event::StockOut
        },
        method: Method::PastTimes,
        expected_at: since + expected,
        earliest_at: since + earliest,
        latest_at: Some(since + latest),
        samples: count(&longer),
        tested: count(&errors),
        error: mean(&errors),
    })
}

/// How long each stretch of this state lasted, oldest first. The first may have begun before anybody looked, and the last
/// has not ended: neither is a time.
fn completed(stock: &Line, state: i64) -> Vec<TimeDelta> {
    let times = stock.steps().windows(2).skip(1);
    times
        .filter(|two| two[0].1 == Some(state))
        .map(|two| two[1].0 - two[0].0)
        .collect()
}

/// How far off each time was from the middle of those before it.
fn back_test(times: &[TimeDelta]) -> Vec<TimeDelta> {
    (FEW..times.len())
        .filter_map(|index| Some((median(&times[..index])? - times[index]).abs()))
        .collect()
}

pub(super) fn mean(times: &[TimeDelta]) -> Option<TimeDelta> {
    let count = i32::try_from(times.len()).ok().filter(|count| *count > 0)?;
    Some(times.iter().sum::<TimeDelta>() / count)
}

pub(super) fn count<T>(of: &[T]) -> u32 {
    u32::try_from(of.len()).unwrap_or(u32::MAX)
}
