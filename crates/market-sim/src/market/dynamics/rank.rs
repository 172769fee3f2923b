//! Best-seller ranks: a slow random walk that answers to price, weekday and empty shelves.

use super::{DAY, HOUR, MINUTE, price, stock};
use crate::market::{
    listing::{Listing, Offering, Tempo},
    noise::Noise,
    snapshot::Rank,
};

/// Ranks in the root and the leaf category. Amazon recomputes them about hourly, so they hold for an hour.
pub(crate) fn ranks(noise: Noise, listing: &Listing, offering: &Offering, now: i64) -> Vec<Rank> {
    let step = if listing.tempo == Tempo::Live {
        2 * MINUTE
    } else {
        HOUR
    };
    let at = now - now.rem_euclid(step);
    let drift = drift(noise, listing, offering, at);
    let place = |base: u32, strength: f64| {
        ((f64::from(base) * (drift * strength).exp()).round() as u32).max(1)
    };
    let category = |name: Option<&String>| name.cloned().unwrap_or_default();
    let mut ranks = vec![Rank {
        category: category(listing.breadcrumbs.first()),
        rank: place(offering.rank, 1.0),
    }];
    if listing.breadcrumbs.len() > 1 {
        // A leaf category has fewer rivals: the same sales move the rank less.
        ranks.push(Rank {
            category: category(listing.breadcrumbs.last()),
            rank: place(offering.leaf_rank, 0.7),
        });
    }
    ranks
}

/// The natural logarithm of the rank over its usual value; below zero sells better than usual.
fn drift(root: Noise, listing: &Listing, offering: &Offering, at: i64) -> f64 {
    let dear = |moment| {
        let paid = price::amazon(root, listing, offering, moment).price.minor as f64;
        (paid / listing.price.minor as f64).ln()
    };
    // Sales, and so the rank, answer to a price with half a day of delay.
    let price = 1.5 * (0.6 * dear(at) + 0.4 * dear(at - 12 * HOUR));
    let noise = root.of("rank");
    let walk = 0.30 * noise.of("season").smooth(19 * DAY, at)
        + 0.16 * noise.of("week").smooth(3 * DAY, at)
        + 0.05 * (2.0 * noise.of("hour").nth(at).unit() - 1.0);
    // 1970-01-01 was a Thursday: day 2 and 3 of the shifted week are the weekend.
    let weekday = at.div_euclid(DAY).rem_euclid(7);
    let weekend = if weekday == 2 || weekday == 3 {
        -0.06
    } else {
        0.02
    };
    let empty = match stock::amazon(root, listing, at).out_since {
        Some(since) => (0.25 * (at - since) as f64 / (12 * HOUR) as f64).clamp(0.0, 1.2),
        None => 0.0,
    };
    price + walk + weekend + empty
}
