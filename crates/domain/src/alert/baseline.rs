//! What moves are measured from.

use chrono::TimeDelta;

use super::shape::Baseline;
use super::timeline::{Timeline, TooShort};
use super::{Amount, Metric, Terms, Told};
use crate::statistics::{Line, average};

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
            Ok(window.known(min_days).then(|| window.median()).flatten())
        }
        Baseline::Average { days, min_days } => {
            let window = window(line, index, metric, now, days)?;
            Ok(window.known(min_days).then(|| window.average()).flatten())
        }
    }
    .map(|amount| amount.filter(|amount| amount.comparable(now)))
}

/// A metric over the days before a look.
pub(super) struct Window {
    line: Line,
    from: chrono::DateTime<chrono::Utc>,
    like: Amount,
}

/// The days before a look, in the unit of `like`; what has another is a gap.
pub(super) fn window(
    line: &Timeline<'_>,
    index: usize,
    metric: Metric,
    like: Amount,
    days: u16,
) -> Result<Window, TooShort> {
    let end = line.at(index).at;
    let from = end - TimeDelta::days(days.into());
    if !line.reaches(from) {
        return Err(TooShort);
    }
    let before = &line.sights()[..index];
    // The look before the window says what holds at its beginning.
    let first = before
        .partition_point(|sight| sight.at < from)
        .saturating_sub(1);
    let told = before[first..]
        .iter()
        .filter_map(|sight| match sight.told(metric) {
            Told::Nothing => None,
            Told::Gap => Some((sight.at, None)),
            Told::Value(amount) => {
                let comparable = amount.comparable(like);
                Some((sight.at, comparable.then(|| amount.number())))
            }
        });
    Ok(Window {
        line: Line::new(told, end),
        from,
        like,
    })
}

impl Window {
    fn values(&self) -> impl Iterator<Item = (i64, i128)> {
        self.line
            .between(self.from, self.line.end())
            .filter_map(|stretch| Some((stretch.value?, stretch.micros())))
    }

    /// Whether a value is known of at least so many days.
    pub(super) fn known(&self, min_days: u16) -> bool {
        let known: i128 = self.values().map(|(_, micros)| micros).sum();
        let least = TimeDelta::days(min_days.into()).num_microseconds();
        known >= i128::from(least.unwrap_or(i64::MAX))
    }

    fn amount(&self, number: i64) -> Amount {
        self.like.with(number)
    }

    /// The lowest value up to which the figure stood for half of the time.
    fn median(&self) -> Option<Amount> {
        let mut values: Vec<(i64, i128)> = self.values().collect();
        values.sort_unstable();
        let whole: i128 = values.iter().map(|(_, micros)| micros).sum();
        let mut passed = 0;
        values
            .into_iter()
            .find(|(_, micros)| {
                passed += micros;
                2 * passed >= whole
            })
            .map(|(value, _)| self.amount(value))
    }

    fn average(&self) -> Option<Amount> {
        average(&self.line, self.from, self.line.end()).map(|average| self.amount(average.value))
    }

    /// The lowest value.
    pub(super) fn lowest(&self) -> Option<Amount> {
        self.values()
            .map(|(value, _)| value)
            .min()
            .map(|value| self.amount(value))
    }

    /// The highest value.
    pub(super) fn highest(&self) -> Option<Amount> {
        self.values()
            .map(|(value, _)| value)
            .max()
            .map(|value| self.amount(value))
    }
}
