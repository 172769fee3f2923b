//! How late work was.

use serde_json::{Value, json};

/// Counts by steps of lateness.
#[derive(Default)]
pub struct Lateness(Vec<u64>);

impl Lateness {
    /// So many were late by so many steps.
    pub fn add(&mut self, steps: usize, count: u32) {
        if self.0.len() <= steps {
            self.0.resize(steps + 1, 0);
        }
        self.0[steps] += u64::from(count);
    }

    /// In minutes.
    pub fn percentile(&self, percent: u64) -> f64 {
        let all: u64 = self.0.iter().sum();
        let mut seen = 0;
        for (steps, count) in self.0.iter().enumerate() {
            seen += count;
            if seen * 100 >= all * percent {
                return steps as f64 / super::STEPS_A_MINUTE as f64;
            }
        }
        0.0
    }

    /// For the last line.
    pub fn figures(&self) -> Value {
        json!({ "p50_minutes": self.percentile(50), "p99_minutes": self.percentile(99) })
    }
}
