//! What a crawl saw of a listing at one instant.

use chrono::{DateTime, Duration, Utc};

use crate::availability::Availability;
use crate::listing::{Content, ListingRef};
use crate::money::{Currency, Money};

/// Whether anybody offered the product when the crawl looked.
///
/// "Nobody does" is a gap in the price line; "not collected" is no point at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum Offer {
    /// The crawl did not learn it.
    #[default]
    NotCollected,
    /// Offered, at [`Values::price`].
    Offered,
    /// Looked, and there was no offer.
    None,
}

/// The rank of a product in one of the source's categories; 1 is the best.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct CategoryRank {
    /// The category as the source names it.
    pub category: String,
    /// The place, 1 being the best.
    pub rank: i32,
}

/// The figures of one observation. `None` is "not collected", never zero.
///
/// The order of fields gives the tie rule between two different observations of the same instant:
/// the greater one stays, so arrival order does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Values {
    /// Whether there was an offer.
    pub offer: Offer,
    /// ISO 4217 code of all amounts here; present with any of them.
    pub currency: Option<String>,
    /// Minor units.
    pub price: Option<i64>,
    /// Price before discount, minor units.
    pub list_price: Option<i64>,
    /// Price in the buy box, minor units.
    pub buy_box_price: Option<i64>,
    /// Who holds the buy box.
    pub buy_box_seller: Option<String>,
    /// How the product can be had.
    pub availability: Availability,
    /// Whether it can be bought now.
    pub in_stock: Option<bool>,
    /// Units left, where the source tells.
    pub stock_quantity: Option<i32>,
    /// Ranks, the root category first.
    pub ranks: Vec<CategoryRank>,
    /// Hundredths of a star, 0 to 500.
    pub rating_hundredths: Option<i32>,
    /// Number of ratings or reviews.
    pub review_count: Option<i32>,
}

impl Values {
    /// The rank in the root category.
    #[must_use]
    pub fn rank(&self) -> Option<i32> {
        self.ranks.first().map(|entry| entry.rank)
    }

    /// An amount of these values as money.
    #[must_use]
    pub fn money(&self, minor: Option<i64>) -> Option<Money> {
        let currency = Currency::parse(self.currency.as_deref()?).ok()?;
        Some(Money::from_minor(minor?, currency))
    }
}

/// One listing at one instant, ready for history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which listing.
    pub listing: ListingRef,
    /// For a variant: the external id of its parent.
    pub parent_external_id: Option<String>,
    /// When it was seen.
    pub observed_at: DateTime<Utc>,
    /// The figures.
    pub values: Values,
    /// What the listing says of itself; `None` when the crawl did not learn it.
    pub content: Option<Content>,
}

/// How far in the future an observation may claim to be, for clocks that disagree.
pub const MAX_CLOCK_SKEW: Duration = Duration::minutes(5);

/// Why an observation is not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its instant lies more than [`MAX_CLOCK_SKEW`] ahead.
    #[error("observed in the future ({0})")]
    InTheFuture(DateTime<Utc>),
    /// An amount without a currency, or with one that does not exist.
    #[error("amount without a known currency")]
    NoCurrency,
    /// A zero or negative price: no shop sells at that, a broken page does.
    #[error("price is not positive")]
    PriceNotPositive,
    /// A figure outside its range.
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
    /// Says it is offered but names no price.
    #[error("offered without a price")]
    OfferedWithoutPrice,
    /// Says there is no offer, or that it was not looked at, but names a price.
    #[error("a price without an offer")]
    PriceWithoutOffer,
}

impl Refusal {
    /// A stable word for what is wrong: refusals are counted by it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InTheFuture(_) => "in_the_future",
            Self::NoCurrency => "no_currency",
            Self::PriceNotPositive => "price_not_positive",
            Self::OutOfRange(_) => "out_of_range",
            Self::OfferedWithoutPrice => "offered_without_price",
            Self::PriceWithoutOffer => "price_without_offer",
        }
    }
}

/// Whether an observation may enter history. `now` is the receiver's clock.
pub fn check(
    observed_at: DateTime<Utc>,
    values: &Values,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if observed_at > now + MAX_CLOCK_SKEW {
        return Err(Refusal::InTheFuture(observed_at));
    }
    let amounts = [values.price, values.list_price, values.buy_box_price];
    if amounts.iter().any(Option::is_some) {
        let code = values.currency.as_deref().ok_or(Refusal::NoCurrency)?;
        Currency::parse(code).map_err(|_| Refusal::NoCurrency)?;
    }
    if amounts.into_iter().flatten().any(|amount| amount <= 0) {
        return Err(Refusal::PriceNotPositive);
    }
    match (values.offer, values.price) {
        (Offer::Offered, None) => return Err(Refusal::OfferedWithoutPrice),
        (Offer::None | Offer::NotCollected, Some(_)) => return Err(Refusal::PriceWithoutOffer),
        _ => {}
    }
    if values.ranks.iter().any(|entry| entry.rank < 1) {
        return Err(Refusal::OutOfRange("rank"));
    }
    if values.stock_quantity.is_some_and(|stock| stock < 0) {
        return Err(Refusal::OutOfRange("stock_quantity"));
    }
    if values.review_count.is_some_and(|count| count < 0) {
        return Err(Refusal::OutOfRange("review_count"));
    }
    if values
        .rating_hundredths
        .is_some_and(|rating| !(0..=500).contains(&rating))
    {
        return Err(Refusal::OutOfRange("rating"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(price: i64) -> Values {
        Values {
            offer: Offer::Offered,
            currency: Some("USD".into()),
            price: Some(price),
            ..Values::default()
        }
    }

    #[test]
    fn a_zero_price_is_refused() {
        let now = Utc::now();
        assert_eq!(check(now, &offered(0), now), Err(Refusal::PriceNotPositive));
        assert_eq!(check(now, &offered(1), now), Ok(()));
    }

    #[test]
    fn the_future_is_refused_beyond_the_skew() {
        let now = Utc::now();
        let late = now + Duration::minutes(6);
        assert_eq!(
            check(late, &offered(1), now),
            Err(Refusal::InTheFuture(late))
        );
        assert_eq!(check(now + Duration::minutes(4), &offered(1), now), Ok(()));
    }

    #[test]
    fn offer_and_price_must_agree() {
        let now = Utc::now();
        let mut values = offered(100);
        values.offer = Offer::None;
        assert_eq!(check(now, &values, now), Err(Refusal::PriceWithoutOffer));
        values.price = None;
        assert_eq!(check(now, &values, now), Ok(()));
    }
}
