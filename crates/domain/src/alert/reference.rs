//! The rules once more, slowly and plainly: every question is answered by going through all looks.

use chrono::TimeDelta;

use super::rule::{Condition, Rule, Test};
use super::shape::{AvailabilityEvent, Baseline, BuyBoxEvent, End, Level, Move, Side, Size};
use super::{Amount, MEMORY, Metric, Sight, Terms, Told};
use crate::availability::Availability;

/// Whether a rule fires at a look of a whole history.
pub fn fires(rule: &Rule, all: &[Sight], index: usize, terms: &Terms) -> bool {
    both(&rule.condition, all, index, terms).1
}

/// Whether a condition holds, and whether it fires.
fn both(condition: &Condition, all: &[Sight], index: usize, terms: &Terms) -> (bool, bool) {
    match condition {
        Condition::All(members) => {
            let each: Vec<_> = members
                .iter()
                .map(|member| both(member, all, index, terms))
                .collect();
            let holds = each.iter().all(|(holds, _)| *holds);
            (holds, holds && each.iter().any(|(_, fires)| *fires))
        }
        Condition::Any(members) => {
            let each: Vec<_> = members
                .iter()
                .map(|member| both(member, all, index, terms))
                .collect();
            (
                each.iter().any(|(holds, _)| *holds),
                each.iter().any(|(_, fires)| *fires),
            )
        }
        Condition::Test(test) => one(test, all, index, terms),
    }
}

