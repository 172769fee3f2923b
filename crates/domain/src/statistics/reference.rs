//! The same numbers, computed plainly and slowly: hour by hour, looking through all that was seen each time. Looks stand
//! at whole hours here, so that nothing is lost.

use chrono::{DateTime, TimeDelta, Utc};

/// What was seen, in any order, at whole hours.
#[derive(Debug)]
pub struct Seen {
    pub values: Vec<(i64, Option<i64>)>,
    /// The hour at which the line ends.
    pub end: i64,
}

pub fn hour(hour: i64) -> DateTime<Utc> {
    // A Thursday, 2025-10-09, 00:00.
    DateTime::from_timestamp(1_759_968_000, 0).expect("a date") + TimeDelta::hours(hour)
}

impl Seen {
    /// What holds in the hour that begins then: outer nothing before the first look, inner nothing in a gap.
    fn holds(&self, hour: i64) -> Option<Option<i64>> {
        let before = self.values.iter().filter(|(at, _)| *at <= hour);
        before.max_by_key(|(at, _)| *at).map(|(_, value)| *value)
    }

    fn hours(&self, from: i64, to: i64) -> Vec<i64> {
        (from..to.min(self.end))
            .filter_map(|hour| self.holds(hour).flatten())
            .collect()
    }

    pub fn average(&self, from: i64, to: i64) -> Option<(i64, i64)> {
        let values = self.hours(from, to);
        let count = values.len() as i64;
        let sum: i64 = values.iter().sum();
        // The whole number nearest to the quotient, the greater of two.
        let candidates = (sum / count.max(1)) - 1..=(sum / count.max(1)) + 1;
        let nearest = candidates.min_by_key(|value| ((value * count - sum).abs(), -value))?;
        (count > 0).then_some((nearest, count))
    }

    pub fn share(&self, from: i64, to: i64, holds: impl Fn(i64) -> bool) -> Option<(u16, i64)> {
        let values = self.hours(from, to);
        let part = values.iter().filter(|value| holds(**value)).count();
        (!values.is_empty()).then(|| {
            let points = part as f64 * 10_000.0 / values.len() as f64;
            ((points + 1e-7).floor() as u16, values.len() as i64)
        })
    }

    pub fn volatility(&self, from: i64, to: i64) -> Option<f64> {
        let values = self.hours(from, to);
        let (mean, _) = self.average(from, to)?;
        let squares: f64 = values
            .iter()
            .map(|value| ((value - mean) as f64).powi(2))
            .sum();
        (mean > 0).then(|| (squares / values.len() as f64).sqrt() / mean as f64 * 100.0)
    }

    pub fn extremes(&self) -> Option<[(i64, i64); 2]> {
        let seen = self.values.iter().filter(|(at, _)| *at <= self.end);
        let mut seen: Vec<(i64, i64)> = seen
            .filter_map(|(at, value)| Some(((*value)?, *at)))
            .collect();
        seen.sort_unstable();
        let (highest, _) = *seen.last()?;
        let first = seen.iter().find(|(value, _)| *value == highest)?;
        Some([seen[0], *first])
    }

    /// The middle slope over all pairs of days with a value, in per cent of the middle day for 30 days.
    pub fn slope(&self, days: i64) -> Option<f64> {
        let of_days: Vec<(i64, i64)> = (0..days)
            .rev()
            .filter_map(|back| {
                let to = self.end - back * 24;
                Some((-back, self.average(to - 24, to)?.0))
            })
            .collect();
        let mut slopes = Vec::new();
        for (day, value) in &of_days {
            for (later, then) in of_days.iter().filter(|(later, _)| later > day) {
                slopes.push((then - value) as f64 / (later - day) as f64);
            }
        }
        slopes.sort_by(f64::total_cmp);
        let half = slopes.len() / 2;
        let middle_slope = match slopes.len() % 2 {
            0 => (slopes.get(half.checked_sub(1)?)? + slopes[half]) / 2.0,
            _ => slopes[half],
        };
        let mut values: Vec<i64> = of_days.iter().map(|(_, value)| *value).collect();
        values.sort_unstable();
        Some(middle_slope * 30.0 / values[values.len() / 2] as f64 * 100.0)
    }

    /// Hours at which the state became this one, and how many hours each such time lasted that began and ended.
    pub fn times(&self, state: i64) -> (Vec<i64>, Vec<i64>) {
        let first = self.values.iter().map(|(at, _)| *at).min().unwrap_or(0);
        let is = |hour: i64| self.holds(hour).flatten() == Some(state);
        let began: Vec<i64> = (first + 1..=self.end)
            .filter(|hour| is(*hour) && !is(hour - 1))
            .collect();
        let lasted = began
            .iter()
            .filter_map(|from| Some((*from..=self.end).find(|hour| !is(*hour))? - from))
            .collect();
        (began, lasted)
    }

    /// First hour, last hour, and number of the cuts of each slide.
    pub fn slides(&self) -> Vec<(i64, i64, u32)> {
        let first = self.values.iter().map(|(at, _)| *at).min().unwrap_or(0);
        let mut moves: Vec<(i64, i64, i64)> = Vec::new();
        let mut last = None;
        for hour in first..=self.end {
            let Some(value) = self.holds(hour).flatten() else {
                continue;
            };
            if let Some(before) = last.filter(|before| *before != value) {
                moves.push((hour, before, value));
            }
            last = Some(value);
        }
        let belongs = |index: usize| {
            let (hour, before, after) = moves[index];
            let (earlier, was, became) = moves[index - 1];
            after < before && became < was && hour - earlier <= 72
        };
        let mut found = Vec::new();
        for begin in 0..moves.len() {
            if moves[begin].2 > moves[begin].1 || (begin > 0 && belongs(begin)) {
                continue;
            }
            let mut end = begin;
            while end + 1 < moves.len() && belongs(end + 1) {
                end += 1;
            }
            let (before, after) = (moves[begin].1, moves[end].2);
            if end - begin >= 2 && (before - after) * 20 >= before {
                found.push((moves[begin].0, moves[end].0, (end - begin + 1) as u32));
            }
        }
        found
    }
}
