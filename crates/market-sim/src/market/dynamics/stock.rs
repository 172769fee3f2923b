//! Saw-tooth stock: delivered, sold down, sometimes sold out until the next delivery.

use super::{DAY, HOUR, MINUTE};
use crate::market::{
    listing::{Listing, Tempo},
    noise::Noise,
};

/// Units left and, when there are none, since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub units: i64,
    /// Unix seconds at which the last unit went.
    pub out_since: Option<i64>,
}

/// One delivery: `units` at `start`, gone at the rate that empties it after `emptied` of the way to `end`.
fn level(units: f64, window: crate::market::noise::Window, sold: f64, now: i64) -> Level {
    let left = (units * (1.0 - sold * window.progress(now))).ceil() as i64;
    if left > 0 {
        return Level {
            units: left,
            out_since: None,
        };
    }
    let emptied = (window.end - window.start) as f64 / sold;
    Level {
        units: 0,
        out_since: Some(window.start + emptied as i64),
    }
}

/// Stock of an Amazon listing.
pub(crate) fn amazon(noise: Noise, listing: &Listing, now: i64) -> Level {
    let cycle = match listing.tempo {
        Tempo::Calm => 13 * DAY,
        Tempo::Daily => 6 * DAY,
        Tempo::Brisk => 40 * HOUR,
        Tempo::Live => 4 * HOUR,
    };
    regular(noise, listing.scarcity, cycle, (60.0, 420.0), now)
}

/// Stock of a PopMart SKU that is delivered again and again.
pub(crate) fn popmart(noise: Noise, listing: &Listing, now: i64) -> Level {
    let (cycle, units) = match listing.tempo {
        Tempo::Calm => (11 * DAY, (120.0, 600.0)),
        Tempo::Daily => (4 * DAY, (80.0, 400.0)),
        Tempo::Brisk => (20 * HOUR, (40.0, 160.0)),
        Tempo::Live => (25 * MINUTE, (12.0, 60.0)),
    };
    regular(noise, listing.scarcity, cycle, units, now)
}

/// Stock of an appliance in all warehouses that serve a distributor.
pub(crate) fn haier(noise: Noise, listing: &Listing, now: i64) -> Level {
    let (cycle, units) = match listing.tempo {
        Tempo::Calm => (12 * DAY, (150.0, 900.0)),
        Tempo::Daily => (5 * DAY, (60.0, 400.0)),
        Tempo::Brisk => (30 * HOUR, (40.0, 200.0)),
        Tempo::Live => (2 * HOUR, (20.0, 120.0)),
    };
    regular(noise, listing.scarcity, cycle, units, now)
}

/// Stock of one form of a wholesale offer.
pub(crate) fn wholesale(noise: Noise, listing: &Listing, now: i64) -> Level {
    let (cycle, units) = match listing.tempo {
        Tempo::Calm => (14 * DAY, (4_000.0, 60_000.0)),
        Tempo::Daily => (5 * DAY, (1_500.0, 20_000.0)),
        Tempo::Brisk => (30 * HOUR, (800.0, 9_000.0)),
        Tempo::Live => (2 * HOUR, (300.0, 3_000.0)),
    };
    regular(noise, listing.scarcity, cycle, units, now)
}

fn regular(noise: Noise, scarcity: f64, cycle: i64, units: (f64, f64), now: i64) -> Level {
    let noise = noise.of("stock");
    let window = noise.window(cycle, now);
    let draw = noise.nth(window.index);
    let sold = if draw.of("sells out").chance(scarcity) {
        draw.of("rate").between(1.08, 1.5)
    } else {
        draw.of("rate").between(0.35, 0.95)
    };
    level(
        draw.of("units").between(units.0, units.1),
        window,
        sold,
        now,
    )
}

/// Stock of a limited edition: a drop each Friday at 02:00 UTC that is gone within hours, and in some weeks a
/// handful of cancelled orders on Tuesday.
pub(crate) fn drop(noise: Noise, now: i64) -> Level {
    /// Friday 1970-01-02, 02:00 UTC.
    const FIRST_FRIDAY: i64 = DAY + 2 * HOUR;
    let noise = noise.of("drop");
    let week = (now - FIRST_FRIDAY).div_euclid(7 * DAY);
    let draw = noise.nth(week);
    let start = FIRST_FRIDAY + week * 7 * DAY;
    let whole = crate::market::noise::Window {
        index: week,
        start,
        end: start + 7 * DAY,
    };
    let returns = start + 4 * DAY + draw.of("hour").below(20) as i64 * HOUR;
    if now >= returns && draw.of("returns").chance(0.4) {
        let window = crate::market::noise::Window {
            start: returns,
            ..whole
        };
        return level(
            draw.of("few").between(6.0, 24.0),
            window,
            draw.of("rush").between(20.0, 60.0),
            now,
        );
    }
    level(
        draw.of("units").between(80.0, 260.0),
        whole,
        draw.of("rate").between(7.0, 40.0),
        now,
    )
}
