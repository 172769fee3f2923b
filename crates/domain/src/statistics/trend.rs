//! Whether a value goes anywhere.

use chrono::{DateTime, Utc};

use super::Line;
use super::daily::daily;
use super::window::approximate;

/// How far back a trend looks, in days.
pub(super) const DAYS: u16 = 90;
/// Days with a value below which nothing is said.
const FEW_DAYS: usize = 14;
/// A move is believed from here on.
const SURE: f64 = 0.9;
/// Daily values that differ by no more than this part of their middle are steady.
const STEADY: f64 = 0.02;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Upwards.
    Rising,
    /// Downwards.
    Falling,
    /// It hardly moves.
    Steady,
    /// It moves, but not surely in one direction.
    Unclear,
}

/// Where a value went in the last 90 days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Which way.
    pub direction: Direction,
    /// How steeply, in per cent of the middle value for 30 days.
    pub percent_per_30_days: f64,
    /// How surely the moves are no accident, 0 to 1; nothing where it is steady.
    pub confidence: Option<f64>,
    /// Days with a value.
    pub days: u16,
}

/// The trend of the 90 days before `end`; nothing with fewer than 14 days that have a value.
///
/// The slope is the median over all pairs of days (Theil and Sen), which no outlier bends. The confidence is that of
/// Mann and Kendall's test, over the values that followed one another and not over the days: a price that fell once and
/// then stood for a month moved once, however many days say so.
#[must_use]
pub fn trend(line: &Line, end: DateTime<Utc>) -> Option<Trend> {
    let days = daily(line, end, DAYS);
    if days.len() < FEW_DAYS {
        return None;
    }
    let mut values: Vec<i64> = days.iter().map(|(_, value)| *value).collect();
    let mut runs = values.clone();
    runs.dedup();
    values.sort_unstable();
    let middle = approximate(values[values.len() / 2].into());
    if middle <= 0.0 {
        return None;
    }
    let spread = approximate((values[values.len() - 1] - values[0]).into());
    let slope = slope(&days);
    let percent_per_30_days = slope * 30.0 / middle * 100.0;
    let confidence = confidence(&runs);
    let direction = if spread <= STEADY * middle {
        Direction::Steady
    } else if confidence.abs() < SURE || confidence * slope <= 0.0 {
        Direction::Unclear
    } else if slope < 0.0 {
        Direction::Falling
    } else {
        Direction::Rising
    };
    Some(Trend {
        direction,
        percent_per_30_days,
        confidence: (direction != Direction::Steady).then_some(confidence.abs()),
        days: u16::try_from(days.len()).unwrap_or(DAYS),
    })
}

/// The median of what each two days say, per day.
fn slope(days: &[(i64, i64)]) -> f64 {
    let mut slopes: Vec<f64> = days
        .iter()
        .enumerate()
        .flat_map(|(index, first)| days[index + 1..].iter().map(move |second| (first, second)))
        .map(|((at, value), (later, then))| {
            approximate((then - value).into()) / approximate((later - at).into())
        })
        .collect();
    slopes.sort_unstable_by(f64::total_cmp);
    let (lower, upper) = ((slopes.len() - 1) / 2, slopes.len() / 2);
    f64::midpoint(slopes[lower], slopes[upper])
}

/// How surely the values go one way, 0 to 1; negative for downwards.
fn confidence(values: &[i64]) -> f64 {
    let count = approximate(i128::try_from(values.len()).unwrap_or(i128::MAX));
    let mut score = 0_i64;
    for (index, first) in values.iter().enumerate() {
        for second in &values[index + 1..] {
            score += (second - first).signum();
        }
    }
    let part = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let ties: f64 = sorted
        .chunk_by(|a, b| a == b)
        .map(|same| part(approximate(i128::try_from(same.len()).unwrap_or(i128::MAX))))
        .sum();
    let variance = (part(count) - ties) / 18.0;
    // Half a step towards zero, because the score is a whole number and the curve is not.
    let distance = approximate((score.abs() - 1).max(0).into());
    if variance <= 0.0 {
        return 0.0;
    }
    let sure = error_function(distance / variance.sqrt() / std::f64::consts::SQRT_2);
    if score < 0 { -sure } else { sure }
}

/// erf for what is not negative, right to six digits (Abramowitz and Stegun, 7.1.26).
fn error_function(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ]
    .into_iter()
    .fold(0.0, |sum, factor| (sum + factor) * t);
    1.0 - sum * (-x * x).exp()
}
