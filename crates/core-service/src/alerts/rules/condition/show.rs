//! Conditions as the API shows them.

use domain::alert::{
    self, Amount, AvailabilityEvent, BuyBoxEvent, ContentField, Direction, End, Extreme, Level,
    Metric, Move, Side, Size, Test,
};
use serde_json::{Value as Json, json};

use super::shape::{Baseline, Condition};
use crate::alerts::view::percent;

/// A condition in the shape in which it can be sent.
pub fn show(condition: &alert::Condition) -> Condition {
    let members = |members: &[alert::Condition]| Some(members.iter().map(show).collect());
    match condition {
        alert::Condition::All(all) => Condition {
            all: members(all),
            ..Condition::default()
        },
        alert::Condition::Any(any) => Condition {
            any: members(any),
            ..Condition::default()
        },
        alert::Condition::Test(test) => match test {
            Test::Move(test) => moved(test),
            Test::Level(test) => level(test),
            Test::Extreme(test) => extreme(test),
            Test::BuyBox(event) => buy_box(event),
            Test::Availability(event) => availability(event),
            Test::Content { fields } => Condition {
                test: Some("content"),
                fields: Some(fields.iter().copied().map(ContentField::as_str).collect()),
                ..Condition::default()
            },
        },
    }
}

fn value(metric: Metric, amount: Amount) -> Json {
    json!(alert::Figure::of(metric, amount))
}

fn moved(test: &Move) -> Condition {
    let metric = test.metric;
    let mut shown = Condition {
        test: Some("move"),
        metric: Some(metric.as_str()),
        baseline: Some(baseline(metric, test.baseline)),
        direction: Some(match test.direction {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Both => "both",
        }),
        min_step: test.min_step.map(|step| value(metric, step)),
        ..Condition::default()
    };
    let margin = Some(test.hysteresis).filter(|margin| *margin != 0);
    match test.more_than {
        Size::Percent(size) => {
            shown.percent = Some(percent(size));
            shown.hysteresis_percent = margin.map(percent);
            shown.step_percent = test.step.map(percent);
        }
        Size::Absolute(size) => {
            shown.absolute = Some(value(metric, size));
            shown.hysteresis = margin.map(|margin| value(metric, size.with(margin)));
            shown.step = test.step.map(|step| value(metric, size.with(step)));
        }
    }
    shown
}

fn baseline(metric: Metric, baseline: alert::Baseline) -> Baseline {
    let (kind, days) = baseline.shown();
    let (min_days, fixed) = match baseline {
        alert::Baseline::Median { min_days, .. } | alert::Baseline::Average { min_days, .. } => {
            (Some(min_days), None)
        }
        alert::Baseline::Fixed { value } => (None, Some(value)),
        alert::Baseline::Previous | alert::Baseline::Tracked => (None, None),
    };
    Baseline {
        kind: kind.as_str(),
        days,
        min_days,
        value: fixed.map(|fixed| value(metric, fixed)),
    }
}

fn level(test: &Level) -> Condition {
    let limit = Some(value(test.metric, test.limit));
    let (at_or_below, at_or_above) = match test.side {
        Side::Below => (limit, None),
        Side::Above => (None, limit),
    };
    let further = |number: i64| value(test.metric, test.limit.with(number));
    Condition {
        test: Some("level"),
        metric: Some(test.metric.as_str()),
        at_or_below,
        at_or_above,
        hysteresis: (test.hysteresis != 0).then(|| further(test.hysteresis)),
        step: test.step.map(further),
        ..Condition::default()
    }
}

fn extreme(test: &Extreme) -> Condition {
    Condition {
        test: Some("extreme"),
        metric: Some(test.metric.as_str()),
        extreme: Some(match test.end {
            End::Lowest => "lowest",
            End::Highest => "highest",
        }),
        days: Some(test.days),
        min_days: Some(test.min_days),
        min_step: test.min_step.map(|step| value(test.metric, step)),
        ..Condition::default()
    }
}

fn buy_box(event: &BuyBoxEvent) -> Condition {
    let (event, seller) = match event {
        BuyBoxEvent::Changed => ("changed", None),
        BuyBoxEvent::Won { seller } => ("won", Some(seller.clone())),
        BuyBoxEvent::Lost { seller } => ("lost", Some(seller.clone())),
    };
    Condition {
        test: Some("buy_box"),
        event: Some(event),
        seller,
        ..Condition::default()
    }
}

fn availability(event: &AvailabilityEvent) -> Condition {
    let words = |words: &[domain::availability::Availability]| {
        let words: Vec<&'static str> = words.iter().map(|word| word.as_str()).collect();
        (!words.is_empty()).then_some(words)
    };
    let (event, from, to) = match event {
        AvailabilityEvent::Restock => ("restock", None, None),
        AvailabilityEvent::OutOfStock => ("out_of_stock", None, None),
        AvailabilityEvent::Changed { from, to } => ("changed", words(from), words(to)),
    };
    Condition {
        test: Some("availability"),
        event: Some(event),
        from,
        to,
        ..Condition::default()
    }
}
