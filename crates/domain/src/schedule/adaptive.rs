//! Looking more often at what changes often, and less at what sleeps.

/// A target's own interval, between the shortest allowed and some times the one asked for.
///
/// Each look that finds a change makes the interval shorter, each that finds none a little longer;
/// with the two factors it comes to rest where about one look in four finds something, between a
/// quarter and four times the interval asked for. What is busy may take more looks than what sleeps
/// gives back: [`stretch`] tells by how much all of them together must wait longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adaptive {
    /// The interval asked for, in seconds: the budget.
    pub asked: u32,
    /// The shortest allowed, in seconds.
    pub least: u32,
}

/// After a change, in thousandths.
const SHORTER: u64 = 700;
/// After a look that found nothing, in thousandths: three of these and a change cancel out.
const LONGER: u64 = 1_126;
/// How far the interval may stray from the one asked for.
const STRAY: u32 = 4;

impl Adaptive {
    /// The interval after a look, in seconds; `current` is the one it was made with.
    #[must_use]
    pub fn after(self, current: u32, changed: bool) -> u32 {
        let current = u64::from(current.max(1));
        let next = match changed {
            true => current * SHORTER / 1_000,
            // Small numbers must not stand still.
            false => (current * LONGER / 1_000).max(current + 1),
        };
        let next = u32::try_from(next).unwrap_or(u32::MAX);
        next.clamp(self.shortest(), self.longest())
    }

    /// The shortest it comes to.
    #[must_use]
    pub fn shortest(self) -> u32 {
        (self.asked / STRAY).max(self.least).min(self.longest())
    }

    /// The longest it comes to.
    #[must_use]
    pub fn longest(self) -> u32 {
        self.asked
            .saturating_mul(STRAY)
            .min(super::LONGEST_SECONDS)
            .max(self.least)
    }
}

/// By how much intervals must be longer so that looks, in `asked` a second and `used` a second over all of them, stay
/// within what was asked for; in thousandths, 1000 when they do.
#[must_use]
pub fn stretch(asked: f64, used: f64) -> u32 {
    let stretch = if asked > 0.0 { used / asked } else { 1.0 };
    // What is beyond the longest stray of all cannot be.
    (stretch.clamp(1.0, f64::from(STRAY)) * 1_000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOURLY: Adaptive = Adaptive {
        asked: 3_600,
        least: 300,
    };

    #[test]
    fn what_changes_is_looked_at_more_often_and_what_sleeps_less() {
        let mut interval = 3_600;
        for _ in 0..20 {
            interval = HOURLY.after(interval, true);
        }
        assert_eq!(interval, 900);
        for _ in 0..40 {
            interval = HOURLY.after(interval, false);
        }
        assert_eq!(interval, 14_400);
    }

    #[test]
    fn one_look_in_four_keeps_the_interval() {
        let mut interval = 3_600;
        for look in 0..400 {
            interval = HOURLY.after(interval, look % 4 == 0);
        }
        assert!((2_000..6_000).contains(&interval), "{interval}");
    }

    #[test]
    fn together_they_stay_within_the_budget() {
        assert_eq!(stretch(1.0, 0.4), 1_000);
        assert_eq!(stretch(1.0, 2.5), 2_500);
        assert_eq!(stretch(0.0, 0.0), 1_000);
        assert_eq!(stretch(1.0, 1e9), 4_000);
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_bounds(
            asked in 300_u32..604_800, least in 300_u32..3_600,
            looks in prop::collection::vec(any::<bool>(), 0..200),
        ) {
            let adaptive = Adaptive { asked: asked.max(least), least };
            let mut interval = adaptive.asked;
            for changed in looks {
                let next = adaptive.after(interval, changed);
                prop_assert!(next >= least && next <= super::super::LONGEST_SECONDS);
                let right_way = if changed { next <= interval } else { next >= interval };
                prop_assert!(right_way);
                interval = next;
            }
        }
    }
}
