//! Ratings drift, reviews only ever grow.

use super::{DAY, EPOCH};
use crate::market::{listing::Offering, noise::Noise};

/// Reviews so far: a line with a weekly swell whose slope never turns negative.
pub(crate) fn count(noise: Noise, offering: &Offering, now: i64) -> i64 {
    let days = (now - EPOCH) as f64 / DAY as f64;
    let phase = noise.of("reviews").between(0.0, std::f64::consts::TAU);
    let turn = std::f64::consts::TAU / 7.0;
    let swell = 0.6 * (days * turn + phase).sin() / turn;
    let grown = offering.reviews_per_day * (days + swell);
    (f64::from(offering.reviews) + grown).max(0.0) as i64
}

/// The rating in steps of a tenth, as the shop prints it.
pub(crate) fn rating(noise: Noise, offering: &Offering, now: i64) -> f64 {
    let drift = 0.12 * noise.of("rating").smooth(40 * DAY, now);
    ((offering.rating + drift).clamp(1.0, 5.0) * 10.0).round() / 10.0
}

/// Units sold in the past month, rounded down to what Amazon prints (50, 800, 2,000).
pub(crate) fn bought_past_month(offering: &Offering) -> i64 {
    // About one buyer in forty writes a review.
    let bought = (offering.reviews_per_day * 30.0 * 40.0) as i64;
    match bought {
        ..50 => 0,
        50..100 => 50,
        100..1_000 => bought / 100 * 100,
        _ => bought / 1_000 * 1_000,
    }
}
