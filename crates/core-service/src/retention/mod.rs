//! What becomes of history when it is old: looks are kept for a time, then what each day came to, then nothing.
//!
//! `reckoning` turns days that are over, and days whose looks changed, into `domain::statistics::Day`s; `forgetting` drops
//! months of looks and days that no plan reaches any more. `days`, `marks` and `months` read and write sets and know no
//! rule.

mod days;
mod forgetting;
mod marks;
mod months;
mod reckoning;

use std::time::Duration;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::State;

pub use days::LOOKS_OF_DAYS;
pub(crate) use days::{BAR_COLUMNS, bar_of};
pub use forgetting::{FORGET_BARS, FORGET_DAYS, forget};
pub(crate) use marks::mark;
pub use reckoning::{Reckoned, reckon};

/// How often days are reckoned: what came late to a month whose looks are gone is seen after this.
const EVERY: Duration = Duration::from_secs(60);
/// Every how many times what is too old is forgotten: four times a day.
const FORGETTING: u32 = 360;

/// How long history is kept.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// Days that looks themselves are kept, at most.
    pub raw_days: u32,
    /// Days kept of a listing that nobody watches.
    pub unwatched_days: u32,
}

/// Works until `stop`. Several processes may: one of them does the work. Failures are logged and tried again.
///
/// # Errors
/// Never; the type is that of a supervised task.
pub async fn run(state: State, stop: CancellationToken) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        let work = async {
            reckon(&state.pools().system, Utc::now()).await?;
            if turn == 0 {
                forget(&state, Utc::now()).await?;
            }
            anyhow::Ok(())
        };
        match stop.run_until_cancelled(work).await {
            Some(Ok(())) => turn = (turn + 1) % FORGETTING,
            Some(Err(error)) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "old history stays as it is for now"
                );
            }
            None => {}
        }
    }
}
