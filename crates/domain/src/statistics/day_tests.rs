use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::money::Currency;
use crate::observation::{CategoryRank, Offer, Values};

fn minute(of: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_759_968_000 + of * 60, 0).expect("a date")
}

const DAY: i64 = 24 * 60;

fn values() -> impl Strategy<Value = Values> {
    let price = prop_oneof![
        6 => (1_i64..40).prop_map(Some),
        1 => Just(None),
    ];
    (price, 0..8, proptest::option::of(1_i32..50)).prop_map(|(price, kind, rank)| {
        let ranks = rank.map(|rank| CategoryRank {
            category: "Root".into(),
            rank,
        });
        let blank = Values {
            ranks: ranks.into_iter().collect(),
            ..Values::default()
        };
        match (kind, price) {
            (0, _) => blank,
            (1, _) | (_, None) => Values {
                offer: Offer::None,
                ..blank
            },
            (2, Some(price)) => Values {
                offer: Offer::Offered,
                currency: Some("EUR".into()),
                price: Some(price),
                ..blank
            },
            (_, Some(price)) => Values {
                offer: Offer::Offered,
                currency: Some("USD".into()),
                price: Some(price),
                list_price: (price % 3 == 0).then_some(price + 5),
                in_stock: Some(price % 5 != 0),
                ..blank
            },
        }
    })
}

/// Looks at whole minutes of some days; many of them within a day.
fn looks(days: i64, most: usize) -> impl Strategy<Value = BTreeMap<i64, Values>> {
    proptest::collection::btree_map(0..days * DAY, values(), 1..most)
}

fn dated(looks: &BTreeMap<i64, Values>) -> Vec<(DateTime<Utc>, &Values)> {
    looks
        .iter()
        .map(|(at, values)| (minute(*at), values))
        .collect()
}

/// Every day of the looks.
fn days_of(looks: &BTreeMap<i64, Values>) -> Vec<Day> {
    let mut days: BTreeMap<i64, Vec<(DateTime<Utc>, &Values)>> = BTreeMap::new();
    for (at, values) in looks {
        days.entry(at / DAY)
            .or_default()
            .push((minute(*at), values));
    }
    days.values().filter_map(|looks| Day::of(looks)).collect()
}

/// The price of each look that told one or told that there is none, plainly.
fn prices(looks: &BTreeMap<i64, Values>) -> (Option<String>, Vec<(i64, Option<i64>)>) {
    let currency = looks.values().rev().find_map(|values| {
        values.price?;
        values.currency.clone()
    });
    let told = looks.iter().filter_map(|(at, values)| match values.offer {
        Offer::NotCollected => None,
        Offer::None => Some((*at, None)),
        Offer::Offered => Some((*at, values.price.filter(|_| values.currency == currency))),
    });
    (currency.clone(), told.collect())
}

