//! What moves are measured from.

use chrono::TimeDelta;

use super::shape::Baseline;
use super::timeline::{Timeline, TooShort};
use super::windows::Window;
use super::{Amount, Metric, Terms, Told};

/// The value before a look that was really told: gaps and looks that did not learn it are passed over.
pub(super) fn previous(
    line: &Timeline<'_>,
    index: usize,
    metric: Metric,
) -> Result<Option<Amount>, TooShort> {
    line.back(index, |_, sight| match sight.told(metric) {
        Told::Value(amount) => Some(amount),
        Told::Nothing | Told::Gap => None,
    })
}

/// The baseline of a move to `now` at a look; nothing where there is none, or too little is known.
pub(super) fn baseline(
    line: &Timeline<'_>,
    index: usize,
    metric: Metric,
    baseline: Baseline,
    now: Amount,
    terms: &Terms,
) -> Result<Option<Amount>, TooShort> {
    match baseline {
        Baseline::Previous => previous(line, index, metric),
        Baseline::Fixed { value } => Ok(Some(value)),
        Baseline::Tracked => {
            let anchors = terms.anchors.ok_or(TooShort)?;
            let at = line.at(index).at;
            Ok(anchors
                .get(metric)
                .filter(|(since, _)| *since < at)
                .map(|(_, amount)| amount))
        }
        Baseline::Median { days, min_days } => {
            let window = window(line, index, metric, now, days)?;
            let median = window.median.filter(|_| window.known(min_days));
            Ok(median.map(|number| now.with(number)))
        }
        Baseline::Average { days, min_days } => {
            let window = window(line, index, metric, now, days)?;
            let average = window.average.filter(|_| window.known(min_days));
            Ok(average.map(|number| now.with(number)))
        }
    }
    .map(|amount| amount.filter(|amount| amount.comparable(now)))
}

/// The days before a look, in the unit of `like`; what has another is a gap.
pub(super) fn window(
    line: &Timeline<'_>,
    index: usize,
    metric: Metric,
    like: Amount,
    days: u16,
) -> Result<Window, TooShort> {
    let from = line.at(index).at - TimeDelta::days(days.into());
    if !line.reaches(from) {
        return Err(TooShort);
    }
    Ok(line.window(index, metric, like, days))
}
