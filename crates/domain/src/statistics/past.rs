//! Lines through looks and, before these, through the days that stand for looks that are gone.

use chrono::{DateTime, Utc};

use super::{DayBar, Line, Look, Series, price_line, quantity_line, rank_line, stock_line};
use crate::money::Currency;

/// What is known of a listing's past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Looks, in any order.
    pub looks: Vec<Look>,
    /// What lies before all of them: days, and of each figure the last look that knew it; in any order.
    pub days: Vec<DayBar>,
}

impl Past {
    /// The price in the newest currency, and that currency.
    #[must_use]
    pub fn price(&self, end: DateTime<Utc>) -> (Option<Currency>, Line) {
        let (currency, line) = price_line(&self.looks, end);
        let newest = || {
            let priced = self.of(Series::Price).filter(|day| day.currency.is_some());
            priced.max_by_key(|day| day.bar.last_at)?.currency
        };
        let currency = currency.or_else(newest);
        (currency, self.before(Series::Price, &line, currency))
    }

    /// The rank in the root category; 1 is the best.
    #[must_use]
    pub fn rank(&self, end: DateTime<Utc>) -> Line {
        self.before(Series::Rank, &rank_line(&self.looks, end), None)
    }

    /// Whether the product could be bought: 1, or not: 0.
    #[must_use]
    pub fn stock(&self, end: DateTime<Utc>) -> Line {
        self.before(Series::Stock, &stock_line(&self.looks, end), None)
    }

    /// Units left, where the source tells.
    #[must_use]
    pub fn quantity(&self, end: DateTime<Utc>) -> Line {
        self.before(
            Series::StockQuantity,
            &quantity_line(&self.looks, end),
            None,
        )
    }

    fn of(&self, series: Series) -> impl Iterator<Item = &DayBar> {
        self.days.iter().filter(move |day| day.series == series)
    }

    fn before(&self, series: Series, line: &Line, currency: Option<Currency>) -> Line {
        line.preceded_by(self.of(series).flat_map(|day| day.level(currency)))
    }
}
