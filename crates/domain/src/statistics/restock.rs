//! When something comes back.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::Line;
use super::quantile::median;

/// Samples below which nothing is called typical.
const FEW: usize = 3;
/// Restocks below which no weekday or hour is called usual.
const FEW_RESTOCKS: u32 = 4;

/// How a product comes back into stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restocks {
    /// How often it came back. What was there at the first look did not come back.
    pub count: u32,
    /// The last time.
    pub last_at: DateTime<Utc>,
    /// The middle time from one restock to the next; needs three such times.
    pub typical_gap: Option<TimeDelta>,
    /// The middle time it was gone; needs three such times.
    pub typical_absence: Option<TimeDelta>,
    /// The weekday of more than half of four or more restocks.
    pub weekday: Option<Usual<Weekday>>,
    /// The hour of the day, 0 to 23, of more than half of four or more restocks.
    pub hour: Option<Usual<u32>>,
}

/// Something that most restocks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual<T> {
    /// What.
    pub value: T,
    /// How many of them.
    pub count: u32,
}

/// The restocks in a line of stock, weekdays and hours by the clock of `zone`; nothing when there were none.
///
/// A restock's instant is the look that found it: it happened between the look before and that one.
#[must_use]
pub fn restocks(stock: &Line, zone: Tz) -> Option<Restocks> {
    let mut moments = Vec::new();
    let mut absences = Vec::new();
    for pair in stock.steps().windows(2) {
        if let [(gone_at, Some(0)), (at, Some(1))] = pair {
            moments.push(*at);
            // When it had gone before the first look, nobody knows for how long.
            if stock.start() != Some(*gone_at) {
                absences.push(*at - *gone_at);
            }
        }
    }
    let last_at = *moments.last()?;
    let gaps: Vec<TimeDelta> = moments.windows(2).map(|two| two[1] - two[0]).collect();
    let typical = |times: &[TimeDelta]| median(times).filter(|_| times.len() >= FEW);
    let local = || moments.iter().map(|at| at.with_timezone(&zone));
    Some(Restocks {
        count: u32::try_from(moments.len()).unwrap_or(u32::MAX),
        last_at,
        typical_gap: typical(&gaps),
        typical_absence: typical(&absences),
        weekday: usual(local().map(|at| at.weekday().num_days_from_monday())).and_then(|day| {
            Some(Usual {
                value: Weekday::try_from(u8::try_from(day.value).ok()?).ok()?,
                count: day.count,
            })
        }),
        hour: usual(local().map(|at| at.hour())),
    })
}

/// The one that is more than half of enough.
fn usual(values: impl Iterator<Item = u32>) -> Option<Usual<u32>> {
    let mut counts = [0_u32; 24];
    let mut all = 0;
    for value in values {
        if let Some(count) = usize::try_from(value)
            .ok()
            .and_then(|at| counts.get_mut(at))
        {
            *count += 1;
            all += 1;
        }
    }
    let (value, count) = (0_u32..).zip(counts).max_by_key(|(_, count)| *count)?;
    (all >= FEW_RESTOCKS && count * 2 > all).then_some(Usual { value, count })
}
