//! Which answers are still worth something.

use std::sync::atomic::{AtomicU64, Ordering};

/// Subjects share counters: one forgotten takes a few others along, which costs a reading and harms nothing.
const COUNTERS: usize = 1 << 18;

/// A number for each subject that only grows: by one whenever it is forgotten, and whenever all are.
#[derive(Debug)]
pub struct Generations {
    all: AtomicU64,
    counters: Box<[AtomicU64]>,
}

impl Default for Generations {
    fn default() -> Self {
        Self {
            all: AtomicU64::new(0),
            counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Generations {
    fn counter(&self, subject: i64) -> &AtomicU64 {
        // Ids follow each other, so that their low bits spread best.
        let place = subject.rem_euclid(COUNTERS as i64);
        &self.counters[usize::try_from(place).unwrap_or_default()]
    }

    /// The present one.
    pub fn of(&self, subject: i64) -> u64 {
        self.all.load(Ordering::SeqCst) + self.counter(subject).load(Ordering::SeqCst)
    }

    /// Begins a new one of a subject.
    pub fn forget(&self, subject: i64) {
        self.counter(subject).fetch_add(1, Ordering::SeqCst);
    }

    /// Begins a new one of every subject.
    pub fn forget_all(&self) {
        self.all.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_ends_with_its_subject_or_with_all() {
        let generations = Generations::default();
        let (first, other) = (generations.of(7), generations.of(8));
        generations.forget(7);
        assert!(generations.of(7) > first);
        assert_eq!(generations.of(8), other);
        generations.forget_all();
        assert!(generations.of(8) > other);
        assert_eq!(generations.of(-1), generations.of(-1), "any number is one");
    }
}
