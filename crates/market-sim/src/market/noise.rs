//! Deterministic noise: the same seed, words and numbers always give the same value.

/// A point in the space of all random values of one market. Cheap to copy; derive a new one with
/// [`Noise::of`] and [`Noise::nth`] before drawing, so that no two draws depend on each other's order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// The noise of a named matter, such as a listing or a metric.
    pub fn of(self, name: &str) -> Self {
        // FNV-1a: stable over Rust versions, which the standard hasher does not promise.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mix(self.0 ^ hash))
    }

    /// The noise of the n-th window, day or item.
    pub fn nth(self, n: i64) -> Self {
        Self(mix(
            self.0 ^ n.cast_unsigned().wrapping_mul(0xd6e8_feb8_6659_fd93)
        ))
    }

    pub fn raw(self) -> u64 {
        mix(self.0)
    }

    /// Uniform in [0, 1).
    pub fn unit(self) -> f64 {
        (self.raw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in 0..n; 0 for n = 0.
    pub fn below(self, n: u64) -> u64 {
        self.raw().checked_rem(n).unwrap_or(0)
    }

    pub fn chance(self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the choices, which must not be empty.
    pub fn pick<T>(self, choices: &[T]) -> &T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// A smooth curve in [-1, 1] that wanders once per `period` seconds.
    pub fn smooth(self, period: i64, at: i64) -> f64 {
        let left = at.div_euclid(period);
        let x = at.rem_euclid(period) as f64 / period as f64;
        let ease = x * x * (3.0 - 2.0 * x);
        let (from, to) = (self.nth(left).unit(), self.nth(left + 1).unit());
        (from + (to - from) * ease) * 2.0 - 1.0
    }

    /// The window of time that holds `at`, where time is cut into windows of about `length` seconds with
    /// borders at irregular moments.
    pub fn window(self, length: i64, at: i64) -> Window {
        let border = |index: i64| {
            index * length + (self.of("border").nth(index).unit() * 0.6 * length as f64) as i64
        };
        let mut index = at.div_euclid(length);
        if at < border(index) {
            index -= 1;
        }
        Window {
            index,
            start: border(index),
            end: border(index + 1),
        }
    }
}

/// One stretch of time, `start` inclusive, `end` exclusive, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub index: i64,
    pub start: i64,
    pub end: i64,
}

impl Window {
    /// How far `at` is through the window: 0 at its start, 1 at its end.
    pub fn progress(self, at: i64) -> f64 {
        (at - self.start) as f64 / (self.end - self.start).max(1) as f64
    }
}

/// The finaliser of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_time_without_gap_or_overlap() {
        let noise = Noise::new(7).of("windows");
        let mut at = -40_000;
        while at < 40_000 {
            let window = noise.window(1_000, at);
            assert!(
                window.start <= at && at < window.end,
                "{window:?} does not hold {at}"
            );
            let next = noise.window(1_000, window.end);
            assert_eq!((next.index, next.start), (window.index + 1, window.end));
            at += 137;
        }
    }

    #[test]
    fn draws_are_repeatable_and_spread() {
        let noise = Noise::new(42).of("draws");
        let draws: Vec<f64> = (0..10_000).map(|n| noise.nth(n).unit()).collect();
        let again: Vec<f64> = (0..10_000).map(|n| noise.nth(n).unit()).collect();
        assert_eq!(draws, again);
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        assert!((0.48..0.52).contains(&mean), "mean {mean}");
    }
}
