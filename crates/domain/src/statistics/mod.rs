//! Numbers people decide by, over one listing's history.
//!
//! What they rest on:
//!
//! - A value holds from its look until the next look that says otherwise, and the last one until the newest look.
//!   Windows end there and not now: a listing that nobody looks at any more is not praised for its steadiness.
//! - A look that did not collect a figure says nothing of it; the figure before holds on.
//! - "No offer" is a gap: there is no price, neither zero nor the last one. It counts neither for nor against averages,
//!   percentiles and trends. It is time out of stock.
//! - An amount in another currency than the newest one is a gap, too, because it cannot be compared.
//! - Money stays in integer minor units. Sums over time are exact; the one division at their end rounds to the nearest
//!   minor unit, halves upwards. Shares are basis points, rounded down: "cheaper than 80 %" never says too much.
//! - Where there is too little to say something, there is nothing, and a reason.
//! - Looks that are gone are told by their days ([`Day`]): ends, extremes and averages of whole days stay right.

mod bar;
mod daily;
mod day;
mod depletion;
mod extremes;
mod forecast;
mod line;
mod look;
mod past;
mod quantile;
mod restock;
mod slide;
mod trend;
mod window;

pub use bar::{Bar, Step};
pub use day::{Day, DayBar, Series};
pub use depletion::depletion;
pub use extremes::{Extremes, extremes};
pub use forecast::{Event, Forecast, Method, NoForecast, forecast};
pub use line::{Line, Stretch};
pub use look::{Look, price_line, quantity_line, rank_line, stock_line};
pub use past::Past;
pub use restock::{Restocks, Usual, restocks};
pub use slide::{Slide, slides};
pub use trend::{Direction, Trend, trend};
pub use window::{Average, Share, average, share, volatility};

use chrono::TimeDelta;

/// The windows of averages and shares, in days.
pub const WINDOWS: [u16; 4] = [30, 90, 180, 365];

/// The longest of [`WINDOWS`]: looks before it are not needed, but for extremes.
pub const LONGEST: TimeDelta = TimeDelta::days(365);

/// With fewer looks than this in [`LONGEST`] everything is of low confidence.
pub const FEW_LOOKS: u32 = 14;

#[cfg(test)]
mod day_tests;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
