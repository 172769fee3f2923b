//! Which failures are tried again, and when.

use std::time::Duration;

use egress::EgressError;

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
}

impl Failure {
    /// The source is in a pause that is too long to wait out.
    pub(super) fn unasked(remaining: Duration) -> Self {
        Self {
            outcome: Outcome::RateLimited {
                retry_after: Some(remaining),
            },
            undone: true,
            unasked: true,
        }
    }

    /// What an answer of this status was judged to mean.
    pub(super) fn judged(outcome: Outcome, status: u16) -> Self {
        Self {
            outcome,
            // Too many requests: this one was turned away.
            undone: status == 429,
            unasked: false,
        }
    }

    /// No request could be made.
    pub(super) fn unmade(outcome: Outcome) -> Self {
        Self {
            outcome,
            undone: true,
            unasked: true,
        }
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        Self {
            undone: matches!(error, EgressError::Connect { .. }),
            unasked: false,
            outcome: error.into(),
        }
    }
}

/// What follows a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try after this long.
    After(Duration),
    /// Another try as soon as the source's pause of this length is over.
    AfterPause(Duration),
    /// No other try; the source is to be left alone for this long.
    Give(Option<Duration>),
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

    /// `chance` is drawn from [0, 1): full jitter keeps many who failed together from coming back
    /// together.
    pub(super) fn next(&mut self, call: &Call, failure: &Failure, chance: f64) -> Next {
        if failure.unasked {
            return Next::Give(None);
        }
        let may_repeat = call.repeatable || failure.undone;
        match &failure.outcome {
            Outcome::RateLimited { retry_after } => {
                let pause = retry_after.unwrap_or_else(|| {
                    // Somewhat jittered only: the source said that it is too much.
                    doubled(FIRST * 2, self.pauses).mul_f64(0.5 + chance / 2.0)
                });
                self.pauses += 1;
                if !may_repeat || self.pauses > PAUSES || pause > self.patience {
                    return Next::Give(Some(pause));
                }
                self.patience -= pause;
                Next::AfterPause(pause)
            }
            Outcome::Blocked { retry_after, .. } => Next::Give(*retry_after),
            Outcome::Timeout
            | Outcome::Network { .. }
            | Outcome::Failed {
                retryable: true, ..
            } => {
                let pause = doubled(FIRST, self.failed).mul_f64(chance);
                self.failed += 1;
                if may_repeat && self.failed < TRIES {
                    Next::After(pause)
                } else {
                    Next::Give(None)
                }
            }
            _ => Next::Give(None),
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
        assert_eq!(tries.next(&call, &timeout, 0.5), Next::Give(None));
    }

    #[test]
    fn what_may_have_arrived_is_repeated_only_where_that_harms_nobody() {
        let once = call().once();
        for (undone, expected) in [
            (false, Next::Give(None)),
            (true, Next::After(Duration::ZERO)),
        ] {
            let lost = failure(Outcome::failed("broke"), undone);
            assert_eq!(Tries::new(&once).next(&once, &lost, 0.0), expected);
        }
    }

    #[test]
    fn pauses_are_waited_out_while_patience_lasts() {
        let call = call();
        let mut tries = Tries::new(&call);
        let asked = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            failure(Outcome::RateLimited { retry_after }, true)
        };
        let pause = Duration::from_secs(7);
        assert_eq!(tries.next(&call, &asked(7), 0.0), Next::AfterPause(pause));
        assert_eq!(tries.next(&call, &asked(7), 0.0), Next::Give(Some(pause)));
        assert_eq!(
            tries.next(&call, &asked(3), 0.0),
            Next::AfterPause(Duration::from_secs(3))
        );
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
            assert_eq!(next, Next::Give(None));
        }
    }
}
