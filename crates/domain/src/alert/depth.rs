//! How far a value is beyond what a test waits for.

use super::shape::{Level, Move, Side, Size};
use super::{Amount, Severity};

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// Away by the hysteresis and more: what was told is over.
    Out,
    /// Neither told nor over.
    Between,
    /// Told, so many further steps deep.
    Inside(i128),
}

/// Past a limit, or past the old end, by more than this share of it is critical.
const FAR: i128 = 10;

impl Move {
    /// Where `now` stands, measured from `base`.
    pub(super) fn depth(&self, base: Amount, now: Amount, side: Side) -> Depth {
        let Some(measure) = self.measure(base, now) else {
            return Depth::Out;
        };
        let exact = match side {
            Side::Above => measure.exact,
            Side::Below => -measure.exact,
        };
        let limit = measure.limit;
        let back = limit - i128::from(self.hysteresis) * measure.unit;
        if exact <= back.max(0) {
            return Depth::Out;
        }
        if exact <= limit || !self.large(base, now) {
            return Depth::Between;
        }
        let steps = |step: i64| (exact - limit) / (i128::from(step.max(1)) * measure.unit);
        Depth::Inside(self.step.map_or(0, steps))
    }

    /// How much a move of this size matters.
    pub(super) fn severity(&self, base: Amount, now: Amount) -> Severity {
        match self.measure(base, now) {
            Some(measure) if measure.exact.abs() > 3 * measure.limit => Severity::Critical,
            _ => Severity::Warning,
        }
    }

    fn large(&self, base: Amount, now: Amount) -> bool {
        let difference = i128::from(now.number()) - i128::from(base.number());
        self.min_step.is_none_or(|least| {
            least.comparable(now) && difference.abs() >= i128::from(least.number())
        })
    }

    fn measure(&self, base: Amount, now: Amount) -> Option<Measure> {
        if !base.comparable(now) {
            return None;
        }
        let difference = i128::from(now.number()) - i128::from(base.number());
        match self.more_than {
            Size::Percent(size) => {
                let unit = i128::from(base.number());
                (unit > 0).then(|| Measure {
                    exact: difference * 10_000,
                    limit: i128::from(size) * unit,
                    unit,
                })
            }
            Size::Absolute(size) => size.comparable(now).then(|| Measure {
                exact: difference,
                limit: size.number().into(),
                unit: 1,
            }),
        }
    }
}

/// A move with its unrounded numbers, so that sizes compare exactly.
struct Measure {
    exact: i128,
    limit: i128,
    /// What one unit of the size is.
    unit: i128,
}

impl Level {
    /// Where `now` stands.
    pub(super) fn depth(&self, now: Amount) -> Depth {
        if !self.limit.comparable(now) {
            return Depth::Out;
        }
        let beyond = i128::from(now.number()) - i128::from(self.limit.number());
        let within = match self.side {
            Side::Above => beyond,
            Side::Below => -beyond,
        };
        if within >= 0 {
            let steps = |step: i64| within / i128::from(step.max(1));
            Depth::Inside(self.step.map_or(0, steps))
        } else if -within <= i128::from(self.hysteresis) {
            Depth::Between
        } else {
            Depth::Out
        }
    }
}

/// How much it matters to be this far past a limit.
pub(super) fn severity_past(limit: Amount, now: Amount) -> Severity {
    let past = (i128::from(now.number()) - i128::from(limit.number())).abs();
    if past * FAR > i128::from(limit.number()).abs() {
        Severity::Critical
    } else {
        Severity::Warning
    }
}
