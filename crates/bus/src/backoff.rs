//! Waiting longer after each failure, never in step with others.

use std::time::Duration;

use rand::Rng;

/// A doubling delay with jitter. `reset` after a success.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    limit: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, limit: Duration) -> Self {
        Self {
            first,
            limit,
            next: first,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }

    /// The next delay: between half of the current step and all of it.
    pub(crate) fn delay(&mut self) -> Duration {
        let step = self.next;
        self.next = (step * 2).min(self.limit);
        step.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_its_limit_and_starts_again() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let delays: Vec<_> = (0..6).map(|_| backoff.delay()).collect();
        assert!(delays[0] <= Duration::from_millis(100));
        assert!(delays[5] >= Duration::from_millis(500) && delays[5] <= Duration::from_secs(1));
        backoff.reset();
        assert!(backoff.delay() <= Duration::from_millis(100));
    }
}