proptest! {
    #[test]
    fn a_days_ends_and_extremes_equal_the_plain_ones(looks in looks(1, 60)) {
        let day = Day::of(&dated(&looks)).expect("looks");
        let mut shuffled = dated(&looks);
        shuffled.reverse();
        let turned = Day::of(&shuffled).expect("looks");
        prop_assert_eq!(&turned, &day, "in any order");
        prop_assert_eq!(day.looks as usize, looks.len());
        let (currency, told) = prices(&looks);
        let bar = day.bars.iter().find(|bar| bar.series == Series::Price);
        prop_assert_eq!(bar.is_some(), !told.is_empty());
        let Some(bar) = bar else { return Ok(()) };
        prop_assert_eq!(bar.currency.map(|is| is.code().to_owned()), currency);
        let bar = &bar.bar;
        let seen: Vec<i64> = told.iter().filter_map(|(_, value)| *value).collect();
        prop_assert_eq!(bar.open(), told[0].1);
        prop_assert_eq!(bar.close(), told[told.len() - 1].1);
        prop_assert_eq!((bar.low(), bar.high()), (seen.iter().min().copied(), seen.iter().max().copied()));
        // Every step is a real look at which the value became another one.
        let plain: Vec<(i64, Option<i64>)> = told.iter().enumerate()
            .filter(|(index, (_, value))| *index == 0 || told[index - 1].1 != *value)
            .map(|(_, step)| *step).collect();
        prop_assert_eq!(bar.moves as usize, plain.len());
        for (at, value) in &bar.steps {
            prop_assert!(plain.iter().any(|(minutes, told)| minute(*minutes) == *at && told == value));
        }
        let lowest = told.iter().filter_map(|(at, value)| Some(((*value)?, minute(*at)))).min();
        if let Some((value, at)) = lowest {
            prop_assert!(bar.steps.contains(&(at, Some(value))), "the lowest, when it was first seen");
        }
    }

    #[test]
    fn averages_over_whole_days_stay_right_without_the_looks(looks in looks(6, 240)) {
        let end = minute(6 * DAY);
        let all = Past { looks: looks.iter().map(|(at, values)| Look::of(minute(*at), values)).collect(), days: Vec::new() };
        let days: Vec<DayBar> = days_of(&looks).into_iter().flat_map(|day| day.bars).collect();
        let none = Past { looks: Vec::new(), days };
        let (currency, line) = all.price(end);
        let (kept, told) = none.price(end);
        prop_assert_eq!(currency, kept);
        // A day that mixes currencies is told in its newest one alone.
        let mixed = days_of(&looks).iter().flat_map(|day| &day.bars)
            .any(|bar| bar.series == Series::Price && bar.currency != currency);
        let euros = looks.values().any(|values| values.currency.as_deref() == Some("EUR"));
        if !mixed && !euros {
            prop_assert_eq!(extremes(&line), extremes(&bars_in_full(&none, Series::Price, end)));
            same_average(&line, &told)?;
        }
        same_average(&all.rank(end), &none.rank(end))?;
        prop_assert_eq!(extremes(&all.rank(end)), extremes(&bars_in_full(&none, Series::Rank, end)));
        let out = |line: &Line| share(line, minute(0), end, |state| state == 0);
        prop_assert_eq!(out(&all.stock(end)), out(&none.stock(end)), "time out of stock");
        prop_assert_eq!(all.stock(end).current(), none.stock(end).current());
    }

    #[test]
    fn two_accounts_of_a_day_have_the_ends_and_extremes_of_both(looks in looks(1, 40), mask in any::<u64>()) {
        let part = |one: bool| -> BTreeMap<i64, Values> {
            looks.iter().filter(|(at, _)| (mask >> (**at % 64) & 1 == 1) == one)
                .map(|(at, values)| (*at, Values { currency: values.currency.as_ref().map(|_| "USD".into()), ..values.clone() }))
                .collect()
        };
        let whole: BTreeMap<i64, Values> = part(true).into_iter().chain(part(false)).collect();
        let whole = Day::of(&dated(&whole)).expect("looks");
        prop_assert_eq!(&whole.join(&whole), &whole, "the same again changes nothing");
        let (first, second) = (part(true), part(false));
        let (Some(one), Some(two)) = (Day::of(&dated(&first)), Day::of(&dated(&second))) else { return Ok(()) };
        prop_assert_eq!(one.join(&two), two.join(&one), "in any order");
        let joined = one.join(&two);
        let again = joined.join(&two);
        prop_assert_eq!((joined.first_at, joined.last_at), (whole.first_at, whole.last_at));
        for (both, plain) in joined.bars.iter().zip(&whole.bars).chain(again.bars.iter().zip(&whole.bars)) {
            prop_assert_eq!(both.series, plain.series);
            let ends = |bar: &Bar| (bar.open(), bar.close(), bar.low(), bar.high());
            if both.currency == plain.currency {
                prop_assert_eq!(ends(&both.bar), ends(&plain.bar));
            }
        }
    }
}

/// The kept steps themselves.
fn bars_in_full(past: &Past, series: Series, end: DateTime<Utc>) -> Line {
    let bars = past.days.iter().filter(|day| day.series == series);
    Line::new(bars.flat_map(|day| day.bar.steps.clone()), end)
}

/// Within what rounding each day's average to a whole number may cost.
fn same_average(line: &Line, told: &Line) -> Result<(), TestCaseError> {
    let of = |line: &Line| average(line, minute(0), line.end());
    match (of(line), of(told)) {
        (Some(is), Some(kept)) => {
            prop_assert_eq!(is.covered, kept.covered);
            prop_assert!(
                (is.value - kept.value).abs() <= 1,
                "{} {}",
                is.value,
                kept.value
            );
        }
        (is, kept) => prop_assert_eq!(is, kept),
    }
    Ok(())
}

#[test]
fn a_restless_day_keeps_what_matters_and_its_average() {
    // A price a minute: a saw with one spike, one dip and a gap.
    let looks: BTreeMap<i64, Values> = (0..600)
        .map(|at| {
            let price = match at {
                100 => Some(9_000),
                200 => Some(3),
                300..310 => None,
                _ => Some(1_000 + at % 2),
            };
            let values = Values {
                offer: if price.is_some() {
                    Offer::Offered
                } else {
                    Offer::None
                },
                currency: price.map(|_| "USD".into()),
                price,
                ..Values::default()
            };
            (at, values)
        })
        .collect();
    let day = Day::of(&dated(&looks)).expect("looks");
    let bar = &day.bars[0].bar;
    let kept: Vec<(i64, Option<i64>)> = bar
        .steps
        .iter()
        .map(|(at, value)| ((*at - minute(0)).num_minutes(), *value))
        .collect();
    assert_eq!(
        kept,
        [
            (0, Some(1_000)),
            (100, Some(9_000)),
            (200, Some(3)),
            (300, None),
            (310, Some(1_000)),
            (599, Some(1_001)),
        ]
    );
    assert_eq!(bar.gap, TimeDelta::minutes(10));
    assert_eq!(bar.average, Some(1_012));
    assert_eq!(bar.level().len(), 3);
    assert_eq!(day.bars[0].currency, Currency::parse("USD").ok());
}

#[test]
fn a_line_that_begins_later_begins_with_what_held() {
    let line = Line::new([(minute(0), Some(1)), (minute(10), Some(2))], minute(20));
    assert_eq!(
        line.since(minute(5)).steps(),
        [(minute(5), Some(1)), (minute(10), Some(2))]
    );
    assert_eq!(line.since(minute(10)).steps(), [(minute(10), Some(2))]);
    assert_eq!(line.since(minute(-5)).steps(), line.steps());
}
