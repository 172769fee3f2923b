//! One figure over one day, in a few numbers: what is kept when its looks are not.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Line, average, extremes};

/// From when on which value held; nothing is a gap.
pub type Step = (DateTime<Utc>, Option<i64>);

/// Steps of a day that are all kept. Beyond, seven are chosen.
pub const KEPT: usize = 7;

/// One figure over one day, as the looks of that day tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Where the value became another one, in order of time, the day's first look that knew it first; all of them, or
    /// those that matter: the first, the lowest, the highest, the last, the last gap, and the ends of gaps that keep any
    /// from looking longer than it was.
    pub steps: Vec<Step>,
    /// The last look that knew it, which may have found the same as the one before.
    pub last_at: DateTime<Utc>,
    /// How many steps there really were.
    pub moves: u32,
    /// The time-weighted average from the first step to the last, of the time with a value.
    pub average: Option<i64>,
    /// The time without a value from the first step to the last.
    pub gap: TimeDelta,
}

impl Bar {
    /// The bar of a day's line that ends with the last look that knew the figure; nothing when none did.
    #[must_use]
    pub fn of(line: &Line) -> Option<Self> {
        let steps = line.steps();
        let ((first, _), (last, _)) = (steps.first()?, steps.last()?);
        let gap = line
            .between(*first, *last)
            .filter(|stretch| stretch.value.is_none())
            .map(|stretch| stretch.length())
            .sum();
        Some(Self {
            steps: chosen(line, steps.len()),
            last_at: line.end(),
            moves: u32::try_from(steps.len()).unwrap_or(u32::MAX),
            average: average(line, *first, *last).map(|is| is.value),
            gap,
        })
    }

    /// What the day began with; nothing in a gap.
    #[must_use]
    pub fn open(&self) -> Option<i64> {
        self.steps.first().and_then(|(_, value)| *value)
    }

    /// What the day ended with; nothing in a gap.
    #[must_use]
    pub fn close(&self) -> Option<i64> {
        self.steps.last().and_then(|(_, value)| *value)
    }

    /// The highest value.
    #[must_use]
    pub fn high(&self) -> Option<i64> {
        self.steps.iter().filter_map(|(_, value)| *value).max()
    }

    /// The lowest value.
    #[must_use]
    pub fn low(&self) -> Option<i64> {
        self.steps.iter().filter_map(|(_, value)| *value).min()
    }

    /// Steps to reckon with. Where all were kept it is they. Else the day stands at its average, is a gap for as long as
    /// it had gaps, and then closes: so that averages over whole days stay right, though nobody saw just these steps.
    #[must_use]
    pub fn level(&self) -> Vec<Step> {
        let (Some(first), Some(last)) = (self.steps.first(), self.steps.last()) else {
            return Vec::new();
        };
        if usize::try_from(self.moves).is_ok_and(|moves| moves <= self.steps.len()) {
            return self.steps.clone();
        }
        let mut level = vec![(first.0, self.average)];
        if self.gap > TimeDelta::zero() {
            level.push((last.0 - self.gap, None));
        }
        level.push(*last);
        level
    }

    /// What two accounts of one day come to, when the looks behind one of them are gone. Ends and extremes are those of
    /// both together, in any order and however often; the average and the time of gaps are those of the fuller account.
    /// Which steps between are kept may differ.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let fuller = self.weight().max(other.weight());
        let (moves, average, gap) = fuller;
        let ends = [self, other].map(|bar| (bar.last_at, bar.close()));
        let steps = self.steps.iter().chain(&other.steps).copied();
        let mut seen: Vec<Step> = steps.chain(ends).collect();
        // Of two at one instant a gap counts, then the greater: as between observations of one instant.
        seen.sort_unstable_by_key(|(at, value)| (*at, value.is_none(), *value));
        let line = Line::new(seen, self.last_at.max(other.last_at));
        let moves = moves.max(u32::try_from(line.steps().len()).unwrap_or(u32::MAX));
        Self {
            steps: chosen(&line, usize::try_from(moves).unwrap_or(usize::MAX)),
            last_at: line.end(),
            moves,
            average,
            gap,
        }
    }

    const fn weight(&self) -> (u32, Option<i64>, TimeDelta) {
        (self.moves, self.average, self.gap)
    }
}

/// The steps of a line that are kept of so many.
fn chosen(line: &Line, moves: usize) -> Vec<Step> {
    let steps = line.steps();
    if moves <= KEPT {
        return steps.to_vec();
    }
    let back = |two: &&[Step]| two[0].1.is_none() && two[1].1.is_some();
    let mut backs = steps.windows(2).filter(back).map(|two| two[1]);
    let first_back = backs.next();
    let last_back = backs.next_back().or(first_back);
    let gap = steps.iter().rfind(|(_, value)| value.is_none()).copied();
    let ends = extremes(line);
    let end = |(value, at): (i64, DateTime<Utc>)| (at, Some(value));
    let mut kept: Vec<Step> = [
        steps.first().copied(),
        ends.map(|ends| end(ends.lowest)),
        ends.map(|ends| end(ends.highest)),
        gap,
        first_back,
        last_back,
        steps.last().copied(),
    ]
    .into_iter()
    .flatten()
    .collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}