fn one(test: &Test, all: &[Sight], index: usize, terms: &Terms) -> (bool, bool) {
    let once = |fires| (fires, fires);
    let sight = &all[index];
    match test {
        Test::Move(test) if test.baseline == Baseline::Previous => {
            let (Told::Value(now), Some(before)) =
                (sight.told(test.metric), last_value(all, index, test.metric))
            else {
                return once(false);
            };
            once(
                test.direction
                    .sides()
                    .iter()
                    .any(|side| matches!(beyond(test, before, now, *side), Where::Inside(_))),
            )
        }
        Test::Move(test) => standing(
            test.metric,
            test.direction.sides(),
            all,
            index,
            terms,
            &|at, now, side| {
                base(test, all, at, now, terms)
                    .map_or(Where::Out, |base| beyond(test, base, now, side))
            },
            matches!(
                test.baseline,
                Baseline::Median { .. } | Baseline::Average { .. }
            ),
        ),
        Test::Level(test) => standing(
            test.metric,
            &[test.side],
            all,
            index,
            terms,
            &|_, now, _| past(test, now),
            false,
        ),
        Test::Extreme(test) => {
            let Told::Value(now) = sight.told(test.metric) else {
                return once(false);
            };
            // A least step in another currency says nothing of this one.
            if test.min_step.is_some_and(|step| !step.comparable(now)) {
                return once(false);
            }
            let hours = hours(all, index, test.metric, now, test.days);
            let known = hours.len() >= usize::from(test.min_days) * 24;
            let least = test.min_step.map_or(1, Amount::number).max(1);
            once(
                known
                    && hours.iter().all(|value| match test.end {
                        End::Lowest => now.number() <= value - least,
                        End::Highest => now.number() >= value + least,
                    }),
            )
        }
        Test::BuyBox(event) => {
            let before = near(all, index)
                .filter_map(|sight| sight.seller.clone())
                .next_back();
            let (Some(now), Some(before)) = (sight.seller.clone(), before) else {
                return once(false);
            };
            let moved = now != before;
            once(match event {
                BuyBoxEvent::Changed => moved,
                BuyBoxEvent::Won { seller } => moved && *now == **seller,
                BuyBoxEvent::Lost { seller } => moved && *before == **seller,
            })
        }
        Test::Availability(AvailabilityEvent::Changed { from, to }) => {
            let told = |sight: &Sight| sight.availability != Availability::Unknown;
            let before = near(all, index).rfind(|sight| told(sight));
            once(before.is_some_and(|before| {
                let (before, now) = (before.availability, sight.availability);
                told(sight)
                    && before != now
                    && (from.is_empty() || from.contains(&before))
                    && (to.is_empty() || to.contains(&now))
            }))
        }
        Test::Availability(event) => {
            let before = near(all, index)
                .filter_map(|sight| sight.buyable)
                .next_back();
            let restock = *event == AvailabilityEvent::Restock;
            once(sight.buyable == Some(restock) && before == Some(!restock))
        }
        Test::Content { fields } => once(
            sight
                .changes
                .iter()
                .any(|change| fields.contains(&change.field)),
        ),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Where {
    Out,
    Between,
    Inside(i128),
}

/// The looks before one that are near enough: within the memory, and the one right before.
fn near(all: &[Sight], index: usize) -> impl DoubleEndedIterator<Item = &Sight> {
    let from = all[index].at - MEMORY;
    all[..index]
        .iter()
        .enumerate()
        .filter(move |(place, sight)| sight.at >= from || place + 1 == index)
        .map(|(_, sight)| sight)
}

fn last_value(all: &[Sight], index: usize, metric: Metric) -> Option<Amount> {
    near(all, index)
        .filter_map(|sight| match sight.told(metric) {
            Told::Value(amount) => Some(amount),
            _ => None,
        })
        .next_back()
}

fn last_told(all: &[Sight], index: usize, metric: Metric) -> Option<&Sight> {
    near(all, index).rfind(|sight| sight.told(metric) != Told::Nothing)
}

fn anew(all: &[Sight], index: usize, metric: Metric, terms: &Terms) -> bool {
    let sight = &all[index];
    if sight.told(metric) == Told::Nothing {
        return false;
    }
    last_told(all, index, metric).is_none_or(|before| {
        before.told(metric) != sight.told(metric)
            || (before.at < terms.since && terms.since <= sight.at)
    })
}

/// What stands: goes forward through what is remembered, noting how deep the value was.
fn standing(
    metric: Metric,
    sides: &[Side],
    all: &[Sight],
    index: usize,
    terms: &Terms,
    place: &dyn Fn(usize, Amount, Side) -> Where,
    drifts: bool,
) -> (bool, bool) {
    let sight = &all[index];
    let told = match sight.told(metric) {
        Told::Nothing => last_told(all, index, metric).map(|sight| sight.told(metric)),
        told => Some(told),
    };
    let Some(Told::Value(now)) = told else {
        return (false, false);
    };
    let remembered = |side: Side| {
        let mut deepest = None;
        for (before, then) in all[..index].iter().enumerate() {
            let forgotten = then.at < sight.at - MEMORY;
            let of_before = sight.at >= terms.since && then.at < terms.since;
            if forgotten || of_before {
                continue;
            }
            match then.told(metric) {
                Told::Nothing => {}
                Told::Gap => deepest = None,
                Told::Value(_) if drifts && !anew(all, before, metric, terms) => {}
                Told::Value(value) => match place(before, value, side) {
                    Where::Out => deepest = None,
                    Where::Between => {}
                    Where::Inside(steps) => {
                        deepest = Some(deepest.map_or(steps, |deep: i128| deep.max(steps)));
                    }
                },
            }
        }
        deepest
    };
    let mut result = (false, false);
    for side in sides {
        match place(index, now, *side) {
            Where::Out => {}
            Where::Between => result.0 |= remembered(*side).is_some(),
            Where::Inside(steps) => {
                let news = remembered(*side).is_none_or(|deep| deep < steps);
                result = (true, news && anew(all, index, metric, terms));
            }
        }
    }
    result
}

/// Where a value stands, in fractions that are compared crosswise.
fn beyond(test: &Move, base: Amount, now: Amount, side: Side) -> Where {
    if base.currency() != now.currency() {
        return Where::Out;
    }
    let sign = if side == Side::Above { 1 } else { -1 };
    let way = sign * i128::from(now.number() - base.number());
    let (way, unit, limit) = match test.more_than {
        Size::Percent(size) => {
            if base.number() <= 0 {
                return Where::Out;
            }
            (way * 10_000, i128::from(base.number()), i128::from(size))
        }
        Size::Absolute(size) => {
            if size.currency() != now.currency() {
                return Where::Out;
            }
            (way, 1, i128::from(size.number()))
        }
    };
    if way <= 0 || way <= (limit - i128::from(test.hysteresis)) * unit {
        return Where::Out;
    }
    let large = test.min_step.is_none_or(|least| {
        least.currency() == now.currency() && (now.number() - base.number()).abs() >= least.number()
    });
    if way <= limit * unit || !large {
        return Where::Between;
    }
    let mut steps = 0;
    if let Some(step) = test.step {
        while way >= (limit + (steps + 1) * i128::from(step)) * unit {
            steps += 1;
        }
    }
    Where::Inside(steps)
}

fn past(test: &Level, now: Amount) -> Where {
    if test.limit.currency() != now.currency() {
        return Where::Out;
    }
    let within = i128::from(match test.side {
        Side::Above => now.number() - test.limit.number(),
        Side::Below => test.limit.number() - now.number(),
    });
    if within < -i128::from(test.hysteresis) {
        return Where::Out;
    }
    if within < 0 {
        return Where::Between;
    }
    let mut steps = 0;
    if let Some(step) = test.step {
        while within >= (steps + 1) * i128::from(step) {
            steps += 1;
        }
    }
    Where::Inside(steps)
}

fn base(test: &Move, all: &[Sight], index: usize, now: Amount, terms: &Terms) -> Option<Amount> {
    let known = |min_days: u16, hours: &[i64]| hours.len() >= usize::from(min_days) * 24;
    match test.baseline {
        Baseline::Previous => last_value(all, index, test.metric),
        Baseline::Fixed { value } => Some(value),
        Baseline::Tracked => {
            let (since, amount) = terms.anchors?.get(test.metric)?;
            (since < all[index].at).then_some(amount)
        }
        Baseline::Median { days, min_days } => {
            let mut hours = hours(all, index, test.metric, now, days);
            if hours.is_empty() || !known(min_days, &hours) {
                return None;
            }
            hours.sort_unstable();
            Some(now.with(hours[(hours.len() - 1) / 2]))
        }
        Baseline::Average { days, min_days } => {
            let hours = hours(all, index, test.metric, now, days);
            if hours.is_empty() || !known(min_days, &hours) {
                return None;
            }
            let (sum, count) = (
                hours.iter().map(|hour| i128::from(*hour)).sum::<i128>(),
                i128::try_from(hours.len()).expect("small"),
            );
            let rounded = (2 * sum + count).div_euclid(2 * count);
            Some(now.with(i64::try_from(rounded).expect("small")))
        }
    }
    .filter(|base| base.currency() == now.currency())
}

/// The value of every hour of the window before a look that has one; looks stand at whole hours.
fn hours(all: &[Sight], index: usize, metric: Metric, now: Amount, days: u16) -> Vec<i64> {
    let end = all[index].at;
    let start = end - TimeDelta::days(days.into());
    // Of what is before the window only the last look counts.
    let first = all[..index]
        .iter()
        .rposition(|sight| sight.at < start)
        .unwrap_or_default();
    let mut values = Vec::new();
    let mut hour = start;
    while hour < end {
        let told = all[first..index]
            .iter()
            .filter(|sight| sight.at <= hour)
            .rfind(|sight| sight.told(metric) != Told::Nothing)
            .map(|sight| sight.told(metric));
        if let Some(Told::Value(amount)) = told
            && amount.currency() == now.currency()
        {
            values.push(amount.number());
        }
        hour += TimeDelta::hours(1);
    }
    values
}
