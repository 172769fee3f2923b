//! Prices that are cut again and again: how a price war looks from one listing.

use chrono::{DateTime, TimeDelta, Utc};

use super::Line;

/// A cut belongs to the one before it when it follows within this time.
const NEAR: TimeDelta = TimeDelta::hours(72);
/// Cuts from which on it is a slide.
const FEW_CUTS: u32 = 3;
/// The least fall of a slide, in hundredths of a per cent.
const LEAST_FALL: i128 = 500;

/// Three or more cuts in quick succession, none of them taken back, by 5 % or more together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slide {
    /// The first cut.
    pub from: DateTime<Utc>,
    /// The last cut.
    pub to: DateTime<Utc>,
    /// How many.
    pub cuts: u32,
    /// The price before the first.
    pub before: i64,
    /// The price after the last.
    pub after: i64,
    /// Whether it goes on: the last cut is the newest move and no more than 72 hours old.
    pub running: bool,
}

/// The slides of a line of prices, oldest first. A rise ends a slide; a gap does not.
#[must_use]
pub fn slides(prices: &Line) -> Vec<Slide> {
    let mut found = Vec::new();
    let mut open: Option<Slide> = None;
    let mut last: Option<i64> = None;
    for (at, value) in prices.steps() {
        let Some(value) = *value else { continue };
        let before = last.replace(value);
        let Some(before) = before.filter(|before| *before != value) else {
            continue;
        };
        let goes_on = value < before && open.is_some_and(|slide| *at - slide.to <= NEAR);
        if let Some(slide) = open.as_mut().filter(|_| goes_on) {
            slide.to = *at;
            slide.cuts += 1;
            slide.after = value;
        } else {
            found.extend(open.take());
            open = (value < before).then_some(Slide {
                from: *at,
                to: *at,
                cuts: 1,
                before,
                after: value,
                running: false,
            });
        }
    }
    if let Some(mut slide) = open {
        slide.running = prices.end() - slide.to <= NEAR;
        found.push(slide);
    }
    found.retain(|slide| {
        let fall = i128::from(slide.before) - i128::from(slide.after);
        slide.cuts >= FEW_CUTS && fall * 10_000 >= LEAST_FALL * i128::from(slide.before)
    });
    found
}
