//! What the looks at a listing in one day come to.

use chrono::{DateTime, TimeDelta, Utc};

use super::bar::{Bar, Step};
use super::{Line, Look};
use crate::money::Currency;
use crate::observation::{Offer, Values};

/// A figure that is kept by the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// The price.
    Price,
    /// The price before discount.
    ListPrice,
    /// The buy box's price.
    BuyBoxPrice,
    /// The rank in the root category.
    Rank,
    /// Hundredths of a star.
    Rating,
    /// Number of ratings or reviews.
    ReviewCount,
    /// Units left.
    StockQuantity,
    /// Whether it could be bought: 1, and a gap where it could not.
    Stock,
}

impl Series {
    /// Every one, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Price,
        Self::ListPrice,
        Self::BuyBoxPrice,
        Self::Rank,
        Self::Rating,
        Self::ReviewCount,
        Self::StockQuantity,
        Self::Stock,
    ];

    /// Its number in the tables.
    #[must_use]
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// Reads [`number`](Self::number) back.
    #[must_use]
    pub fn of_number(number: i16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|series| series.number() == number)
    }

    /// Whether its values are amounts of a currency.
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Price | Self::ListPrice | Self::BuyBoxPrice)
    }

    /// What a look says of it: nothing where it did not collect it, else a value, or a gap.
    fn told(self, at: DateTime<Utc>, values: &Values) -> Option<Option<i64>> {
        let amount = |minor: Option<i64>| {
            minor
                .map(Some)
                .or((values.offer == Offer::None).then_some(None))
        };
        let number = |number: Option<i32>| number.map(|number| Some(i64::from(number)));
        match self {
            Self::Price => amount(values.price),
            Self::ListPrice => amount(values.list_price),
            Self::BuyBoxPrice => amount(values.buy_box_price),
            Self::Rank => number(values.rank()),
            Self::Rating => number(values.rating_hundredths),
            Self::ReviewCount => number(values.review_count),
            Self::StockQuantity => number(values.stock_quantity),
            Self::Stock => Look::of(at, values)
                .could_be_bought()
                .map(|could| could.then_some(1)),
        }
    }
}

/// A figure's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBar {
    /// Which figure.
    pub series: Series,
    /// Of amounts: the day's newest currency; those in another one are gaps.
    pub currency: Option<Currency>,
    /// Its values.
    pub bar: Bar,
}

/// What the looks at a listing in one UTC day come to. It follows from these looks alone, in whatever order they are
/// given: nothing of the day before reaches into it, so a look that comes late changes its own day and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// How many there were.
    pub looks: u32,
    /// The first.
    pub first_at: DateTime<Utc>,
    /// The last.
    pub last_at: DateTime<Utc>,
    /// The figures that any of them knew, in the order of [`Series::ALL`].
    pub bars: Vec<DayBar>,
}

impl Day {
    /// The day of these looks, each given with what it saw; nothing without looks.
    #[must_use]
    pub fn of(looks: &[(DateTime<Utc>, &Values)]) -> Option<Self> {
        let first_at = looks.iter().map(|(at, _)| *at).min()?;
        let last_at = looks.iter().map(|(at, _)| *at).max()?;
        Some(Self {
            looks: u32::try_from(looks.len()).unwrap_or(u32::MAX),
            first_at,
            last_at,
            bars: Series::ALL
                .into_iter()
                .filter_map(|series| bar(series, looks))
                .collect(),
        })
    }

    /// What two accounts of one day come to, when the looks behind one of them are gone: see [`Bar::join`]. The number of
    /// looks is that of the fuller one.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let of = |day: &Self, series| day.bars.iter().find(|bar| bar.series == series).cloned();
        let bars = Series::ALL.into_iter().filter_map(|series| {
            let (Some(one), Some(two)) = (of(self, series), of(other, series)) else {
                return of(self, series).or_else(|| of(other, series));
            };
            Some(one.join(&two))
        });
        Self {
            looks: self.looks.max(other.looks),
            first_at: self.first_at.min(other.first_at),
            last_at: self.last_at.max(other.last_at),
            bars: bars.collect(),
        }
    }
}

impl DayBar {
    /// What one look says of a figure, for what holds from it on; nothing where it did not learn it, and of figures that
    /// a [`Look`] does not have.
    #[must_use]
    pub fn held(series: Series, look: &Look) -> Option<Self> {
        let number = |number: Option<i32>| number.map(|number| Some(i64::from(number)));
        let value = match series {
            Series::Price => match look.offer {
                Offer::NotCollected => None,
                Offer::None => Some(None),
                Offer::Offered => look.price.map(|price| Some(price.minor)),
            },
            Series::Rank => number(look.rank),
            Series::StockQuantity => number(look.stock_quantity),
            Series::Stock => look.could_be_bought().map(|could| could.then_some(1)),
            Series::ListPrice | Series::BuyBoxPrice | Series::Rating | Series::ReviewCount => None,
        }?;
        let price = look.price.filter(|_| series.is_money() && value.is_some());
        Some(Self {
            series,
            currency: price.map(|price| price.currency),
            bar: Bar {
                steps: vec![(look.at, value)],
                last_at: look.at,
                moves: 1,
                average: value,
                gap: TimeDelta::zero(),
            },
        })
    }

    /// As [`Bar::join`]; of two currencies the one counts that was seen last, and the other's bar is none.
    fn join(&self, other: &Self) -> Self {
        if let (Some(one), Some(two)) = (self.currency, other.currency)
            && one != two
        {
            let newest = |bar: &Self, code: Currency| (bar.bar.last_at, code.code());
            let first = newest(self, one) >= newest(other, two);
            return if first { self.clone() } else { other.clone() };
        }
        Self {
            series: self.series,
            currency: self.currency.or(other.currency),
            bar: self.bar.join(&other.bar),
        }
    }

    /// Steps to reckon with in one currency: a day in another one is a gap. See [`Bar::level`].
    #[must_use]
    pub fn level(&self, currency: Option<Currency>) -> Vec<Step> {
        let mut steps = self.bar.level();
        if self.series.is_money() && self.currency != currency {
            steps.truncate(1);
            for (_, value) in &mut steps {
                *value = None;
            }
        }
        if self.series == Series::Stock {
            for (_, value) in &mut steps {
                *value = Some(value.unwrap_or(0));
            }
        }
        steps
    }
}

fn bar(series: Series, looks: &[(DateTime<Utc>, &Values)]) -> Option<DayBar> {
    let told: Vec<(Step, Option<&str>)> = looks
        .iter()
        .filter_map(|(at, values)| {
            let told = series.told(*at, values)?;
            Some(((*at, told), values.currency.as_deref()))
        })
        .collect();
    let last_at = told.iter().map(|((at, _), _)| *at).max()?;
    let currency = told
        .iter()
        .filter(|((_, value), _)| series.is_money() && value.is_some())
        .max_by_key(|((at, _), _)| *at)
        .and_then(|(_, code)| *code);
    let steps = told.into_iter().map(|((at, value), code)| {
        let comparable = !series.is_money() || code == currency;
        (at, value.filter(|_| comparable))
    });
    Some(DayBar {
        series,
        currency: currency.and_then(|code| Currency::parse(code).ok()),
        bar: Bar::of(&Line::new(steps, last_at))?,
    })
}
