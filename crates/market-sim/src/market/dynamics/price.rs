//! Step-wise prices: a label that holds for a while, promotions now and then, slow drift underneath.

use super::{super::listing::Offering, DAY, HOUR, MINUTE};
use crate::market::{
    listing::{Listing, Tempo},
    money::Money,
    noise::Noise,
};

/// The price at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Priced {
    pub price: Money,
    pub list_price: Option<Money>,
    /// Index of the seller that holds the buy box.
    pub seller: usize,
}

/// How long a price holds, in seconds.
fn hold(tempo: Tempo) -> i64 {
    match tempo {
        Tempo::Calm => 9 * DAY,
        Tempo::Daily => 5 * DAY / 2,
        Tempo::Brisk => 5 * HOUR,
        Tempo::Live => 4 * MINUTE,
    }
}

/// An Amazon price: mostly the regular label, sometimes promoted, sometimes raised, sometimes undercut by the
/// second seller, who then holds the buy box.
pub(crate) fn amazon(noise: Noise, listing: &Listing, offering: &Offering, now: i64) -> Priced {
    let noise = noise.of("price");
    let window = noise.window(hold(listing.tempo), now);
    let drift = 1.0 + 0.06 * noise.of("drift").smooth(70 * DAY, window.start);
    let regular = if (drift - 1.0).abs() < 0.03 {
        listing.price
    } else {
        listing.price.scaled(drift).charming()
    };
    let draw = noise.of("mood").nth(window.index);
    let size = noise.of("size").nth(window.index);
    let (promotion, raise) = match listing.tempo {
        Tempo::Calm | Tempo::Daily => (0.22, 0.30),
        Tempo::Brisk => (0.16, 0.24),
        Tempo::Live => (0.24, 0.34),
    };
    let price = match draw.unit() {
        mood if mood < promotion => regular.scaled(1.0 - size.between(0.08, 0.26)).charming(),
        mood if mood < raise => regular.scaled(size.between(1.03, 1.09)).charming(),
        _ => regular,
    };
    let undercut = offering.sellers.len() > 1 && noise.of("box").nth(window.index).chance(0.14);
    let price = if undercut {
        Money::new(price.minor - price.minor / 50, price.currency)
    } else {
        price
    };
    let list_price = offering
        .list_price
        .or_else(|| (price.minor < regular.minor).then_some(regular));
    Priced {
        price,
        list_price,
        seller: usize::from(undercut),
    }
}

/// Haier's supply price: what the last agreement said, sometimes with a promotion, in whole yuan.
pub(crate) fn haier(noise: Noise, listing: &Listing, now: i64) -> Money {
    let noise = noise.of("price");
    let window = noise.window(hold(listing.tempo), now);
    let drift = 1.0 + 0.05 * noise.of("drift").smooth(90 * DAY, window.start);
    let draw = noise.of("mood").nth(window.index);
    let promotion = match draw.unit() {
        mood if mood < 0.25 => 1.0 - draw.of("size").between(0.03, 0.12),
        _ => 1.0,
    };
    let supply = listing.price.scaled(drift * promotion);
    Money::new(supply.minor / 100 * 100, supply.currency)
}

/// How all prices of a wholesale offer have moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    /// What raw materials did to the price.
    pub drift: f64,
    /// What a promotion leaves of it; 1 without one.
    pub promotion: f64,
}

/// Wholesale prices: a label that holds for a while, now and then with a promotion for members.
pub(crate) fn wholesale(noise: Noise, listing: &Listing, now: i64) -> Moved {
    let noise = noise.of("price");
    let window = noise.window(hold(listing.tempo), now);
    let draw = noise.of("mood").nth(window.index);
    Moved {
        drift: 1.0
            + 0.05 * noise.of("drift").smooth(80 * DAY, window.start)
            + 0.04 * (2.0 * draw.of("label").unit() - 1.0),
        promotion: match draw.of("promotion").chance(0.25) {
            true => 1.0 - draw.of("size").between(0.04, 0.12),
            false => 1.0,
        },
    }
}

/// The factor on PopMart's label: the shop hardly ever discounts.
pub(crate) fn popmart_discount(noise: Noise, now: i64) -> Option<f64> {
    let noise = noise.of("discount");
    let window = noise.window(21 * DAY, now);
    let draw = noise.nth(window.index);
    draw.of("on")
        .chance(0.12)
        .then(|| 1.0 - draw.of("size").between(0.10, 0.20))
}
