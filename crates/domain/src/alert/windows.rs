//! A figure over the days before each look: its time-weighted median and average, its lowest and highest.
//!
//! All looks of a line are gone through once, the window sliding along, so that many looks cost little more than one.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Amount, Metric, Sight, Told};

/// A figure over the days before one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Window {
    /// For how long a value is known, in microseconds.
    known: i128,
    /// The lowest value up to which the figure stood for half of the time.
    pub(super) median: Option<i64>,
    /// Rounded to the nearest, halves upwards.
    pub(super) average: Option<i64>,
    /// The lowest value.
    pub(super) lowest: Option<i64>,
    /// The highest value.
    pub(super) highest: Option<i64>,
}

impl Window {
    /// Whether a value is known of at least so many days.
    pub(super) fn known(&self, min_days: u16) -> bool {
        let least = TimeDelta::days(min_days.into()).num_microseconds();
        self.known >= i128::from(least.unwrap_or(i64::MAX))
    }
}

/// The windows of so many days before each look. What has another unit than `like` is a gap, and so is what was told
/// before the last look that lies before the window.
pub(super) fn windows(sights: &[Sight], metric: Metric, like: Amount, days: u16) -> Vec<Window> {
    let mut slide = Slide::new(sights, metric, like);
    let length = TimeDelta::days(days.into());
    let windows = (0..sights.len()).map(|index| {
        slide.to(index, length);
        slide.window()
    });
    windows.collect()
}

/// The time between a look and the next one.
#[derive(Debug, Clone, Copy)]
struct Pause {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// What held: its place among the values.
    place: Option<usize>,
}

/// A window on its way along a line.
struct Slide<'a> {
    sights: &'a [Sight],
    pauses: Vec<Pause>,
    /// The first look from each on that told the figure.
    told_from: Vec<usize>,
    /// Every value there is, the lowest first.
    values: Vec<i64>,
    times: Times,
    /// Of the values, each as long as it stood.
    sum: i128,
    /// Looks before the window.
    before: usize,
    /// The first pause of the window, and how much of it lies before.
    first: usize,
    cut: i128,
}

impl<'a> Slide<'a> {
    fn new(sights: &'a [Sight], metric: Metric, like: Amount) -> Self {
        let told: Vec<Option<Option<i64>>> = sights
            .iter()
            .map(|sight| match sight.told(metric) {
                Told::Nothing => None,
                Told::Gap => Some(None),
                Told::Value(amount) => Some(amount.comparable(like).then(|| amount.number())),
            })
            .collect();
        let mut values: Vec<i64> = told.iter().copied().flatten().flatten().collect();
        values.sort_unstable();
        values.dedup();
        let mut told_from = vec![sights.len(); sights.len()];
        let mut next = sights.len();
        for (index, told) in told.iter().enumerate().rev() {
            if told.is_some() {
                next = index;
            }
            told_from[index] = next;
        }
        let mut held = None;
        let pauses = sights.windows(2).zip(told).map(|(pair, told)| {
            held = told.unwrap_or(held);
            Pause {
                from: pair[0].at,
                to: pair[1].at,
                place: held.and_then(|value| values.binary_search(&value).ok()),
            }
        });
        Self {
            sights,
            pauses: pauses.collect(),
            told_from,
            times: Times(vec![0; values.len() + 1]),
            values,
            sum: 0,
            before: 0,
            first: 0,
            cut: 0,
        }
    }

    /// Goes on to the window before the next look.
    fn to(&mut self, index: usize, length: TimeDelta) {
        let from = self.sights[index].at - length;
        if let Some(newest) = index.checked_sub(1) {
            let pause = self.pauses[newest];
            self.add(pause, micros(pause.from, pause.to));
        }
        while self.before < index && self.sights[self.before].at < from {
            self.before += 1;
        }
        // The look before the window says what holds at its beginning; if it says nothing, the next one that does.
        let first = self.told_from[self.before.saturating_sub(1)].min(index);
        while self.first < first {
            let pause = self.pauses[self.first];
            self.add(pause, self.cut - micros(pause.from, pause.to));
            self.first += 1;
            self.cut = 0;
        }
        if self.first < index {
            let pause = self.pauses[self.first];
            let cut = micros(pause.from, from.min(pause.to)).max(self.cut);
            self.add(pause, self.cut - cut);
            self.cut = cut;
        }
    }

    fn add(&mut self, pause: Pause, micros: i128) {
        if let Some(place) = pause.place {
            self.times.add(place, micros);
            self.sum += i128::from(self.values[place]) * micros;
        }
    }

    fn window(&self) -> Window {
        let known = self.times.whole();
        if known == 0 {
            return Window::default();
        }
        let value = |place: usize| self.values.get(place).copied();
        let average = (2 * self.sum + known).div_euclid(2 * known);
        Window {
            known,
            median: value(self.times.first(|passed| 2 * passed >= known)),
            average: i64::try_from(average).ok(),
            lowest: value(self.times.first(|passed| passed > 0)),
            highest: value(self.times.first(|passed| passed >= known)),
        }
    }
}

fn micros(from: DateTime<Utc>, to: DateTime<Utc>) -> i128 {
    i128::from(to.timestamp_micros()) - i128::from(from.timestamp_micros())
}

/// How long each value stood, as sums that can be changed and searched in a few steps (a Fenwick tree).
struct Times(Vec<i128>);

impl Times {
    fn add(&mut self, place: usize, micros: i128) {
        let mut node = place + 1;
        while let Some(sum) = self.0.get_mut(node) {
            *sum += micros;
            node += node & node.wrapping_neg();
        }
    }

    fn whole(&self) -> i128 {
        let (mut node, mut whole) = (self.0.len() - 1, 0);
        while node > 0 {
            whole += self.0[node];
            node &= node - 1;
        }
        whole
    }

    /// The first place up to which the times together are enough.
    fn first(&self, enough: impl Fn(i128) -> bool) -> usize {
        let (mut node, mut passed) = (0, 0);
        let mut step = self.0.len().next_power_of_two();
        while step > 0 {
            if let Some(sum) = self.0.get(node + step)
                && !enough(passed + sum)
            {
                node += step;
                passed += sum;
            }
            step /= 2;
        }
        node
    }
}
