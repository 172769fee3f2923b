//! Tests that see something hold.

use super::baseline::{baseline, previous};
use super::depth::{Depth, severity_past};
use super::shape::{Level, Move, Side};
use super::timeline::{Timeline, TooShort};
use super::tree::Verdict;
use super::{Amount, BaselineKind, Figure, Fired, Metric, Severity, Terms, Told, basis_points};

/// A test that sees something hold.
#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    Level(&'a Level),
    Move(&'a Move),
}

impl Standing<'_> {
    const fn metric(self) -> Metric {
        match self {
            Self::Level(test) => test.metric,
            Self::Move(test) => test.metric,
        }
    }

    fn sides(self) -> &'static [Side] {
        match self {
            Self::Level(test) => match test.side {
                Side::Above => &[Side::Above],
                Side::Below => &[Side::Below],
            },
            Self::Move(test) => test.direction.sides(),
        }
    }

    /// Whether where a value stands depends on nothing but the value.
    const fn is_steady(self) -> bool {
        match self {
            Self::Level(_) => true,
            Self::Move(test) => !test.baseline.drifts(),
        }
    }

    /// Where a value stands at a look, and what it is measured from.
    fn depth(
        self,
        line: &Timeline<'_>,
        index: usize,
        now: Amount,
        side: Side,
        terms: &Terms,
    ) -> Result<(Depth, Option<Amount>), TooShort> {
        match self {
            Self::Level(test) => Ok((test.depth(now), None)),
            Self::Move(test) => {
                let base = baseline(line, index, test.metric, test.baseline, now, terms)?;
                let depth = base.map_or(Depth::Out, |base| test.depth(base, now, side));
                Ok((depth, base))
            }
        }
    }

    /// Judges a look.
    pub(super) fn judge(
        self,
        line: &Timeline<'_>,
        index: usize,
        terms: &Terms,
    ) -> Result<Verdict, TooShort> {
        let metric = self.metric();
        let told = match line.at(index).told(metric) {
            Told::Nothing => line.prior(index, metric)?.map(|(_, told)| told),
            told => Some(told),
        };
        let Some(Told::Value(now)) = told else {
            return Ok(Verdict::NO);
        };
        for side in self.sides() {
            let (depth, base) = self.depth(line, index, now, *side, terms)?;
            match depth {
                Depth::Out => {}
                Depth::Between => {
                    return Ok(Verdict {
                        holds: self.was_inside(line, index, *side, 0, terms)?,
                        fired: None,
                    });
                }
                Depth::Inside(steps) => {
                    let fires = line.is_step(index, metric, terms)?
                        && !self.was_inside(line, index, *side, steps, terms)?;
                    let fired = match fires {
                        true => Some(self.fired(line, index, now, base)?),
                        false => None,
                    };
                    return Ok(Verdict { holds: true, fired });
                }
            }
        }
        Ok(Verdict::NO)
    }

    /// Whether the value was at least so deep before, and has not come back since.
    fn was_inside(
        self,
        line: &Timeline<'_>,
        index: usize,
        side: Side,
        steps: i128,
        terms: &Terms,
    ) -> Result<bool, TooShort> {
        let from = line.remembers_from(index, terms);
        for before in (0..index).rev() {
            line.spend(1);
            let sight = line.at(before);
            if sight.at < from {
                return Ok(false);
            }
            let depth = match sight.told(self.metric()) {
                Told::Nothing => continue,
                Told::Gap => Depth::Out,
                // What stands where it stood by drift alone was not told, so it is not remembered.
                Told::Value(_)
                    if !self.is_steady() && !line.is_step(before, self.metric(), terms)? =>
                {
                    continue;
                }
                Told::Value(then) => self.depth(line, before, then, side, terms)?.0,
            };
            match depth {
                Depth::Out => return Ok(false),
                Depth::Inside(deep) if deep >= steps => return Ok(true),
                Depth::Between | Depth::Inside(_) => {}
            }
        }
        // Nothing before the first look that is here is remembered, or there is none.
        let all = line.reaches(from);
        if all { Ok(false) } else { Err(TooShort) }
    }

    fn fired(
        self,
        line: &Timeline<'_>,
        index: usize,
        now: Amount,
        base: Option<Amount>,
    ) -> Result<Fired, TooShort> {
        let metric = self.metric();
        let (before, limit, severity, baseline, days) = match self {
            Self::Level(test) => (
                previous(line, index, metric)?,
                Some(test.limit),
                severity_past(test.limit, now),
                BaselineKind::Limit,
                None,
            ),
            Self::Move(test) => {
                let (kind, days) = test.baseline.shown();
                let severity = base.map_or(Severity::Warning, |base| test.severity(base, now));
                (base, None, severity, kind, days)
            }
        };
        let comparable = before.filter(|before| before.comparable(now));
        Ok(Fired {
            at: line.at(index).at,
            kind: match self {
                Self::Level(_) if metric.is_money() => super::Kind::TargetPrice,
                _ => metric.kind(),
            },
            metric: Some(metric),
            severity,
            before: before.map_or(Figure::None, |before| Figure::of(metric, before)),
            after: Figure::of(metric, now),
            change: comparable.and_then(|before| basis_points(before.number(), now.number())),
            baseline: Some(baseline),
            days,
            limit,
            changes: Vec::new(),
        })
    }
}
