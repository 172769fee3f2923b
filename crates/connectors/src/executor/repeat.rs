//! Which failures are tried again, and when.

use std::time::Duration;

use chrono::{DateTime, Utc};
use egress::{EgressError, Paused, Verdict, Why};

use super::Call;
use crate::Outcome;

/// Tries of one call, the first included.
const TRIES: u32 = 3;
/// Times a call comes back after the source asked for a pause.
const PAUSES: u32 = 3;
/// The longest pause after the first failure; doubled with each.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause of all.
const LONGEST: Duration = Duration::from_secs(20);

/// A try that brought no answer worth reading.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) outcome: Outcome,
    /// The source surely did nothing: it was never reached, or said that it refused.
    pub(super) undone: bool,
    /// Nothing was sent.
    pub(super) unasked: bool,
    /// How long the source is left alone for this.
    pub(super) pause: Option<Duration>,
}

impl Failure {
    /// The source is left alone for longer than the call waits.
    pub(super) fn unasked(paused: Paused, now: DateTime<Utc>) -> Self {
        let retry_after = Some(paused.remaining);
        let outcome = match paused.why {
            Why::Asked => Outcome::RateLimited { retry_after },
            Why::Refused => Outcome::Blocked {
                retry_after,
                reason: format!(
                    "the source refused us and is left alone until {} UTC",
                    (now + paused.remaining).format("%Y-%m-%d %H:%M:%S")
                ),
            },
        };
        Self::unmade(outcome)
    }

    /// What an answer of this status was judged to mean.
    pub(super) fn judged(outcome: Outcome, status: u16) -> Self {
        Self {
            outcome,
            // Too many requests: this one was turned away.
            undone: status == 429,
            unasked: false,
            pause: None,
        }
    }

    /// Whether the source, or the way to it, is to blame, as far as one can tell.
    pub(super) fn is_trouble(&self) -> bool {
        !matches!(self.outcome, Outcome::NotFound)
    }

    /// What it says about how we stand with the source.
    pub(super) fn verdict(&self) -> Verdict {
        match &self.outcome {
            Outcome::NotFound => Verdict::Good,
            Outcome::RateLimited { .. } => Verdict::Limited(self.pause.unwrap_or_default()),
            Outcome::Blocked { .. } => Verdict::Refused(self.pause),
            _ => Verdict::Neither,
        }
    }

    /// No request could be made.
    pub(super) fn unmade(outcome: Outcome) -> Self {
        Self {
            outcome,
            undone: true,
            unasked: true,
            pause: None,
        }
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        Self {
            undone: matches!(error, EgressError::Connect { .. }),
            unasked: false,
            pause: None,
            outcome: error.into(),
        }
    }
}

/// What follows a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try after this long.
    After(Duration),
    /// Another try as soon as the source's pause is over.
    AfterPause,
    /// No other try.
    Give,
}

/// What was tried so far.
#[derive(Debug)]
pub(super) struct Tries {
    failed: u32,
    pauses: u32,
    /// What is left of the call's patience.
    pub(super) patience: Duration,
}

impl Tries {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            failed: 0,
            pauses: 0,
            patience: call.patience,
        }
    }

    /// The number of the next try, from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.failed + self.pauses + 1
    }

    /// How long the source is left alone for such an outcome. `chance` is drawn from [0, 1).
    pub(super) fn pause(&self, outcome: &Outcome, chance: f64) -> Option<Duration> {
        match outcome {
            // One that names no time: jittered a little only, since it said that it is too much.
            Outcome::RateLimited { retry_after } => Some(
                retry_after
                    .unwrap_or_else(|| doubled(FIRST * 2, self.pauses).mul_f64(0.5 + chance / 2.0)),
            ),
            Outcome::Blocked { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// `chance` is drawn from [0, 1): full jitter keeps many who failed together from coming back
    /// together.
    pub(super) fn next(&mut self, call: &Call, failure: &Failure, chance: f64) -> Next {
        let may_repeat = call.repeatable || failure.undone;
        if failure.unasked || !may_repeat {
            return Next::Give;
        }
        match (&failure.outcome, failure.pause) {
            (Outcome::RateLimited { .. }, Some(pause)) => {
                self.pauses += 1;
                if self.pauses > PAUSES || pause > self.patience {
                    return Next::Give;
                }
                self.patience -= pause;
                Next::AfterPause
            }
            (
                Outcome::Timeout
                | Outcome::Network { .. }
                | Outcome::Failed {
                    retryable: true, ..
                },
                _,
            ) => {
                let pause = doubled(FIRST, self.failed).mul_f64(chance);
                self.failed += 1;
                if self.failed < TRIES {
                    Next::After(pause)
                } else {
                    Next::Give
                }
            }
            _ => Next::Give,
        }
    }
}

fn doubled(first: Duration, times: u32) -> Duration {
    (first * 2_u32.saturating_pow(times)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use domain::source::Source;
    use egress::Urgency;

    use super::*;

    fn call() -> Call {
        Call::read(Source::named("popmart"), Urgency::Low)
    }

    fn failure(outcome: Outcome, undone: bool) -> Failure {
        Failure {
            outcome,
            undone,
            unasked: false,
            pause: None,
        }
    }

    #[test]
    fn passing_failures_are_tried_thrice_with_growing_pauses() {
        let call = call();
        let mut tries = Tries::new(&call);
        let timeout = failure(Outcome::Timeout, false);
        assert_eq!(tries.next(&call, &timeout, 0.5), Next::After(FIRST / 2));
        assert_eq!(tries.attempt(), 2);
        assert_eq!(tries.next(&call, &timeout, 0.5), Next::After(FIRST));
        assert_eq!(tries.next(&call, &timeout, 0.5), Next::Give);
    }

    #[test]
    fn what_may_have_arrived_is_repeated_only_where_that_harms_nobody() {
        let once = call().once();
        for (undone, expected) in [(false, Next::Give), (true, Next::After(Duration::ZERO))] {
            let lost = failure(Outcome::failed("broke"), undone);
            assert_eq!(Tries::new(&once).next(&once, &lost, 0.0), expected);
        }
    }

    #[test]
    fn pauses_are_waited_out_while_patience_lasts() {
        let call = call();
        let mut tries = Tries::new(&call);
        let asked = |seconds| {
            let pause = Some(Duration::from_secs(seconds));
            Failure {
                pause,
                ..failure(Outcome::RateLimited { retry_after: pause }, true)
            }
        };
        assert_eq!(tries.next(&call, &asked(7), 0.0), Next::AfterPause);
        assert_eq!(tries.next(&call, &asked(7), 0.0), Next::Give);
        assert_eq!(tries.next(&call, &asked(3), 0.0), Next::AfterPause);
    }

    #[test]
    fn a_refusal_and_a_bad_request_stay() {
        let call = call();
        let blocked = Outcome::Blocked {
            retry_after: None,
            reason: "no".into(),
        };
        for outcome in [blocked, Outcome::hopeless("no"), Outcome::NotFound] {
            let mut tries = Tries::new(&call);
            let next = tries.next(&call, &failure(outcome, false), 0.0);
            assert_eq!(next, Next::Give);
        }
    }
}
