//! Averages and shares of time.

use chrono::{DateTime, TimeDelta, Utc};

use super::Line;

/// A time-weighted average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Average {
    /// In the line's unit, rounded to the nearest whole one, halves upwards.
    pub value: i64,
    /// How much of the window has a value.
    pub covered: TimeDelta,
}

/// A share of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Hundredths of a per cent, rounded down.
    pub basis_points: u16,
    /// How much of the window has a value.
    pub covered: TimeDelta,
}

/// The average from `from` to `to`, each value counting as long as it held; nothing when none held for any time.
#[must_use]
pub fn average(line: &Line, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Average> {
    let (mut sum, mut whole) = (0_i128, 0_i128);
    for stretch in line.between(from, to) {
        if let Some(value) = stretch.value {
            sum += i128::from(value) * stretch.micros();
            whole += stretch.micros();
        }
    }
    if whole == 0 {
        return None;
    }
    let value = (2 * sum + whole).div_euclid(2 * whole);
    Some(Average {
        value: i64::try_from(value).ok()?,
        covered: length(whole),
    })
}

/// The share of time whose value fulfils a condition, of the time that has one.
#[must_use]
pub fn share(
    line: &Line,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    holds: impl Fn(i64) -> bool,
) -> Option<Share> {
    let (mut part, mut whole) = (0_i128, 0_i128);
    for stretch in line.between(from, to) {
        if let Some(value) = stretch.value {
            whole += stretch.micros();
            part += if holds(value) { stretch.micros() } else { 0 };
        }
    }
    if whole == 0 {
        return None;
    }
    Some(Share {
        basis_points: u16::try_from(part * 10_000 / whole).ok()?,
        covered: length(whole),
    })
}

/// How far a value strays from its average: the time-weighted standard deviation in per cent of the average. 0 is a
/// value that never moved.
#[must_use]
pub fn volatility(line: &Line, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<f64> {
    let mean = approximate(average(line, from, to)?.value.into());
    if mean <= 0.0 {
        return None;
    }
    let (mut squares, mut whole) = (0.0, 0.0);
    for stretch in line.between(from, to) {
        if let Some(value) = stretch.value {
            let weight = approximate(stretch.micros());
            squares += weight * (approximate(value.into()) - mean).powi(2);
            whole += weight;
        }
    }
    Some((squares / whole).sqrt() / mean * 100.0)
}

/// As a number to estimate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "estimates need no more digits than a float has"
)]
pub(super) const fn approximate(number: i128) -> f64 {
    number as f64
}

fn length(micros: i128) -> TimeDelta {
    TimeDelta::microseconds(i64::try_from(micros).unwrap_or(i64::MAX))
}
