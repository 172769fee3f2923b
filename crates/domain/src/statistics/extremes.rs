//! The lowest and the highest.

use chrono::{DateTime, Utc};

use super::Line;

/// The ends of a line's range, each with the first instant it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extremes {
    /// The lowest value.
    pub lowest: (i64, DateTime<Utc>),
    /// The highest value.
    pub highest: (i64, DateTime<Utc>),
}

/// The extremes of a line; a value seen in the very last instant counts, too.
#[must_use]
pub fn extremes(line: &Line) -> Option<Extremes> {
    let mut values = line
        .steps()
        .iter()
        .filter_map(|(at, value)| Some(((*value)?, *at)));
    let first = values.next()?;
    let start = Extremes {
        lowest: first,
        highest: first,
    };
    Some(values.fold(start, |so_far, seen| Extremes {
        lowest: if seen.0 < so_far.lowest.0 {
            seen
        } else {
            so_far.lowest
        },
        highest: if seen.0 > so_far.highest.0 {
            seen
        } else {
            so_far.highest
        },
    }))
}

impl Extremes {
    /// The extremes of two times, the earlier given first.
    #[must_use]
    pub fn of_both(earlier: Option<Self>, later: Option<Self>) -> Option<Self> {
        let (Some(earlier), Some(later)) = (earlier, later) else {
            return earlier.or(later);
        };
        Some(Self {
            lowest: if later.lowest.0 < earlier.lowest.0 {
                later.lowest
            } else {
                earlier.lowest
            },
            highest: if later.highest.0 > earlier.highest.0 {
                later.highest
            } else {
                earlier.highest
            },
        })
    }
}
