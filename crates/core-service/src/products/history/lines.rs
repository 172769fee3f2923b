//! From observations to lines of change points.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::money::{Currency, Money};
use domain::observation::Values;
use serde::Serialize;
use utoipa::ToSchema;

use super::metric::{Metric, Point};
use super::thin::{LinePoint, thin};

/// A point's figure: decimal text for money, a number else; null is a gap, where nobody offered the product.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Figure {
    /// An amount in major units.
    #[schema(example = "19.99")]
    Amount(String),
    /// A rank, a count, a quantity.
    Whole(i64),
    /// Stars.
    Decimal(f64),
}

/// A line: `v[i]` holds from `t[i]` until the next point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// When the figure changed.
    pub t: Vec<DateTime<Utc>>,
    /// To what; null begins a gap.
    pub v: Vec<Option<Figure>>,
    /// ISO 4217; with amounts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Lines of several metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    /// By metric.
    pub metrics: BTreeMap<&'static str, Line>,
    /// Whether points were left out.
    pub thinned: bool,
}

/// Draws lines through observations in order of time, with at most about `most` points each.
pub fn draw(observations: &[(DateTime<Utc>, Values)], metrics: &[Metric], most: usize) -> Lines {
    let mut lines = Lines::default();
    for metric in metrics {
        // A listing's currency may change; a line has one, so earlier amounts in another one are left out.
        let currency = metric
            .is_money()
            .then(|| {
                observations
                    .iter()
                    .rev()
                    .find_map(|(_, values)| values.currency.clone())
            })
            .flatten();
        let (points, thinned) = thin(changes(observations, *metric, currency.as_deref()), most);
        lines.thinned |= thinned;
        lines
            .metrics
            .insert(metric.as_str(), line(*metric, points, currency));
    }
    lines
}

/// The points where the metric became another one.
fn changes(
    observations: &[(DateTime<Utc>, Values)],
    metric: Metric,
    currency: Option<&str>,
) -> Vec<LinePoint> {
    let mut points: Vec<LinePoint> = Vec::new();
    for (at, values) in observations {
        let value = match metric.of(values) {
            Point::Unknown => continue,
            Point::Gap => None,
            Point::Value(_) if metric.is_money() && values.currency.as_deref() != currency => {
                continue;
            }
            Point::Value(value) => Some(value),
        };
        if points.last().is_none_or(|(_, last)| *last != value) {
            points.push((*at, value));
        }
    }
    points
}

fn line(metric: Metric, points: Vec<LinePoint>, currency: Option<String>) -> Line {
    let money = currency
        .as_deref()
        .and_then(|code| Currency::parse(code).ok());
    let figure = |value: i64| match (metric, money) {
        (_, Some(currency)) => Figure::Amount(Money::from_minor(value, currency).amount()),
        #[expect(clippy::cast_precision_loss, reason = "0 to 500")]
        (Metric::Rating, None) => Figure::Decimal(value as f64 / 100.0),
        (_, None) => Figure::Whole(value),
    };
    let (t, v) = points
        .into_iter()
        .map(|(at, value)| (at, value.map(figure)))
        .unzip();
    Line { t, v, currency }
}

#[cfg(test)]
mod tests {
    use domain::observation::{CategoryRank, Offer};

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + minute * 60, 0).expect("a date")
    }

    fn offered(price: i64, rank: Option<i32>) -> Values {
        Values {
            offer: Offer::Offered,
            currency: Some("USD".into()),
            price: Some(price),
            ranks: rank
                .map(|rank| CategoryRank {
                    category: "Toys".into(),
                    rank,
                })
                .into_iter()
                .collect(),
            ..Values::default()
        }
    }

    #[test]
    fn a_gap_is_null_and_not_collected_is_no_point() {
        let gone = Values {
            offer: Offer::None,
            ..Values::default()
        };
        let observations = [
            (at(0), offered(1999, Some(5))),
            (at(1), offered(1999, None)),
            (at(2), Values::default()),
            (at(3), gone.clone()),
            (at(4), gone),
            (at(5), offered(1999, Some(4))),
        ];
        let lines = draw(&observations, &[Metric::Price, Metric::Rank], 100);
        let price = &lines.metrics["price"];
        assert_eq!(price.t, [at(0), at(3), at(5)]);
        let amount = || Some(Figure::Amount("19.99".into()));
        assert_eq!(price.v, [amount(), None, amount()]);
        assert_eq!(price.currency.as_deref(), Some("USD"));
        assert_eq!(
            lines.metrics["rank"].v,
            [Some(Figure::Whole(5)), Some(Figure::Whole(4))]
        );
        assert!(!lines.thinned);
    }
}
