//! Which figures of a listing are shown.

use domain::history::LastKnown;
use domain::money::Money;
use domain::observation::{Offer, Values};

/// The figures people see as "now".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The last price really seen, unless the newest look found that nobody offers the product.
    pub price: Option<Money>,
    /// The last rank really seen.
    pub rank: Option<i32>,
    /// The last rating really seen, in hundredths of a star.
    pub rating_hundredths: Option<i32>,
    /// The last number of ratings or reviews really seen.
    pub review_count: Option<i32>,
}

impl Shown {
    /// What a crawl could not learn keeps its last good value; "no offer" is knowledge and shows none.
    #[must_use]
    pub fn of(newest: &Values, known: &LastKnown) -> Self {
        Self {
            price: known.price.filter(|_| newest.offer != Offer::None),
            rank: known.rank,
            rating_hundredths: known.rating_hundredths,
            review_count: known.review_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Currency;

    use super::*;

    #[test]
    fn not_collected_keeps_the_last_figures_and_no_offer_shows_no_price() {
        let usd = Currency::parse("USD").expect("a currency");
        let known = LastKnown {
            price: Some(Money::from_minor(1999, usd)),
            rank: Some(5),
            rating_hundredths: Some(460),
            review_count: Some(1_234),
        };
        let mut newest = Values::default();
        let shown = Shown::of(&newest, &known);
        let figures = Shown {
            price: known.price,
            rank: Some(5),
            rating_hundredths: Some(460),
            review_count: Some(1_234),
        };
        assert_eq!(shown, figures);
        newest.offer = Offer::None;
        assert_eq!(
            Shown::of(&newest, &known),
            Shown {
                price: None,
                ..figures
            }
        );
    }
}
