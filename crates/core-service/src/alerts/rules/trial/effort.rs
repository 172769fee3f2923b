//! What trials may cost, so that they cannot take the processor from whoever ingests beside them.

use std::time::Duration;

use domain::alert::Recall;
use http_kit::{ApiError, ApiResult};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Trials at the same time in a process: one that nobody waits for any more runs to its end.
static TURNS: Semaphore = Semaphore::const_new(2);
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long somebody who had no turn had better wait.
const PAUSE: Duration = Duration::from_secs(5);
/// Most looks that one trial looks at, again and again: a second or two. Rules of a usual kind need a few for each look.
const MOST: u64 = 30_000_000;

/// A turn, until it is dropped.
///
/// # Errors
/// When others take too long.
pub async fn turn() -> ApiResult<SemaphorePermit<'static>> {
    match tokio::time::timeout(PATIENCE, TURNS.acquire()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(ApiError::rate_limited(
            "other rules are being tried just now; try again in a moment",
            PAUSE,
        )),
    }
}

/// Whether a trial may go on.
///
/// # Errors
/// 422 when it is too much.
pub fn check(recall: &Recall) -> ApiResult<()> {
    within(recall.effort())
}

fn within(effort: u64) -> ApiResult<()> {
    if effort <= MOST {
        return Ok(());
    }
    Err(ApiError::invalid(
        "from",
        "the rule has to look back too often in so many looks; choose a later one, or make its step or margin larger",
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_trial_that_is_too_much_says_what_to_do() {
        assert!(super::within(super::MOST).is_ok());
        let refused = super::within(super::MOST + 1).expect_err("too much");
        assert_eq!(refused.code().http().as_u16(), 422);
    }
}
