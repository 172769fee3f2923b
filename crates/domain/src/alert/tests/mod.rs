mod any_order;
mod examples;
mod local;
mod plainly;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::availability::Availability;
use crate::money::{Currency, Money};
use crate::observation::{CategoryRank, Offer, Values};

fn at(hour: i64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(1_760_000_400, 0).expect("a date");
    start + TimeDelta::hours(hour)
}

fn usd(minor: i64) -> Amount {
    Amount::Money(Money::from_minor(
        minor,
        Currency::parse("USD").expect("a currency"),
    ))
}

fn offered(price: i64) -> Values {
    Values {
        offer: Offer::Offered,
        currency: Some("USD".into()),
        price: Some(price),
        ..Values::default()
    }
}

fn ranked(mut values: Values, rank: i32) -> Values {
    values.ranks = vec![CategoryRank {
        category: "Root".into(),
        rank,
    }];
    values
}

fn gone() -> Values {
    Values {
        offer: Offer::None,
        availability: Availability::OutOfStock,
        in_stock: Some(false),
        ..Values::default()
    }
}

fn sights(values: &[(i64, Values)]) -> Vec<Sight> {
    values
        .iter()
        .map(|(hour, values)| Sight::of(at(*hour), values))
        .collect()
}

fn rule(test: Test) -> Rule {
    Rule {
        condition: Condition::Test(test),
        severity: SeverityChoice::BySize,
    }
}

fn level(limit: i64) -> Level {
    Level {
        metric: Metric::Price,
        side: Side::Below,
        limit: usd(limit),
        hysteresis: 0,
        step: None,
    }
}

const fn from(baseline: Baseline, direction: Direction, percent: i64) -> Move {
    Move {
        metric: Metric::Price,
        baseline,
        direction,
        more_than: Size::Percent(percent * 100),
        min_step: None,
        hysteresis: 0,
        step: None,
    }
}

/// Terms of a rule that was there before everything.
const fn always() -> Terms {
    Terms {
        since: DateTime::<Utc>::MIN_UTC,
        anchors: None,
    }
}

/// The hours at which a rule fires over a whole history.
fn hours(rule: &Rule, looks: &[(i64, Values)], terms: &Terms) -> Vec<i64> {
    let sights = sights(looks);
    let line = Timeline::new(&sights, true);
    replay(rule, &line, 0..sights.len(), terms)
        .expect("everything is here")
        .into_iter()
        .map(|fired| (fired.at - at(0)).num_hours())
        .collect()
}

fn prices(prices: &[i64]) -> Vec<(i64, Values)> {
    (0..)
        .zip(prices.iter().map(|price| offered(*price)))
        .collect()
}
