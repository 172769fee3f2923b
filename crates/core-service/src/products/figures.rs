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
}

impl Shown {
    /// What a crawl could not learn keeps its last good value; "no offer" is knowledge and shows none.
    #[must_use]
    pub fn of(newest: &Values, known: &LastKnown) -> Self {
        Self {
            price: known.price.filter(|_| newest.offer != Offer::None),
            rank: known.rank,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Currency;

    use super::*;

    #[test]
    fn not_collected_keeps_the_last_price_and_no_offer_shows_none() {
        let usd = Currency::parse("USD").expect("a currency");
        let known = LastKnown {
            price: Some(Money::from_minor(1999, usd)),
            rank: Some(5),
        };
        let mut newest = Values::default();
        assert_eq!(
            Shown::of(&newest, &known),
            Shown {
                price: known.price,
                rank: Some(5)
            }
        );
        newest.offer = Offer::None;
        assert_eq!(
            Shown::of(&newest, &known),
            Shown {
                price: None,
                rank: Some(5)
            }
        );
    }
}
