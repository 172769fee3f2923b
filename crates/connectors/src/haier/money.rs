//! The platform's only currency, which it never names.

use domain::money::{Currency, Money};
use rust_decimal::Decimal;

use crate::currency;

/// The marketplace.
pub(super) const MARKETPLACE: &str = "CN";

/// An amount in yuan, noise below the fen rounded away; `None` when it cannot be one.
pub(super) fn cny(amount: Decimal) -> Option<Money> {
    let currency = yuan()?;
    Money::from_major(amount.round_dp(currency.exponent()), currency).ok()
}

fn yuan() -> Option<Currency> {
    currency::of_marketplace(MARKETPLACE)
}
