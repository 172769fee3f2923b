//! Lines as the API shows them.

use chrono::{DateTime, Utc};
use domain::money::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::metric::Metric;

/// From when on which figure held, in the metric's smallest unit; nothing is a gap.
pub type Point = (DateTime<Utc>, Option<i64>);

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
    /// When the figure changed; the first may be where the range begins, with what held then.
    pub t: Vec<DateTime<Utc>>,
    /// To what; null begins a gap.
    pub v: Vec<Option<Figure>>,
    /// ISO 4217; with amounts only. Amounts in another currency than the newest one are gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip)]
    pub(super) thinned: bool,
}

impl Line {
    /// A metric's line through points in order of time.
    pub(super) fn new(
        metric: Metric,
        points: Vec<Point>,
        currency: Option<String>,
        thinned: bool,
    ) -> Self {
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
        Self {
            t,
            v,
            currency: currency.filter(|_| metric.is_money()),
            thinned,
        }
    }
}
